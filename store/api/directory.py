"""Operators, groups, statuses, templates, accounts; of accounts, an operator gets those that they may see."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.http.problem import NOT_FOUND, Problem
from shared.http.route import SESSION, Call, Route, Routes
from store import feed, templates
from store.api.admission import OPERATOR_NEEDED, known
from store.api.answers import (
    AccountPage,
    AccountParams,
    AccountTemplatesAnswer,
    GroupPage,
    OperatorPage,
    StatusesAnswer,
    TemplatePage,
)
from store.api.snapshot import snapshot
from store.directory import account_templates, accounts, groups, operators, statuses
from store.views import AccountTemplatesView, AccountView, GroupView, OperatorView, StatusesView


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
                "GET", "/v1/statuses", "statuses", SESSION, returns=StatusesAnswer, handler=self.statuses,
                summary="The table of statuses",
            ),
            Route(
                "GET", "/v1/templates", "templates", SESSION, returns=TemplatePage, handler=self.templates,
                summary="An operator's templates and everybody's, own first", errors=(OPERATOR_NEEDED,),
            ),
            Route(
                "GET", "/v1/accounts", "accounts", SESSION, returns=AccountPage, handler=self.accounts,
                summary="Accounts and what they can do",
            ),
            Route(
                "GET", "/v1/accounts/{account}/templates", "account_templates", SESSION, params=AccountParams,
                returns=AccountTemplatesAnswer, handler=self.account_templates,
                summary="Templates that the account's provider approved", errors=(OPERATOR_NEEDED, NOT_FOUND),
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

    async def statuses(self, call: Call[None, None]) -> StatusesAnswer:  # noqa: ARG002 - the same for everybody
        async with snapshot(self._engine) as conn:
            row = (await conn.execute(select(statuses))).mappings().first()
            view = StatusesView() if row is None else StatusesView.model_validate(row)
            return StatusesAnswer(**view.__dict__, seq=await feed.head(conn))

    async def templates(self, call: Call[None, None]) -> TemplatePage:
        async with snapshot(self._engine) as conn:
            who = await known(conn, call.principal.operator_id)
            items = tuple(await templates.of(conn, who.operator.operator_id))
            return TemplatePage(seq=await feed.head(conn), items=items)

    async def accounts(self, call: Call[None, None]) -> AccountPage:
        async with snapshot(self._engine) as conn:
            query = select(accounts).order_by(accounts.c.account)
            if call.principal.operator_id is not None:
                viewer = (await known(conn, call.principal.operator_id)).viewer
                query = query.where(accounts.c.account.in_(sorted(viewer.accounts)))
            rows = await conn.execute(query)
            items = tuple(AccountView.model_validate(row) for row in rows.mappings())
            return AccountPage(seq=await feed.head(conn), items=items)

    async def account_templates(self, call: Call[AccountParams, None]) -> AccountTemplatesAnswer:
        """Of an account that the operator may see."""
        name = call.params.account
        async with snapshot(self._engine) as conn:
            if name not in (await known(conn, call.principal.operator_id)).viewer.accounts:
                raise Problem(NOT_FOUND)
            found = await conn.execute(select(account_templates).where(account_templates.c.account == name))
            row = found.mappings().first()
            view = AccountTemplatesView.model_validate(row or {"account": name})
            return AccountTemplatesAnswer(**view.__dict__, seq=await feed.head(conn))
