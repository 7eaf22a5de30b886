"""Writing first (MS12): a message to somebody who did not ask, and the conversation that it begins."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from gateways.desk.api.acting import Wish, act, write_row
from gateways.desk.api.addressing import Copies, Subject, addresses
from gateways.desk.api.desk import Desk
from gateways.desk.api.messages import LONGEST_TEXT, Filled
from gateways.desk.api.shown import Written
from shared.contract.commands import StartConversation
from shared.contract.content import Content, Part, Template, Text
from shared.http.route import Call, Reply, Routes


class FirstWords(Wish):
    """`id` is the message's too. Of a mail: `subject` and `cc`."""

    account: str = Field(max_length=100, description="`channel.account`; its capabilities say `addresses`")
    address: str = Field(min_length=1, max_length=500, description="a phone, an e-mail, the provider's id")
    name: str | None = Field(default=None, max_length=200, description="of somebody who is not known yet")
    text: str = Field(default="", max_length=LONGEST_TEXT)
    template: Filled | None = Field(default=None, description="instead of words")
    subject: Subject | None = None
    cc: Copies = ()


class FirstMessagesNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        return (
            write_row(
                "/conversations", "start_conversation", "reply", FirstWords, self.start,
                "Write first: the conversation is mine at once; one that is open there goes on. "
                "The answer is the message",
                params=None,
            ),
        )  # fmt: skip

    async def start(self, call: Call[None, FirstWords]) -> Reply[Written]:
        said = call.body
        parts: list[Part] = [Template(**said.template.model_dump())] if said.template else []
        if said.text.strip() or not parts:
            parts.append(Text(text=said.text))
        content = Content(parts=tuple(parts), subject=said.subject or None, cc=addresses(said.cc))
        about: dict[str, Any] = said.model_dump(include={"account", "address", "name"})
        return await act(
            self._desk, call,
            lambda common: StartConversation(**common, **about, message_id=said.id, content=content),
            subject=f"account:{said.account}", entity="message", entity_id=str(said.id),
        )  # fmt: skip
