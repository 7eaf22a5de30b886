"""The store's part of the batch loop: events and commands in, rows and the feed out.

One process is active. Every batch is one transaction: gather, apply in memory, write what changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.bus.consumer import Consumer, Delivery
from shared.bus.handler import Incoming, Outcome
from shared.bus.outgoing import Outgoing
from shared.clock import Clock
from shared.contract.commands import Answer, Command, Refusal
from shared.contract.envelope import Envelope, Unknown
from shared.contract.events import DialogEvent
from shared.log import get_level, get_logger
from shared.metrics import PARKED_MESSAGES
from shared.topology import PARKED, STORE_COMMANDS, STORE_EVENTS
from shared.trace import trace_id
from store import feed, merges, parked, retention, waiting
from store.catalogue import MessageParked
from store.commands import carry_out
from store.episodes import apply
from store.gathering import gather
from store.ledger import Ledger, open_ledger
from store.memory import Memory
from store.projections import PROJECTED, project

log = get_logger()

QUEUES: Final = (STORE_COMMANDS.name, STORE_EVENTS.name, PARKED.name)
HEAD_EVERY: Final = timedelta(seconds=1)
SWEEP_EVERY: Final = timedelta(seconds=10)
FILES_KEPT: Final = timedelta(days=30)


class StoreConsumer(Consumer):
    """The writer's queues; what comes from the parking queue, it may be anything, is put into an envelope."""

    async def next_batch(self, timeout: float | None = None) -> list[Delivery]:
        batch = await super().next_batch(timeout)
        return [parked.readable(one) if one.queue == PARKED.name else one for one in batch]


class StoreWriter:
    """`Handler` of shared.bus.loop; stored files are kept for as long as `files_kept`."""

    def __init__(self, clock: Clock, files_kept: timedelta = FILES_KEPT) -> None:
        self._clock = clock
        self._files_kept = files_kept
        self._memory = Memory()
        self._head_at = self._sweep_at = clock.now()

    async def load(self, conn: AsyncConnection) -> None:  # noqa: ARG002 - the loop's Handler
        """Memory fills again as batches come; the next tick sweeps."""
        self._memory.forget()
        self._sweep_at = self._clock.now()

    async def handle(self, conn: AsyncConnection, batch: Sequence[Incoming]) -> Outcome:
        """A batch in order: its dialog events gathered together, everything applied one by one."""
        self._memory.committed()
        ledger = await open_ledger(conn, self._clock.now())
        outcome = Outcome()
        events = [one.envelope for one in batch if isinstance(one.envelope.data, DialogEvent)]
        if events:
            await gather(conn, ledger, self._memory, cast(list[Envelope[DialogEvent]], events))
        for incoming in batch:
            await self._one(conn, ledger, incoming, outcome)
        if get_level() == "debug":
            _log(batch)
        outcome.outgoing[:0] = await ledger.close(conn)
        if ledger.people.same:
            self._memory.forget()  # rows of people who are somebody else now may stand anywhere in it
        else:
            self._memory.left_by(ledger)
        outcome.hints = ledger.feed.hints()
        if ledger.now >= self._head_at:  # under load ticks are rare
            outcome.hints.append(feed.head_hint(ledger.feed.head))
            self._head_at = ledger.now + HEAD_EVERY
        return outcome

    async def tick(self, conn: AsyncConnection, now: datetime) -> Outcome:
        """The head of the feed each second; every ten, what is too old goes."""
        outcome = Outcome()
        if now >= self._sweep_at:
            outcome = await retention.expire(conn, now, self._files_kept)
            outcome.outgoing += await waiting.expire(conn, now)
            await feed.prune(conn, now - feed.KEPT)
            PARKED_MESSAGES.set(await parked.count_open(conn))
            self._sweep_at = now + SWEEP_EVERY
        outcome.hints.append(feed.head_hint(await feed.head(conn)))
        self._head_at = now + HEAD_EVERY
        return outcome

    def unroutable(self, message: Outgoing) -> list[Outgoing]:  # noqa: ARG002 - the loop's Handler
        """Nothing takes the place of what no queue took: it is parked."""
        return []

    async def _one(self, conn: AsyncConnection, ledger: Ledger, incoming: Incoming, outcome: Outcome) -> None:
        envelope = incoming.envelope
        data = envelope.data
        if isinstance(data, DialogEvent):
            apply(ledger, cast(Envelope[DialogEvent], envelope))
            if ledger.people.joined:
                await merges.carry_out(conn, ledger)
        elif isinstance(data, PROJECTED):
            await project(conn, ledger.feed, envelope)
        elif isinstance(data, MessageParked):
            await parked.keep(conn, ledger.feed, data)
        elif isinstance(data, Command):
            answer, outgoing = await carry_out(conn, ledger, envelope)
            outcome.answers[envelope.id] = answer
            outcome.outgoing += outgoing
        elif isinstance(data, Unknown) and incoming.delivery.queue == STORE_COMMANDS.name:
            refusal = Refusal(code="unknown_command", parameters={"type": envelope.type})
            outcome.answers[envelope.id] = Answer(command_id=envelope.id, ok=False, refusal=refusal)


def _log(batch: Sequence[Incoming]) -> None:
    """A line for each, for traces; only where somebody asked for it: it costs more than the rest."""
    for one in batch:
        message_id = getattr(one.envelope.data, "message_id", one.id)
        trace = trace_id(one.envelope.traceparent)
        log.debug("stored", type=one.envelope.type, message_id=str(message_id), trace_id=trace)
