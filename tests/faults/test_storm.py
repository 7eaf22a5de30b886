"""Sixty seconds of a hundred messages a second, while every process is killed or frozen: nothing is lost.

SWITCHBOARD_TEST_STORM_SECONDS shortens it while one develops, SWITCHBOARD_TEST_SEED repeats one.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.faults.chaos import What
from tests.faults.storm import Scene
from tests.faults.town import Town
from tests.support.session import Session
from tests.support.stack import KINDS

SECONDS = float(os.environ.get("SWITCHBOARD_TEST_STORM_SECONDS") or 60)
RATE = float(os.environ.get("SWITCHBOARD_TEST_STORM_RATE") or 100)
DIALOGS = int(RATE)
LATE_SECONDS = min(20.0, SECONDS / 3)
QUIET_SECONDS = 120
PLAN: tuple[What, ...] = ("kill late", "kill", "freeze", "freeze")
TAKEOVER_SECONDS = 10.0


async def storm(town: Town, folder: Path) -> None:
    """The same on both databases."""
    async with Scene(town, f"storm-{town.database}", folder, dialogs=DIALOGS) as scene:
        await scene.begin()
        chaos = scene.chaos
        chaos.late_seconds = LATE_SECONDS
        async with scene.talking(SECONDS, per_second=RATE, reopen=0.2), asyncio.TaskGroup() as group:
            small = [
                group.create_task(chaos.cut_visitors(scene.guests, 1.0)),
                group.create_task(chaos.reset_links(3.0)),
            ]
            async with asyncio.TaskGroup() as parts:
                for kind in KINDS:
                    parts.create_task(chaos.torment(kind, PLAN))
                parts.create_task(broker_in_the_middle(scene))
            for task in small:
                task.cancel()
        await scene.quiet(QUIET_SECONDS)
        await scene.judge()
        for kind in KINDS:
            for what in PLAN:
                assert chaos.count(what, kind) >= PLAN.count(what), f"{kind} was not struck by {what}"
        assert chaos.struck() == set(town.stack.members), "a process was spared"
        assert chaos.count("broker") == 1
        assert chaos.count("cut") > SECONDS / 4
        assert scene.ledger.count("accepted") >= SECONDS * RATE
        if town.links:
            assert chaos.count("reset") > SECONDS / 12
            assert chaos.takeovers, "the active router was never struck"
            slow = [one for one in chaos.takeovers if one.seconds > TAKEOVER_SECONDS]
            assert not slow, f"a standby decides within {TAKEOVER_SECONDS:g} s: {slow}"
        assert scene.tally.repeated_frames > SECONDS * RATE / 100
        assert scene.tally.repeated_commands > SECONDS * RATE / 40
        assert len(scene.tally.contests) > DIALOGS


async def broker_in_the_middle(scene: Scene) -> None:
    await asyncio.sleep(SECONDS * 0.4)
    await scene.chaos.kill_broker()


@pytest.mark.timeout(600)
@pytest.mark.feature("LC3", "LC7")
@pytest.mark.parametrize("database", ["postgresql", "sqlite"], indirect=True)
async def test_storm(servers: Session, database: str, tmp_path: Path) -> None:
    async with Town(servers, database, tmp_path, name=f"storm-{database}") as town:
        await storm(town, tmp_path)
