"""Credentials: which login belongs to which operator, and the hash that its password fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.desk.tables import credentials
from shared.db.dialect import insert


@dataclass(frozen=True, slots=True)
class Credential:
    operator_id: UUID
    login: str
    hash: str


def spelled(login: str) -> str:
    """A login as it is kept: people type capitals and spaces around it."""
    return login.strip().lower()


async def find(conn: AsyncConnection, login: str) -> Credential | None:
    query = select(credentials.c.operator_id, credentials.c.login, credentials.c.hash)
    row = (await conn.execute(query.where(credentials.c.login == spelled(login)))).first()
    return None if row is None else Credential(row.operator_id, row.login, row.hash)


async def put(conn: AsyncConnection, credential: Credential, now: datetime) -> None:
    """Sets it; an operator has one, and a login belongs to one."""
    mine = or_(credentials.c.operator_id == credential.operator_id, credentials.c.login == credential.login)
    await conn.execute(credentials.delete().where(mine))
    row = {
        "operator_id": credential.operator_id,
        "login": credential.login,
        "hash": credential.hash,
        "changed_at": now,
    }
    await conn.execute(insert(conn, credentials).values(**row))


async def rehash(conn: AsyncConnection, before: Credential, hash_: str) -> None:
    """The same password under today's parameters, unless it was changed meanwhile."""
    same = (credentials.c.operator_id == before.operator_id) & (credentials.c.hash == before.hash)
    await conn.execute(update(credentials).where(same).values(hash=hash_))
