"""Folders, conversations, their history, and what an operator does in them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal
from uuid import UUID

from pydantic import UUID7, Field

from gateways.desk import words
from gateways.desk.acts import Act
from gateways.desk.admission import SignedIn
from gateways.desk.api.desk import ACCEPTED, Desk, written
from gateways.desk.api.shown import ConversationPage, Entity, Folders, HistoryPage, Written
from shared.contract.commands import (
    AcceptConversation,
    CloseConversation,
    MarkUnread,
    OfConversation,
    PostMessage,
    ReadConversation,
)
from shared.contract.content import Content, Text
from shared.contract.feed import Entity as EntityName
from shared.http.problem import CONFLICT, NOT_FOUND
from shared.http.route import SESSION, Call, Input, Reply, Route, Routes

Handler = Callable[[Call[Any, Any]], Awaitable[Reply[Written]]]
Folder = Literal["new", "mine", "others", "all", "closed"]


class Listing(Input):
    folder: Folder = "all"
    account: str | None = Field(default=None, max_length=100)
    after: str | None = Field(default=None, max_length=500)
    limit: int = Field(default=50, ge=1, le=100)


class One(Input):
    conversation_id: UUID


class Reading(One):
    before: int | None = Field(default=None, ge=0)
    after: int | None = Field(default=None, ge=0)
    limit: int = Field(default=50, ge=1, le=200)


class Wish(Input):
    """`id` is made by the page; repeated, it is the same act."""

    id: UUID7


class Closing(Wish):
    category: str | None = Field(default=None, max_length=200)


class ReadUpTo(Wish):
    up_to: int = Field(ge=0)


class Words(Wish):
    """`id` is the message's too; `seen_up_to` is the position of the last line that the author saw."""

    text: str = Field(max_length=50_000)
    seen_up_to: int | None = Field(default=None, ge=0)


class ConversationsNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        one = "/conversations/{conversation_id}"
        return (
            Route(
                "GET", "/folders", "folders", SESSION,
                returns=Folders, handler=self.folders, summary="Folders with their counters",
            ),
            Route(
                "GET", "/conversations", "conversations", SESSION,
                params=Listing, returns=ConversationPage, handler=self.listing,
                summary="Conversations of a folder, newest first",
            ),
            Route(
                "GET", one, "conversation", SESSION,
                params=One, returns=Entity, handler=self.one, summary="A conversation", errors=(NOT_FOUND,),
            ),
            Route(
                "GET", f"{one}/history", "history", SESSION,
                params=Reading, returns=HistoryPage, handler=self.history,
                summary="Lines of its dialog, oldest first", errors=(NOT_FOUND,),
            ),
            self._write(f"{one}/accept", "accept", "take", Wish, self.accept, "Take it from New"),
            self._write(f"{one}/close", "close", "close", Closing, self.close, "Close it"),
            self._write(f"{one}/read", "read", SESSION, ReadUpTo, self.read, "I have read up to a line"),
            self._write(f"{one}/unread", "unread", SESSION, Wish, self.unread, "Mark it as unread"),
            self._write(f"{one}/messages", "reply", "reply", Words, self.reply, "Answer; takes it"),
        )  # fmt: skip

    def _write(
        self,
        path: str,
        name: str,
        right: str,
        body: type[Wish],
        handler: Callable[[Call[Any, Any]], Awaitable[Reply[Written]]],
        summary: str,
    ) -> Route[One, Wish]:
        return Route(
            "POST", path, name, right,
            params=One, body=body, returns=Written, handler=handler, summary=summary,
            errors=(NOT_FOUND, CONFLICT, words.UNDECIDED), other_statuses=(ACCEPTED,),
            body_limit=256 * 1024,
        )  # fmt: skip

    async def folders(self, call: Call[None, None]) -> Folders:
        return await self._desk.read(call, "/v1/folders", Folders)

    async def listing(self, call: Call[Listing, None]) -> ConversationPage:
        return await self._desk.read(call, "/v1/conversations", ConversationPage)

    async def one(self, call: Call[One, None]) -> Entity:
        return await self._desk.read(call, f"/v1/conversations/{call.params.conversation_id}", Entity)

    async def history(self, call: Call[Reading, None]) -> HistoryPage:
        path = f"/v1/conversations/{call.params.conversation_id}/history"
        return await self._desk.read(call, path, HistoryPage)

    async def accept(self, call: Call[One, Wish]) -> Reply[Written]:
        received_at = self._desk.clock.now()
        return await self._act(call, lambda common: AcceptConversation(**common, received_at=received_at))

    async def close(self, call: Call[One, Closing]) -> Reply[Written]:
        return await self._act(call, lambda common: CloseConversation(**common, category=call.body.category))

    async def read(self, call: Call[One, ReadUpTo]) -> Reply[Written]:
        return await self._act(call, lambda common: ReadConversation(**common, up_to=call.body.up_to))

    async def unread(self, call: Call[One, Wish]) -> Reply[Written]:
        return await self._act(call, lambda common: MarkUnread(**common))

    async def reply(self, call: Call[One, Words]) -> Reply[Written]:
        said = call.body

        def command(common: dict[str, Any]) -> PostMessage:
            return PostMessage(
                **common,
                message_id=said.id,
                content=Content(parts=(Text(text=said.text),)),
                seen_up_to=said.seen_up_to,
            )

        return await self._act(call, command, entity="message", entity_id=str(said.id))

    async def _act(
        self,
        call: Call[One, Any],
        command: Callable[[dict[str, Any]], OfConversation],
        *,
        entity: EntityName = "conversation",
        entity_id: str | None = None,
    ) -> Reply[Written]:
        """Sends the command about this conversation and waits for its effect."""
        who: SignedIn = call.principal
        conversation_id = call.params.conversation_id
        dialog_id = await self._desk.dialogs.of(conversation_id, who)
        actor, deadline = self._desk.acts.begin(who)
        common: dict[str, Any] = {
            "actor": actor,
            "deadline": deadline,
            "dialog_id": dialog_id,
            "conversation_id": conversation_id,
        }
        act = Act(
            id=call.body.id,
            who=who,
            command=command(common),
            subject=str(dialog_id),
            entity=entity,
            entity_id=entity_id or str(conversation_id),
            traceparent=call.traceparent,
        )
        return written(await self._desk.acts.carry_out(act))
