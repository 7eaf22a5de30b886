"""BY17: one trace from the visitor's frame to the operator's screen, and one from the answer to the widget.

Each stage says its name once in the logs of its service, under the trace's id.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.trace import new_trace, trace_id
from tests.acceptance.pages.place import ON_THE_STREET, Place
from tests.support.live_client import LiveClient
from tests.support.operator import Operator
from tests.support.stack import Stack
from tests.support.waiting import eventually

pytestmark = [ON_THE_STREET, pytest.mark.timeout(150)]

INWARDS = {
    "visitor_frame_accepted": "webchat",
    "fact_published": "webchat",
    "decided": "router",
    "stored": "store-writer",
    "delta_sent": "desk",
}
OUTWARDS = {
    "command_received": "desk",
    "decided": "router",
    "send_started": "webchat",
    "message_sent": "webchat",
    "frame_pushed": "webchat",
    "stored": "store-writer",
    "delta_sent": "desk",
}


def stages(stack: Stack, trace: str) -> dict[str, str]:
    """Event → service of every line that was written under a trace."""
    return {line["event"]: line["service"] for line in stack.logs() if line.get("trace_id") == trace}


async def reaches(stack: Stack, trace: str, expected: dict[str, str]) -> None:
    def all_there() -> bool:
        seen = stages(stack, trace)
        assert expected.items() <= seen.items(), f"missing: {expected.items() - seen.items()}, seen: {seen}"
        return True

    await eventually(all_there, seconds=15, every_seconds=0.2)


@pytest.mark.feature("BY17")
async def test_one_trace_there_and_one_back(place: Place) -> None:
    there, back = new_trace(), new_trace()
    stack, anna = place.stack, await place.operator("anna")
    async with (
        place.visiting() as visitor,
        LiveClient(stack.desk_url, anna.login, anna.password) as screen,
        Operator([stack.desk_url], anna.login, anna.password) as hands,
    ):
        said = await visitor.say("Where is my order?", traceparent=there)
        await eventually(lambda: shown(screen, said["id"]))
        assert {trace_id(delta["traceparent"]) for delta in shown(screen, said["id"])} == {trace_id(there)}
        await reaches(stack, trace_id(there), INWARDS)

        conversation = (await hands.conversations("new"))[0]["conversation_id"]
        hands.headers = {"traceparent": back}
        await hands.reply(conversation, "On its way")
        await eventually(lambda: [one for one in visitor.received if one["from"] == "operator"])
        answer = visitor.received[-1]
        assert trace_id(answer["traceparent"]) == trace_id(back)
        await reaches(stack, trace_id(back), OUTWARDS)
    assert "Where is my order" not in json.dumps(stack.last_words())


def shown(screen: LiveClient, message_id: str) -> list[dict[str, Any]]:
    """The deltas that brought a message to the screen."""
    return [delta for delta in screen.deltas if delta["id"] == message_id and delta["what"] != "state"]
