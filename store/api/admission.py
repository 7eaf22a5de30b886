"""Who asks: a service by its token, and for which operator (`X-Operator`). What they may see is read anew.

Without an operator a service sees what is no conversation's: the feed, operators, groups, accounts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final
from uuid import UUID

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.access import Viewer, allowed_accounts
from shared.contract.rights import Right
from shared.http.problem import Kind, Problem, Words
from store.api.snapshot import snapshot
from store.tables import accounts, operators
from store.views import OperatorView

SERVICE: Final = "service"
"""The right of a service that asks for itself."""

OPERATOR_UNKNOWN: Final = Kind(
    "operator_unknown", 403, Words("There is no such operator.", "Такого оператора нет.")
)
OPERATOR_DISABLED: Final = Kind(
    "operator_disabled", 403, Words("This operator is switched off.", "Этот оператор отключён.")
)
OPERATOR_NEEDED: Final = Kind(
    "operator_needed",
    400,
    Words("Say for which operator you ask.", "Укажите, для какого оператора запрос."),
    Words("Send X-Operator with the operator's id.", "Пришлите X-Operator с номером оператора."),
)


@dataclass(frozen=True, slots=True)
class Asker:
    """`operator_id` is none for a service that asks for itself."""

    operator_id: UUID | None
    rights: frozenset[str]

    @property
    def id(self) -> object:
        return self.operator_id or SERVICE


@dataclass(frozen=True, slots=True)
class Known:
    """An operator and what they may see, as of the transaction that read it."""

    operator: OperatorView
    viewer: Viewer


class Admission:
    """`Authenticate` of the HTTP layer; the token is read anew each time, so it can be rotated."""

    def __init__(self, engine: AsyncEngine, token: Callable[[], str]) -> None:
        self._engine = engine
        self._token = token

    async def __call__(self, request: web.Request) -> Asker | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not compare_digest(token.encode(), self._token().encode()):
            return None
        named = request.headers.get("X-Operator")
        if named is None:
            return Asker(None, frozenset({SERVICE}))
        try:
            operator_id = UUID(named)
        except ValueError:
            raise Problem(OPERATOR_UNKNOWN) from None
        async with snapshot(self._engine) as conn:
            found = await known(conn, operator_id)
        return Asker(operator_id, frozenset(found.viewer.rights))


async def known(conn: AsyncConnection, operator_id: UUID | None) -> Known:
    """The operator as of this transaction; a problem where there is none, or who is switched off."""
    if operator_id is None:
        raise Problem(OPERATOR_NEEDED)
    row = (
        (await conn.execute(select(operators).where(operators.c.operator_id == operator_id)))
        .mappings()
        .first()
    )
    if row is None:
        raise Problem(OPERATOR_UNKNOWN)
    if row["disabled"]:
        raise Problem(OPERATOR_DISABLED)
    listed = (
        await conn.execute(select(accounts.c.account, accounts.c.groups, accounts.c.access_version))
    ).all()
    rights: frozenset[Right] = frozenset(row["rights"])
    members = {one.account: frozenset(one.groups) for one in listed}
    visible = allowed_accounts(row["accounts"], row["groups"], members)
    version = row["access_version"] + sum(one.access_version for one in listed)
    return Known(OperatorView.model_validate(row), Viewer(operator_id, rights, visible, version))
