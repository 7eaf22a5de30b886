"""Colleagues, groups, accounts, the audit log, and parked messages."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from pydantic import Field

from gateways.desk import words
from gateways.desk.api.acting import Wish, act
from gateways.desk.api.desk import ACCEPTED, Desk
from gateways.desk.api.shown import AccountTemplates, ConversationPage, Entity, Page, Written
from shared.contract.commands import DiscardParked, ReplayParked
from shared.http.problem import CONFLICT, NOT_FOUND
from shared.http.route import SESSION, Call, Input, Reply, Route, Routes


class Older(Input):
    after: str | None = Field(default=None, max_length=500)
    limit: int = Field(default=50, ge=1, le=200)


class OneAccount(Input):
    account: str = Field(max_length=100, description="`channel.account`")


class OneParked(Input):
    parked_id: UUID


class Parked(Wish):
    parked_ids: tuple[UUID, ...] = Field(min_length=1, max_length=500)


class DirectoryNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        return (
            Route(
                "GET", "/operators", "operators", SESSION,
                returns=Page, handler=self.operators, summary="Colleagues",
            ),
            Route("GET", "/groups", "groups", SESSION, returns=Page, handler=self.groups, summary="Groups"),
            Route(
                "GET", "/accounts", "accounts", SESSION,
                returns=Page, handler=self.accounts, summary="Connected accounts and what they can do",
            ),
            Route(
                "GET", "/accounts/{account}/templates", "account_templates", SESSION, params=OneAccount,
                returns=AccountTemplates, handler=self.account_templates,
                summary="Templates that the account's provider approved", errors=(NOT_FOUND,),
            ),
            Route(
                "GET", "/audit", "audit", "audit.read",
                params=Older, returns=ConversationPage, handler=self.audit,
                summary="Administrative acts, newest first",
            ),
            Route(
                "GET", "/parked", "parked", "parked.manage",
                params=Older, returns=ConversationPage, handler=self.parked,
                summary="Messages that were given up on, newest first",
            ),
            Route(
                "GET", "/parked/{parked_id}", "parked_one", "parked.manage",
                params=OneParked, returns=Entity, handler=self.parked_one,
                summary="One of them, without anybody's words", errors=(NOT_FOUND,),
            ),
            Route(
                "POST", "/parked/replay", "replay_parked", "parked.manage",
                body=Parked, returns=Written, handler=self.replay, summary="Send them on their way again",
                errors=(NOT_FOUND, CONFLICT, words.UNDECIDED), other_statuses=(ACCEPTED,),
            ),
            Route(
                "POST", "/parked/discard", "discard_parked", "parked.manage",
                body=Parked, returns=Written, handler=self.discard, summary="Give them up for good",
                errors=(NOT_FOUND, CONFLICT, words.UNDECIDED), other_statuses=(ACCEPTED,),
            ),
        )  # fmt: skip

    async def operators(self, call: Call[None, None]) -> Page:
        return await self._desk.read(call, "/v1/operators", Page)

    async def groups(self, call: Call[None, None]) -> Page:
        return await self._desk.read(call, "/v1/groups", Page)

    async def accounts(self, call: Call[None, None]) -> Page:
        return await self._desk.read(call, "/v1/accounts", Page)

    async def account_templates(self, call: Call[OneAccount, None]) -> AccountTemplates:
        account = quote(call.params.account, safe="")
        return await self._desk.read(call, f"/v1/accounts/{account}/templates", AccountTemplates)

    async def audit(self, call: Call[Older, None]) -> ConversationPage:
        return await self._desk.read(call, "/v1/audit", ConversationPage)

    async def parked(self, call: Call[Older, None]) -> ConversationPage:
        return await self._desk.read(call, "/v1/parked", ConversationPage)

    async def parked_one(self, call: Call[OneParked, None]) -> Entity:
        return await self._desk.read(call, f"/v1/parked/{call.params.parked_id}", Entity)

    async def replay(self, call: Call[None, Parked]) -> Reply[Written]:
        return await self._act(call, ReplayParked)

    async def discard(self, call: Call[None, Parked]) -> Reply[Written]:
        return await self._act(call, DiscardParked)

    async def _act(
        self, call: Call[None, Parked], command: type[ReplayParked | DiscardParked]
    ) -> Reply[Written]:
        these = call.body.parked_ids
        return await act(
            self._desk, call, lambda common: command(**common, parked_ids=these),
            subject="parked", entity="parked",
        )  # fmt: skip
