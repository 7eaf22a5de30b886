"""Loops are impossible: how much one address may write and get in an hour, and who is answered by no program.

A mail of a program is seen and starts nothing; so is what comes from an address that sends more than a person
does. Nobody automatic is answered automatically, and nobody gets more automatic mails than the limit.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.email.accounts import EmailAccount
from gateways.email.mail import Mail
from gateways.email.tables import senders
from shared.db.dialect import upsert
from shared.db.direct import rows, run
from shared.failure import Rejected

HOUR: Final = 3_600_000_000
"""Microseconds."""

_standings: Final = sa.select(senders).where(
    senders.c.account == sa.bindparam("of", type_=sa.Text),
    senders.c.address.in_(sa.bindparam("wanted", expanding=True)),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one address: mails that came and automatic ones that it got in the hour of this number."""

    hour: int = 0
    mails: int = 0
    automatic: bool = False
    """A program wrote its last mail."""
    answered: int = 0

    def at(self, micros: int) -> Standing:
        """As it stands at this time: every hour begins anew."""
        hour = micros // HOUR
        return self if hour <= self.hour else replace(self, hour=hour, mails=0, answered=0)


def by_program(mail: Mail, account: EmailAccount) -> bool:
    """Whether a program wrote it. What comes through a list of ours was written by people."""
    if mail.kind == "bulk" and mail.list_id is not None and mail.list_id in account.own_lists:
        return mail.looped
    return mail.kind != "message" or mail.looped


def came(standing: Standing, mail: Mail, account: EmailAccount, at: int) -> Standing:
    """After one more mail of the address."""
    now = standing.at(at)
    return replace(now, mails=now.mails + 1, automatic=by_program(mail, account))


def too_many(standing: Standing, account: EmailAccount) -> bool:
    """More than people write."""
    return standing.mails > account.mails_per_hour_from_one


def require_answerable(standing: Standing, account: EmailAccount, at: int) -> Standing:
    """The standing after an automatic mail to the address; raises `Rejected` when it gets none."""
    now = standing.at(at)
    if now.automatic or too_many(now, account):
        raise Rejected(
            "not_answered_automatically", "A program wrote the last mail; it gets no automatic one."
        )
    if now.answered >= account.automatic_per_hour_to_one:
        raise Rejected(
            "not_answered_automatically", "The address has got enough automatic mails in this hour."
        )
    return replace(now, answered=now.answered + 1)


async def load(conn: AsyncConnection, account: str, addresses: Collection[str]) -> dict[str, Standing]:
    """How these addresses stand; who is absent has never written."""
    if not addresses:
        return {}
    found = await rows(conn, _standings, {"of": account, "wanted": sorted(addresses)})
    return {row.address: Standing(row.hour, row.mails, bool(row.automatic), row.answered) for row in found}


async def save(conn: AsyncConnection, account: str, changed: dict[str, Standing]) -> None:
    written: list[dict[str, Any]] = [
        {
            "account": account,
            "address": address,
            "hour": one.hour,
            "mails": one.mails,
            "automatic": one.automatic,
            "answered": one.answered,
        }
        for address, one in changed.items()
    ]
    if written:
        await run(conn, upsert(conn, senders), written)
