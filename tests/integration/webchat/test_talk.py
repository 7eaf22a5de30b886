"""A visitor's words become facts, in order and once; ours reach the visitor's screen."""

import asyncio
import json
from collections.abc import Callable

import pytest

from shared.contract.ids import dialog_id
from tests.support.visitor import Visitor
from tests.support.waiting import eventually
from tests.support.webchat import Replica, Router

pytestmark = pytest.mark.feature("CH1")


async def test_words_become_facts_in_order(
    replica: Replica, router: Router, visitor: Callable[..., Visitor]
) -> None:
    anna = visitor(replica)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(anna.run())
        await anna.welcomed.wait()
        said = [f"word {number} ёж 🦔" for number in range(30)]
        for text in said:
            anna.post(text)
        await eventually(lambda: not anna.unsent)
        await eventually(lambda: router.heard(anna) == said)
        running.cancel()
    assert [ack["seq"] for ack in anna.acked] == list(range(1, 31))
    facts = router.of_type("inbound.message.v1")
    assert [fact["data"]["sequence"] for fact in facts] == list(range(1, 31))
    first = facts[0]
    assert first["id"] == first["data"]["message_id"] == anna.acked[0]["id"]
    assert first["subject"] == str(dialog_id("webchat", "main", anna.visitor))
    assert first["source"] == "webchat/main"
    accepted = replica.logged("visitor_frame_accepted", message_id=first["id"])
    assert accepted
    assert accepted[0]["trace_id"] in first["traceparent"]


async def test_ours_reach_every_tab_and_are_reported(
    replica: Replica, router: Router, visitor: Callable[..., Visitor]
) -> None:
    first, second = visitor(replica), visitor(replica)
    await first.connect()
    second.token = first.token
    async with asyncio.TaskGroup() as group:
        tabs = [group.create_task(first.listen()), group.create_task(second.run())]
        await second.welcomed.wait()
        sent = [await router.send(first.visitor, f"answer {number}") for number in range(20)]
        first.post("thanks")
        await eventually(lambda: len(first.received) == 21 and len(second.received) == 21)
        await eventually(lambda: all(router.outcomes(one) == ["sent"] for one in sent))
        for task in tabs:
            task.cancel()
    for tab in (first, second):
        answers = [entry for entry in tab.received if entry["from"] == "operator"]
        assert [entry["id"] for entry in answers] == [str(one) for one in sent]
        assert [entry["seq"] for entry in tab.received] == list(range(1, 22))
        assert answers[0]["name"] == "Anna"
    assert replica.logged("message_sent", message_id=str(sent[0]), trace_id=sent[0].hex)


async def test_history_on_return(replica: Replica, router: Router, visitor: Callable[..., Visitor]) -> None:
    anna = visitor(replica)
    await anna.connect()
    for number in range(120):
        await router.send(anna.visitor, f"news {number}")
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(anna.listen())
        await eventually(lambda: len(anna.received) == 120, seconds=20)
        listening.cancel()
    fresh = visitor(replica)
    fresh.token = anna.token
    welcome = await fresh.connect()
    assert [entry["text"] for entry in welcome["history"]] == [f"news {number}" for number in range(70, 120)]
    back = visitor(replica)
    back.token, back.last_seq = anna.token, 3
    async with asyncio.TaskGroup() as group:
        running = group.create_task(back.run())
        await eventually(lambda: back.last_seq == 120)
        running.cancel()
    assert [entry["seq"] for entry in back.received] == list(range(4, 121))


async def test_a_repeat_is_acknowledged_and_is_no_second_fact(
    replica: Replica, router: Router, visitor: Callable[..., Visitor]
) -> None:
    anna = visitor(replica)
    await anna.connect()
    frame = json.dumps({"t": "msg", "cid": "a-browser-id-of-its-own", "text": "once"})
    acks = []
    for _ in range(3):
        anna.send_raw(frame)
        acks.append(await anna.hear())
    assert acks[0]["t"] == "ack"
    assert acks[0] == acks[1] == acks[2]
    await anna.connect()
    anna.send_raw(frame)
    assert await anna.hear() == acks[0]
    anna.post("twice")
    await eventually(lambda: router.heard(anna) == ["once", "twice"])
