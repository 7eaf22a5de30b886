"""Poison of twenty kinds among good messages, one in a hundred: the neighbours arrive, the poison is parked.

Eighteen kinds say nothing that can be read. Two are sound and meet a bug of ours, which is planted in the
routers (SWITCHBOARD_FAULT_ON): one raises, one ends the process; after the fix they are replayed and arrive.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.bus.connection import Broker
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import uuid7
from shared.contract import ids
from shared.contract.inbound import MessageHeard
from shared.failure import MAX_ATTEMPTS
from shared.topology import INBOUND, ROUTER_INBOUND, inbound_key
from tests.faults.oracle import Verdict, compare, text_of
from tests.faults.poison import KILLS, RAISES, Poison, enveloped, heard, stumbling, undecodable
from tests.faults.town import Town
from tests.support.operator import Operator
from tests.support.session import Session
from tests.support.waiting import eventually

DIALOGS = 50
GOOD = 2000
KINDS = 20
A_SECOND = 300
ARRIVE_SECONDS = 180
"""The one that ends its process ends six, each after a lease has run out."""
KEY = inbound_key("message", "webchat", "main")


@pytest.mark.timeout(600)
@pytest.mark.feature("BY12")
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_poison(servers: Session, database: str, tmp_path: Path) -> None:
    planted = f"raise:{RAISES},kill:{KILLS}"
    async with Town(
        servers, database, tmp_path, name="poison", proxied=False, planted=planted
    ) as town, Watch(town) as watch:  # fmt: skip
        operator = await town.operator("anna")
        chats = [uuid7().hex for _ in range(DIALOGS)]
        poisons = [*undecodable(), *stumbling(uuid7().hex)]
        assert len(poisons) == KINDS
        await publish(town, chats, poisons)

        parked = await eventually(lambda: all_parked(town), seconds=ARRIVE_SECONDS, every_seconds=1)
        verdict = await eventually(lambda: good(operator, chats), seconds=60, every_seconds=1)
        print(f"\n{GOOD} good messages and {KINDS} poisons in {DIALOGS + 2} dialogs")
        print(
            f"  neighbours: n {verdict.compared}, lost {verdict.lost}, duplicated {verdict.duplicated}, "
            f"out of order {verdict.reordered}, unexpected {verdict.unexpected}"
        )
        await check_parked(town, poisons, parked)
        print(
            f"  routers ended by the poison: {watch.deaths} times with 137; attempts counted: {MAX_ATTEMPTS}"
        )
        assert watch.deaths == MAX_ATTEMPTS + 1, "one in its first batch, then one for each attempt"

        await mend(town, watch)
        mended = [poison for poison in poisons if poison.dialog_id is not None]
        ids_ = [row["parked_id"] for row in parked if int(row["message_id"]) >= KINDS - len(mended)]
        await town.stack.say("store-write", "parked", "replay", *ids_)
        for poison in mended:
            assert poison.dialog_id is not None
            texts = await eventually(partial(arrived, operator, poison.dialog_id, 2), seconds=30)
            print(f"  replayed after the fix: {poison.kind}: {texts}")
            assert sorted(texts) == sorted([poison.text, "right behind it"])
        left = await town.one(
            "store", "SELECT count(*) FROM parked WHERE replayed_at IS NULL AND discarded_at IS NULL"
        )
        assert left == KINDS - len(mended)
        assert watch.deaths == MAX_ATTEMPTS + 1, "a router ended after the fix"
        assert len(town.stack.logs("service_failed")) == 0


class Watch:
    """Starts routers again as soon as they end, as a supervisor does; counts those that ended with 137."""

    def __init__(self, town: Town) -> None:
        self.deaths = 0
        self.paused = False
        self._town = town
        self._group = asyncio.TaskGroup()

    async def __aenter__(self) -> Watch:
        await self._group.__aenter__()
        self._task = self._group.create_task(self._run())
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._task.cancel()
        await self._group.__aexit__(*error)

    async def _run(self) -> None:
        while True:
            for router in self._town.members("router"):
                if not router.alive and not self.paused:
                    code = await router.ended()
                    assert code == 137, f"{router.name} ended with {code}:\n{router.tail()}"
                    self.deaths += 1
                    router.start()
            await asyncio.sleep(0.1)


async def publish(town: Town, chats: Sequence[str], poisons: Sequence[Poison]) -> None:
    """Good ones in turn over the dialogs, a poison after each hundred, one more behind each that stumbles."""
    apart = GOOD // len(poisons)
    async with Broker(town.amqp_url, name="test-gateway") as broker:
        publisher = Publisher(broker)
        for number in range(GOOD):
            chat = chats[number % len(chats)]
            await publisher.publish(_fact(heard(chat, str(number), f"{chat}:{number}")))
            if number % apart == apart - 1:
                poison = poisons[number // apart]
                await publisher.publish(
                    Outgoing(INBOUND, KEY, poison.body, str(number // apart), "inbound.message.v1")
                )
                if poison.dialog_id is not None:
                    chat = json.loads(poison.body)["data"]["dialog"]["chat"]
                    await publisher.publish(_fact(heard(chat, "behind", "right behind it")))
            await asyncio.sleep(1 / A_SECOND)


def _fact(fact: MessageHeard) -> Outgoing:
    return Outgoing(INBOUND, KEY, enveloped(fact), str(fact.message_id), fact.TYPE)


async def all_parked(town: Town) -> list[dict[str, Any]]:
    """What the command line lists, once all of it is there."""
    listed = json.loads(await town.stack.say("store-write", "parked", "--json", "list", "--limit", "500"))
    rows: list[dict[str, Any]] = listed["parked"]
    assert len(rows) >= KINDS, f"parked so far: {len(rows)}"
    return rows


async def check_parked(town: Town, poisons: Sequence[Poison], rows: Sequence[dict[str, Any]]) -> None:
    """Each poison once, from its queue, with its reason, its error and its bytes."""
    by_id = {row["message_id"]: row for row in rows}
    assert Counter(row["message_id"] for row in rows) == {str(number): 1 for number in range(len(poisons))}
    for number, poison in enumerate(poisons):
        row = by_id[str(number)]
        error = str(await town.one("store", f"SELECT error FROM parked WHERE message_id = '{number}'"))
        print(f"  parked: {poison.kind:<26} {row['reason']:<12} {error.splitlines()[-1][:90]}")
        assert row["queue"] == ROUTER_INBOUND.name
        assert row["reason"] == poison.reason, poison.kind
        assert error.startswith(poison.error), poison.kind
        assert row["size_bytes"] == len(poison.body), poison.kind


async def good(operator: Operator, chats: Sequence[str]) -> Verdict:
    """The dialogs of the neighbours, whole and in order."""
    whole = Verdict()
    conversations = await by_dialog(operator)
    for index, chat in enumerate(chats):
        said = [f"{chat}:{number}" for number in range(index, GOOD, len(chats))]
        found = await texts_of(operator, conversations[str(ids.dialog_id("webchat", "main", chat))])
        whole.add(compare(f"dialog {index}", said, set(said), found))
    assert whole.mistakes == 0, whole.where[:10]
    assert whole.compared == GOOD
    return whole


async def arrived(operator: Operator, dialog: UUID | None, count: int) -> list[str]:
    """The words of a dialog in the order of its history, once there are so many."""
    texts = await texts_of(operator, (await by_dialog(operator))[str(dialog)])
    assert len(texts) >= count, f"dialog {dialog} has {len(texts)} of {count}"
    return texts


async def by_dialog(operator: Operator) -> dict[str, str]:
    """The open conversation of each dialog."""
    return {one["dialog_id"]: one["conversation_id"] for one in await operator.conversations("all")}


async def texts_of(operator: Operator, conversation: str) -> list[str]:
    lines = await operator.history(conversation)
    return [text_of(line) for line in lines if line["kind"] == "message"]


async def mend(town: Town, watch: Watch) -> None:
    """The routers are replaced by mended ones, one after the other."""
    watch.paused = True
    for router in town.members("router"):
        code, _ = await router.stop()
        assert code == 0
        router.start(SWITCHBOARD_FAULT_ON="")
        await router.ready()
    watch.paused = False
