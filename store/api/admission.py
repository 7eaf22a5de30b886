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
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.http.problem import Kind, Problem, Words
from store import viewers
from store.api.snapshot import snapshot
from store.viewers import Known

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
    found = await viewers.find(conn, operator_id)
    if found is None:
        raise Problem(OPERATOR_UNKNOWN)
    if found.operator.disabled:
        raise Problem(OPERATOR_DISABLED)
    return found
