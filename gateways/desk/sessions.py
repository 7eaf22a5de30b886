"""Sessions, one-time tickets for live connections, and known browsers.

A token is 256 random bits and only its SHA-256 is kept: who reads the database cannot sign in with it.
A session ends when it is revoked, when nobody used it for `idle`, and in any case after `longest`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.desk.tables import devices, sessions, tickets
from shared.db.dialect import insert

TICKET_LIFE: Final = timedelta(seconds=30)
DEVICE_LIFE: Final = timedelta(days=180)
SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly the last use is known: a write a minute, not one a request."""


@dataclass(frozen=True, slots=True)
class Life:
    """How long sessions live."""

    idle: timedelta
    longest: timedelta

    def over(self, now: datetime) -> ColumnElement[bool]:
        return (sessions.c.seen_at < now - self.idle) | (sessions.c.created_at < now - self.longest)


@dataclass(frozen=True, slots=True)
class Session:
    session_id: UUID
    operator_id: UUID
    seen_at: datetime


def new_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


async def begin(conn: AsyncConnection, operator_id: UUID, token: str, now: datetime) -> Session:
    session = Session(uuid4(), operator_id, now)
    await conn.execute(
        insert(conn, sessions).values(
            session_id=session.session_id,
            token_hash=token_hash(token),
            operator_id=operator_id,
            created_at=now,
            seen_at=now,
        )
    )
    return session


async def find(conn: AsyncConnection, token: str, life: Life, now: datetime) -> Session | None:
    query = select(sessions.c.session_id, sessions.c.operator_id, sessions.c.seen_at)
    found = await conn.execute(query.where(sessions.c.token_hash == token_hash(token), ~life.over(now)))
    row = found.first()
    return None if row is None else Session(row.session_id, row.operator_id, row.seen_at)


async def seen(conn: AsyncConnection, session_id: UUID, now: datetime) -> None:
    await conn.execute(update(sessions).where(sessions.c.session_id == session_id).values(seen_at=now))


async def alive(conn: AsyncConnection, ids: Iterable[UUID], life: Life, now: datetime) -> set[UUID]:
    """Which of these sessions are still good."""
    query = select(sessions.c.session_id).where(sessions.c.session_id.in_(list(ids)), ~life.over(now))
    return set((await conn.execute(query)).scalars())


async def revoke(conn: AsyncConnection, session_id: UUID) -> None:
    await conn.execute(delete(sessions).where(sessions.c.session_id == session_id))


async def any_of(conn: AsyncConnection, operator_id: UUID, life: Life, now: datetime) -> bool:
    """Whether an operator has any session left."""
    query = select(sessions.c.session_id).where(sessions.c.operator_id == operator_id, ~life.over(now))
    return (await conn.execute(query.limit(1))).first() is not None


async def revoke_token(conn: AsyncConnection, token: str) -> None:
    await conn.execute(delete(sessions).where(sessions.c.token_hash == token_hash(token)))


async def revoke_of(conn: AsyncConnection, operator_id: UUID) -> int:
    """Ends all sessions of an operator; says how many."""
    return (await conn.execute(delete(sessions).where(sessions.c.operator_id == operator_id))).rowcount


async def give_ticket(conn: AsyncConnection, session_id: UUID, ticket: str, now: datetime) -> None:
    await conn.execute(
        insert(conn, tickets).values(
            ticket_hash=token_hash(ticket), session_id=session_id, expires_at=now + TICKET_LIFE
        )
    )


async def take_ticket(conn: AsyncConnection, ticket: str, life: Life, now: datetime) -> Session | None:
    """The session of a ticket, which is gone now; None for one that is unknown, used or too old."""
    mine = tickets.c.ticket_hash == token_hash(ticket)
    gone = await conn.execute(
        delete(tickets).where(mine).returning(tickets.c.session_id, tickets.c.expires_at)
    )
    row = gone.first()
    if row is None or row.expires_at <= now:
        return None
    query = select(sessions.c.session_id, sessions.c.operator_id, sessions.c.seen_at)
    found = await conn.execute(query.where(sessions.c.session_id == row.session_id, ~life.over(now)))
    one = found.first()
    return None if one is None else Session(one.session_id, one.operator_id, one.seen_at)


async def know_device(conn: AsyncConnection, operator_id: UUID, token: str, now: datetime) -> None:
    row = {"device_hash": token_hash(token), "operator_id": operator_id, "seen_at": now}
    fresh = insert(conn, devices).values(**row)
    await conn.execute(
        fresh.on_conflict_do_update(
            index_elements=[devices.c.device_hash], set_={"operator_id": operator_id, "seen_at": now}
        )
    )


async def owner_of_device(conn: AsyncConnection, token: str, now: datetime) -> UUID | None:
    """Whose browser this is."""
    mine = devices.c.device_hash == token_hash(token)
    query = select(devices.c.operator_id).where(mine, devices.c.seen_at > now - DEVICE_LIFE)
    found: UUID | None = (await conn.execute(query)).scalar_one_or_none()
    return found


async def sweep(conn: AsyncConnection, life: Life, now: datetime) -> None:
    """Forgets what has ended by itself."""
    await conn.execute(delete(tickets).where(tickets.c.expires_at <= now))
    await conn.execute(delete(sessions).where(life.over(now)))
    await conn.execute(delete(devices).where(devices.c.seen_at <= now - DEVICE_LIFE))
