"""A right withdrawn ends what a connection shows within a second, counters and typing included (AD2, AD3)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from shared.bus.connection import Broker
from shared.contract.feed import Sight
from shared.contract.live import Typing
from tests.integration.desk.browser import Socket, Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_store import ScriptedStore
from tests.integration.desk.test_messages import announce, heard_by

WITHIN_SECONDS = 1.0
WITHDRAWN: dict[str, dict[str, Any]] = {
    "an account": {"accounts": ("webchat.other",)},
    "others' conversations": {"without": ("others.read",), "accounts": ("webchat.main", "webchat.other")},
}


async def frames_for(socket: Socket, seconds: float) -> list[dict[str, Any]]:
    """Everything that comes in this time but the beat."""
    frames: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(seconds):
            while True:
                frames.append((await socket.socket.receive()).json())
    except TimeoutError:
        return [one for one in frames if one["t"] not in ("head", "late")]


@pytest.mark.feature("AD2", "AD3")
@pytest.mark.parametrize("what", WITHDRAWN)
async def test_what_is_withdrawn_is_not_shown_any_more(
    desk: Workplace, store: ScriptedStore, bus: Broker, what: str
) -> None:
    """Though the store is slow: it has counted what was seen before, and takes long to say what is now."""
    anna, boris = store.add(Person("anna")), store.add(Person("boris"))
    hidden = store.put_conversation(assignee=boris.operator_id)
    dialog_id = UUID(store.conversations[hidden]["dialog_id"])
    async with await desk.signed_in(anna) as browser:
        socket = await browser.connect()
        await socket.next("hello")
        await heard_by(bus, [socket], Typing(dialog_id=dialog_id, by="client", on=True))
        store.delays = {"/v1/folders": 0.6, "/v1/viewer": 0.3}
        store.put_conversation(assignee=boris.operator_id, id_=hidden)
        await socket.next("delta")
        await asyncio.sleep(0.1)  # the counters are on their way now, of what was seen until now
        socket.others.clear()
        store.change_access(anna, **WITHDRAWN[what])
        store.put_conversation(assignee=boris.operator_id, id_=hidden)
        await asyncio.sleep(0.1)
        announce(bus, Typing(dialog_id=dialog_id, by="client", on=False))
        resync = await socket.next("resync", seconds=WITHIN_SECONDS)
        told = socket.others + await frames_for(socket, 1.0)
        assert not [one for one in told if one["t"] != "typing" or one["on"] is False], told
        store.delays = {}
        await socket.socket.send_json({"t": "resume", "seq": store.head, "access": resync["access"]})
        await socket.next("hello")
        store.put_conversation(assignee=boris.operator_id, id_=hidden)
        shown = store.put_conversation("webchat.other")
        assert (await socket.next("delta"))["id"] == str(shown)
        assert (await socket.saw("counters"))["folders"][0]["total"] == 1


@pytest.mark.feature("AD2", "AD3")
async def test_what_was_offered_and_recalled_goes(desk: Workplace, store: ScriptedStore) -> None:
    """An offer shows another's conversation to whom it is made, by name or by group, while it stands."""
    anna = store.add(Person("anna", without=("others.read",), groups=("sales",)))
    boris = store.add(Person("boris"))
    his = store.put_conversation(assignee=boris.operator_id)
    async with await desk.signed_in(anna) as browser:
        socket = await browser.connect()
        await socket.next("hello")
        for offer in ({"offered_to": anna.operator_id}, {"offered_group": "sales"}):
            store.put_conversation(assignee=boris.operator_id, id_=his, **offer)
            assert (await socket.next("delta"))["state"] is not None
            store.put_conversation(assignee=boris.operator_id, id_=his)
            assert (await socket.next("delta"))["state"] is None
        store.put_conversation(assignee=boris.operator_id, id_=his, offered_group="support")
        store.say("template", "boris's", after=Sight(operator_id=boris.operator_id))
        store.say("template", "hers", after=Sight(operator_id=anna.operator_id))
        assert (await socket.next("delta"))["id"] == "hers"
