"""Operators, groups and accounts; an operator sees the accounts that they may see, a service all."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.http.route import SESSION, Call, Route, Routes
from store import feed
from store.api.admission import known
from store.api.answers import AccountPage, GroupPage, OperatorPage
from store.api.snapshot import snapshot
from store.tables import accounts, groups, operators
from store.views import AccountView, GroupView, OperatorView


class DirectoryQueries:
    """The rows of these nouns."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    def rows(self) -> Routes:
        return (
            Route(
                "GET", "/v1/operators", "operators", SESSION, returns=OperatorPage, handler=self.operators,
                summary="Operators, by name",
            ),
            Route(
                "GET", "/v1/groups", "groups", SESSION, returns=GroupPage, handler=self.groups,
                summary="Groups, by name",
            ),
            Route(
                "GET", "/v1/accounts", "accounts", SESSION, returns=AccountPage, handler=self.accounts,
                summary="Accounts and what they can do",
            ),
        )  # fmt: skip

    async def operators(self, call: Call[None, None]) -> OperatorPage:  # noqa: ARG002 - the same for everybody
        async with snapshot(self._engine) as conn:
            rows = await conn.execute(select(operators).order_by(operators.c.name, operators.c.operator_id))
            items = tuple(OperatorView.model_validate(row) for row in rows.mappings())
            return OperatorPage(seq=await feed.head(conn), items=items)

    async def groups(self, call: Call[None, None]) -> GroupPage:  # noqa: ARG002 - the same for everybody
        async with snapshot(self._engine) as conn:
            rows = await conn.execute(select(groups).order_by(groups.c.name, groups.c.slug))
            items = tuple(GroupView.model_validate(row) for row in rows.mappings())
            return GroupPage(seq=await feed.head(conn), items=items)

    async def accounts(self, call: Call[None, None]) -> AccountPage:
        async with snapshot(self._engine) as conn:
            query = select(accounts).order_by(accounts.c.account)
            if call.principal.operator_id is not None:
                viewer = (await known(conn, call.principal.operator_id)).viewer
                query = query.where(accounts.c.account.in_(sorted(viewer.accounts)))
            rows = await conn.execute(query)
            items = tuple(AccountView.model_validate(row) for row in rows.mappings())
            return AccountPage(seq=await feed.head(conn), items=items)
