"""Folders, conversations, their history, and what an operator does with them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateways.desk.api.acting import One, Wish, act_on, write_row
from gateways.desk.api.desk import Desk
from gateways.desk.api.shown import ConversationPage, Entity, Folders, HistoryPage, Written
from shared.contract.commands import (
    AcceptConversation,
    CloseConversation,
    DescribeConversation,
    MarkUnread,
    ReadConversation,
)
from shared.http.problem import NOT_FOUND
from shared.http.route import SESSION, Call, Input, Reply, Route, Routes

Folder = Literal["new", "mine", "group", "others", "all", "closed"]


class Listing(Input):
    folder: Folder = "all"
    account: str | None = Field(default=None, max_length=100)
    name: str | None = Field(
        default=None, max_length=100, description="words with which words of the client's name begin"
    )
    after: str | None = Field(default=None, max_length=500)
    limit: int = Field(default=50, ge=1, le=100)


class Reading(One):
    before: int | None = Field(default=None, ge=0)
    after: int | None = Field(default=None, ge=0)
    limit: int = Field(default=50, ge=1, le=200)


class Closing(Wish):
    category: str | None = Field(default=None, max_length=200)


class Describing(Wish):
    description: str = Field(max_length=2000, description="empty: none")


class ReadUpTo(Wish):
    up_to: int = Field(ge=0)


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
            write_row(f"{one}/accept", "accept", "take", Wish, self.accept, "Take it, or accept an offer"),
            write_row(f"{one}/close", "close", "close", Closing, self.close, "Close it"),
            write_row(f"{one}/read", "read", SESSION, ReadUpTo, self.read, "I have read up to a line"),
            write_row(f"{one}/unread", "unread", SESSION, Wish, self.unread, "Mark it as unread"),
            write_row(
                f"{one}/describe", "describe", SESSION, Describing, self.describe, "Say what it is about"
            ),
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
        return await act_on(
            self._desk, call, lambda common: AcceptConversation(**common, received_at=received_at)
        )

    async def close(self, call: Call[One, Closing]) -> Reply[Written]:
        return await act_on(
            self._desk, call, lambda common: CloseConversation(**common, category=call.body.category)
        )

    async def read(self, call: Call[One, ReadUpTo]) -> Reply[Written]:
        return await act_on(
            self._desk, call, lambda common: ReadConversation(**common, up_to=call.body.up_to)
        )

    async def unread(self, call: Call[One, Wish]) -> Reply[Written]:
        return await act_on(self._desk, call, lambda common: MarkUnread(**common))

    async def describe(self, call: Call[One, Describing]) -> Reply[Written]:
        said = call.body.description
        return await act_on(self._desk, call, lambda common: DescribeConversation(**common, description=said))
