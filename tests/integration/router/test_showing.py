"""What the client is shown goes out through the queue, in order; the visitor closes the chat (LC8)."""

from typing import Any

import pytest

from shared.clock import SystemClock, uuid7
from shared.contract import commands
from shared.contract.capabilities import Capabilities
from shared.contract.content import text_content
from shared.contract.inbound import ChatClosed
from tests.integration.router.town import Town, ref
from tests.support.waiting import eventually


@pytest.mark.feature("LC8", "MS9")
async def test_read_and_closed_are_shown_and_the_visitor_closes(town: Town) -> None:
    await town.declare_account(capabilities=Capabilities(mark_read=True, closes=True))
    anna = await town.operator("anna")
    await town.hear("Где мой заказ?")
    last = await town.hear("Ау?")
    await town.event("message.received.v1", 2)
    opened = await town.event("conversation.opened.v1")
    about: dict[str, Any] = {
        "dialog_id": ref().dialog_id,
        "conversation_id": opened.data.conversation.conversation_id,
    }
    assert (await town.ask(commands.AcceptConversation, anna, **about)).ok
    assert (await town.ask(commands.ReadConversation, anna, **about, up_to=2)).ok
    said: dict[str, Any] = {"message_id": uuid7(), "content": text_content("Едет")}
    assert (await town.ask(commands.PostMessage, anna, **about, **said)).ok
    assert (await town.ask(commands.CloseConversation, anna, **about)).ok
    await eventually(lambda: len(town.acts) == 3)
    read, message, closing = town.acts
    assert [one.type for one in (read, message, closing)] == [
        "outbound.read.v1",
        "outbound.message.v1",
        "outbound.closing.v1",
    ]
    assert read.data.external_id == last.data.external_id
    assert closing.data.conversation_id == about["conversation_id"]

    await town.hear("Ещё вопрос")
    await town.event("conversation.reopened.v1")
    await town.tell(ChatClosed(dialog=ref(), at=SystemClock().now()), str(ref().dialog_id))
    closed = await town.event("conversation.closed.v1", 2)
    line = await town.event("dialog.closed_by_client.v1")
    assert line.data.version == closed.data.version - 1
    assert closed.data.conversation.closed_by.kind == "client"
    assert len(town.acts) == 3
