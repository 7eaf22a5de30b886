"""What comes back of what we sent: echoes, and receipts that overtake the answer that names their message.

    heard, of an unknown name ──▶ nothing of the dialog is in `sending` ──▶ written elsewhere: passed on
                 │
                 └──▶ something is: look again until it has ended ──▶ its name: ours
                                              └── for too long: `Unavailable`, the provider says it again

What ended in a doubt and is repeated much later holds nobody up: its echo, if there is one, is passed on.

==================  ======================  ==========================================
heard               of a message of ours    of any other
==================  ======================  ==========================================
`MessageHeard`      an echo: dropped        passed on: one of us wrote it elsewhere
`DeliveryReported`  told its `message_id`   passed on: the store may know the name
`ReadUpTo`          passed on               passed on
==================  ======================  ==========================================

A connector's intake gives what it heard to `settled_rows` before it accepts it; so a fact follows the report
of the message that it is about.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeVar, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.kit import ours
from gateways.kit.ours import Message
from gateways.kit.spool import SpoolRow
from shared.contract.envelope import Catalogue, Envelope
from shared.contract.inbound import DeliveryReported, Fact, MessageHeard, ReadUpTo
from shared.contract.people import DialogRef
from shared.db.engine import reading
from shared.failure import Unavailable

LOOK_BACK: Final = 200
"""Messages of ours in a dialog among which a name is looked for; the store knows the older ones."""
LOOK_AGAIN_SECONDS: Final = 0.1
SOON_SECONDS: Final = 90.0
"""A message that is repeated within it is waited for."""
PATIENCE_SECONDS: Final = 8.0
"""Shorter than what providers wait for our answer."""

F = TypeVar("F", bound=Fact)

_CATALOGUE: Final = Catalogue(MessageHeard, DeliveryReported, ReadUpTo)
_BY_US: Final = b'"origin":"external"'
"""In the bytes of an envelope; within a text the quotes would be escaped."""


def _concerned(row: SpoolRow) -> bool:
    """Whether a row may be about a message of ours; the client's own are not even decoded."""
    if row.type == MessageHeard.TYPE:
        return _BY_US in row.body
    return row.type in (DeliveryReported.TYPE, ReadUpTo.TYPE)


def _unended(messages: Sequence[Message]) -> bool:
    """Whether one of them is with the provider, or was when a process ended and is to be repeated."""
    return any(message.state in ("sending", "queued") for message in messages)


def _soon() -> int:
    return int((time.time() + SOON_SECONDS) * 1_000_000)


class Echoes:
    """One for each process; reads the journal that every replica shares."""

    def __init__(self, engine: AsyncEngine, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._engine = engine
        self._patience_seconds = patience_seconds

    async def awaited(self, rows: Sequence[SpoolRow]) -> set[UUID]:
        """Dialogs of these rows in which something may have to wait for the end of a send."""
        dialogs = {row.dialog_id: row.account for row in rows if _concerned(row)}
        if not dialogs:
            return set()
        async with reading(self._engine) as conn:
            return {
                dialog
                for dialog, account in dialogs.items()
                if _unended(await ours.latest(conn, account, dialog, LOOK_BACK, _soon()))
            }

    async def settled_rows(self, rows: Sequence[SpoolRow]) -> list[SpoolRow]:
        """These rows as they are to be accepted, echoes left out. Raises `Unavailable`."""
        settled = [await self._row(row) if _concerned(row) else row for row in rows]
        return [row for row in settled if row is not None]

    async def _row(self, row: SpoolRow) -> SpoolRow | None:
        envelope = cast(Envelope[Fact], _CATALOGUE.decode(row.body, row.type))
        fact = await self.settled(envelope.data)
        if fact is None or fact is envelope.data:
            return None if fact is None else row
        return replace(row, body=envelope.model_copy(update={"data": fact}).encode())

    async def settled(self, fact: F) -> F | None:
        """The fact as it is to be accepted, or none for an echo. Raises `Unavailable`: say it again."""
        match fact:
            case MessageHeard(origin="client") | DeliveryReported(external_id=None):
                return fact
            case MessageHeard(external_id=name):
                return None if await self.ours(fact.dialog, name) else fact
            case DeliveryReported(external_id=str(name), message_id=None):
                ours = await self.ours(fact.dialog, name)
                return fact if ours is None else fact.model_copy(update={"message_id": ours})
            case ReadUpTo(up_to=name):
                await self.ours(fact.dialog, name)
        return fact

    async def ours(self, dialog: DialogRef, external_id: str) -> UUID | None:
        """The message of ours that has this name at the provider; waits while one is on its way."""
        until = time.monotonic() + self._patience_seconds
        while True:
            async with reading(self._engine) as conn:
                known = await ours.latest(conn, dialog.account, dialog.dialog_id, LOOK_BACK, _soon())
            for message in known:
                if external_id in message.external_ids:
                    return message.entry.message_id
            if not _unended(known):
                return None
            if time.monotonic() > until:
                raise Unavailable("a message of this dialog is still with the provider")
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
