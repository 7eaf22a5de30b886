"""Limits of guessing passwords: every one ends by itself, and none can keep an operator out for good.

A try is counted before the password is checked and given back when it was right, so that a thousand tries at
once count as a thousand. From an unknown browser four limits hold: for this login from this address, for this
address, for this login from everywhere, and for everything. A browser from which the operator has signed in
before has a limit of its own and no other: strangers who guess the administrator's password slow themselves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Final

from sqlalchemy import case, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.desk.tables import guesses
from shared.db.dialect import insert

WINDOW: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failed tries within WINDOW. `name` is for the metric; `bucket` is what is counted."""

    name: str
    bucket: str
    tries: int


def limits(login: str, address: str, device: bytes | None) -> tuple[Limit, ...]:
    """What a try is counted under; `device`: the hash of a known browser's token."""
    if device is not None:
        return (Limit("device", f"device {device.hex()}", 10),)
    where = network_of(address)
    return (
        Limit("login_and_address", f"{_named(login)} from {where}", 5),
        Limit("address", f"from {where}", 50),
        Limit("login", _named(login), 30),
        Limit("all", "all", 1000),
    )


def _named(login: str) -> str:
    """The login in quotation marks: whatever somebody types cannot be taken for another bucket."""
    return f"login {json.dumps(login, ensure_ascii=False)}"


def network_of(address: str) -> str:
    """The address itself, of IPv6 its /64: whoever has one has all of it."""
    parsed = ip_address(address)
    if parsed.version == 6:
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


@dataclass(frozen=True, slots=True)
class Refused:
    """Over a limit; `again` is when it ends."""

    limit: Limit
    again: datetime


async def count(conn: AsyncConnection, wanted: Sequence[Limit], now: datetime) -> Refused | None:
    """Counts one try under each limit; the one that is exceeded longest, if any is."""
    refused: Refused | None = None
    for limit in sorted(wanted, key=lambda one: one.bucket):
        stale = guesses.c.since <= now - WINDOW
        fresh = insert(conn, guesses).values(bucket=limit.bucket, tries=1, since=now)
        counted = fresh.on_conflict_do_update(
            index_elements=[guesses.c.bucket],
            set_={
                "tries": case((stale, 1), else_=guesses.c.tries + 1),
                "since": case((stale, fresh.excluded.since), else_=guesses.c.since),
            },
        ).returning(guesses.c.tries, guesses.c.since)
        row = (await conn.execute(counted)).one()
        if row.tries > limit.tries and (refused is None or row.since + WINDOW > refused.again):
            refused = Refused(limit, row.since + WINDOW)
    return refused


async def forgive(conn: AsyncConnection, counted: Sequence[Limit]) -> None:
    """The try was right: give it back, and forget what failed here before."""
    for limit in sorted(counted, key=lambda one: one.bucket):
        mine = guesses.c.bucket == limit.bucket
        if limit.name in ("device", "login_and_address"):
            await conn.execute(delete(guesses).where(mine))
        else:
            await conn.execute(
                update(guesses).where(mine, guesses.c.tries > 0).values(tries=guesses.c.tries - 1)
            )


async def unlock(conn: AsyncConnection, login: str) -> int:
    """Forgets every failed try at a login, and the limit on everything; says how many counts went."""
    everywhere = _named(login)
    mine = (guesses.c.bucket == everywhere) | guesses.c.bucket.startswith(
        f"{everywhere} from ", autoescape=True
    )
    return (await conn.execute(delete(guesses).where(mine | (guesses.c.bucket == "all")))).rowcount


async def sweep(conn: AsyncConnection, now: datetime) -> None:
    await conn.execute(delete(guesses).where(guesses.c.since <= now - WINDOW))
