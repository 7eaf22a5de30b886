"""The active process ends at a chosen point, the other replica is alive, and nobody starts it again for 30 s.

Each point is a run of its own: the standby is armed (SWITCHBOARD_FAULT_AT) and becomes the active one because
the other is stopped in good order and started again; it works for some seconds and ends with 137.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.clock import uuid7
from tests.faults.chaos import Fault
from tests.faults.storm import Scene
from tests.faults.town import Town
from tests.support.member import Member
from tests.support.operator import Operator, Refused
from tests.support.session import Session
from tests.support.waiting import eventually

DIALOGS = 20
RATE = 20
AWAY_SECONDS = 30.0
ARRIVES_SECONDS = 60.0
TAKEOVER_SECONDS = 10.0
QUIET_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Point:
    """Where the process ends, at which arrival there: after some seconds of work at this load."""

    name: str
    nth: int


@dataclass(frozen=True, slots=True)
class Role:
    """A service, and the lease that its active replica holds in whose database."""

    kind: str
    owner: str
    lease: str
    points: tuple[Point, ...]


ROLES = (
    Role(
        "router",
        "router",
        "router",
        (
            Point("after_commit", 80),
            Point("after_publish", 60),
            Point("before_ack", 60),
            Point("before_answer", 40),
        ),
    ),
    Role(
        "store-write",
        "store",
        "store",
        (
            Point("after_commit", 80),
            Point("after_publish", 4),
            Point("before_ack", 60),
            Point("before_answer", 8),
        ),
    ),
    Role(
        "webchat",
        "webchat",
        "webchat.main",
        (Point("in_sending", 40), Point("after_accept_commit", 80), Point("before_visitor_ack", 60)),
    ),
)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.kind)
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_kills_at_chosen_points(servers: Session, database: str, role: Role, tmp_path: Path) -> None:
    async with Town(servers, database, tmp_path, name=f"points-{role.kind}", proxied=False) as town:
        for point in role.points:
            place = f"{role.kind} at {point.name}"
            async with Scene(town, place, tmp_path, dialogs=DIALOGS) as scene:
                await scene.begin()
                async with scene.talking(AWAY_SECONDS, per_second=RATE), asyncio.TaskGroup() as group:
                    beside = [
                        group.create_task(strangers(scene)),
                        group.create_task(asking(scene.operators[0])),
                    ]
                    await end_at(scene, role, point)
                    for task in beside:
                        task.cancel()
                await scene.quiet(QUIET_SECONDS)
                await scene.judge()


async def end_at(scene: Scene, role: Role, point: Point) -> None:
    """Arms the standby, lets it become active, and sees it end there."""
    town, chaos = scene.town, scene.chaos
    active = town.stack.members[await town.owner_of(role.owner, role.lease)]
    (armed,) = [member for member in town.members(role.kind) if member is not active]
    await _restart(armed, SWITCHBOARD_FAULT_AT=f"{point.name}:{point.nth}")
    await _restart(active, SWITCHBOARD_FAULT_AT="")
    at, pid = time.monotonic(), armed.pid
    code = await armed.ended(ARRIVES_SECONDS)
    since, began = datetime.now(UTC), time.monotonic()
    assert code == 137, f"{armed.name} ended with {code}:\n{armed.tail()}"
    assert f"faultpoint {point.name}:{point.nth} reached, pid {pid} ends" in armed.tail()
    assert active.alive, "the other replica was not there"
    decided = await eventually(lambda: scene.tap.decided_since(since), seconds=2 * TAKEOVER_SECONDS)
    assert decided is not None
    seconds = (decided - since).total_seconds()
    await asyncio.sleep(began + AWAY_SECONDS - time.monotonic())
    assert not armed.alive, "somebody started it again"
    chaos.done.append(
        Fault(
            at - chaos.began, "point", f"{armed.name} {point.name}:{point.nth}", time.monotonic() - began,
            f"pid {pid} ended with 137 there; {active.name} (pid {active.pid}) alive; "
            f"the next decision after {seconds:.1f} s",
        )
    )  # fmt: skip
    armed.start(SWITCHBOARD_FAULT_AT="")
    await armed.ready()
    assert seconds <= TAKEOVER_SECONDS


async def strangers(scene: Scene) -> None:
    """Somebody new writes each second: contacts are born."""
    while True:
        await asyncio.sleep(1)
        await scene.newcomer()


async def asking(operator: Operator) -> None:
    """An administrator asks the store for what is not there, and is answered each time."""
    while True:
        try:
            await operator.write("/api/parked/discard", parked_ids=[str(uuid7())])
        except Refused as refusal:
            if refusal.code != "parked_not_found":
                raise
        await asyncio.sleep(0.5)


async def _restart(member: Member, **changes: str) -> None:
    """Stops it in good order; it comes back with other variables."""
    code, _ = await member.stop()
    assert code == 0, f"{member.name} ended with {code} when told to stop:\n{member.tail()}"
    member.start(**changes)
    await member.ready()
