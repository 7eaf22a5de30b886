"""What the batch loop gives to a service and takes from it. The loop knows nothing of router or store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.bus.consumer import Delivery
from shared.bus.outgoing import Outgoing
from shared.contract.commands import Answer
from shared.contract.envelope import Data, Envelope


@dataclass(frozen=True, slots=True)
class Incoming:
    """A delivery and what it says."""

    delivery: Delivery
    envelope: Envelope[Data]

    @property
    def id(self) -> UUID:
        """The key that it is recognised by when it comes again."""
        return self.envelope.id

    @property
    def subject(self) -> str:
        """Whose order it belongs to."""
        return self.envelope.subject


@dataclass(slots=True)
class Outcome:
    """What a batch or a tick led to, beside the rows that the handler wrote itself."""

    outgoing: list[Outgoing] = field(default_factory=list)
    """Persistent messages, published in this order after the commit, through the outbox."""
    answers: dict[UUID, Answer] = field(default_factory=dict)
    """By the command's id: stored with its key and sent to whoever asked."""
    hints: list[Outgoing] = field(default_factory=list)
    """Transient messages, sent after the outgoing ones."""


class Handler(Protocol):
    """A service's part of the loop. All calls come one after another, from the active process only."""

    async def load(self, conn: AsyncConnection) -> None:
        """Build the memory anew: after a takeover, and after any transaction that failed or may have."""
        ...

    async def handle(self, conn: AsyncConnection, batch: Sequence[Incoming]) -> Outcome:
        """Decide a batch inside the fenced transaction; repeated, expired and conflicting ones are not in it.

        An exception other than an outage is a bug: the batch is then tried one by one.
        """
        ...

    async def tick(self, conn: AsyncConnection, now: datetime) -> Outcome:
        """At most once a second, in a transaction of the same kind, after all that was waiting before."""
        ...

    def unroutable(self, message: Outgoing) -> list[Outgoing]:
        """What takes the place of an `outbound` message that no queue took; nothing: it is parked."""
        ...


class Decoder(Protocol):
    """`Catalogue.decode`: raises `Undecodable`; the type is a hint that spares a pass."""

    def __call__(self, body: bytes, type_: str = "", /) -> Envelope[Data]: ...
