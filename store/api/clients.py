"""Who the client of a conversation is: the contact, and every address that is known of them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.contract.people import Actor, Identity
from shared.contract.wire import Utc
from shared.http.problem import NOT_FOUND
from shared.http.route import SESSION, Call, Route, Routes
from store import feed
from store.api import conversations
from store.api.admission import OPERATOR_NEEDED, known
from store.api.answers import OneParams
from store.api.snapshot import snapshot
from store.tables import contacts, identities
from store.views import View

_c: Final = contacts.c


class ClientAnswer(View):
    """Nobody is named where a group talks."""

    seq: int
    contact_id: UUID | None
    client_name: str | None
    client_number: int | None
    identities: tuple[Identity, ...]
    blocked_until: Utc | None = None
    """What they write until then is kept and not shown; past: it is shown again."""
    block_reason: str | None = None
    blocked_by: Actor | None = None


class ClientQueries:
    """The row of this noun."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    def rows(self) -> Routes:
        return (
            Route(
                "GET", "/v1/conversations/{conversation_id}/client", "client", SESSION, params=OneParams,
                returns=ClientAnswer, handler=self.client,
                summary="Who the client is, with every address", errors=(OPERATOR_NEEDED, NOT_FOUND),
            ),
        )  # fmt: skip

    async def client(self, call: Call[OneParams, None]) -> ClientAnswer:
        async with snapshot(self._engine) as conn:
            viewer = (await known(conn, call.principal.operator_id)).viewer
            view = await conversations.one(conn, viewer, call.params.conversation_id)
            query = select(identities.c.known).where(identities.c.contact_id == view.contact_id)
            rows = await conn.execute(query.order_by(identities.c.channel, identities.c.address))
            contact = select(_c.blocked_until, _c.block_reason, _c.blocked_by)
            blocked = await conn.execute(contact.where(_c.contact_id == view.contact_id))
            return ClientAnswer(
                seq=await feed.head(conn),
                contact_id=view.contact_id,
                client_name=view.client_name,
                client_number=view.client_number,
                identities=tuple(Identity.model_validate(row.known) for row in rows),
                **(blocked.mappings().first() or {}),
            )
