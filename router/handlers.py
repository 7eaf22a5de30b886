"""The router's part of the loop: load what a batch concerns, decide each input in turn, write it at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from router import accounts, beginning, directory, repository, templates
from router.automatic import distribute, timers
from router.batch import Batch
from router.conversation import WORD_OF
from router.dialog import Dialog, Refused
from router.floor import Floor, place
from router.messages import not_connected
from router.presence import Presence
from router.registry import Account, Entity, Registry
from shared.bus.handler import Incoming, Outcome
from shared.bus.outgoing import Outgoing
from shared.clock import Clock
from shared.contract.commands import (
    ROUTER_COMMANDS,
    Command,
    ExplainConversation,
    MoveConversations,
    RenewPresence,
    Resync,
    StartConversation,
)
from shared.contract.envelope import Catalogue, Data, Envelope
from shared.contract.events import ContactFacts
from shared.contract.inbound import (
    FACTS,
    AccountDeclared,
    AccountHealth,
    Fact,
    MessageHeard,
    RequestLeft,
    TemplatesKnown,
)
from shared.log import get_level, get_logger
from shared.topology import COMMANDS, Queue, account_queue
from shared.trace import trace_id

log = get_logger()

CATALOGUE: Final = Catalogue(*FACTS, *ROUTER_COMMANDS, ContactFacts)
"""Everything that the router reads."""

DECLARE_SECONDS: Final = 2.0

OF_DIALOG: Final[tuple[type[Data], ...]] = (MessageHeard, *WORD_OF)
"""Inputs of a dialog: the conversation decides them."""


OF_ACCOUNT: Final = (AccountDeclared, AccountHealth, TemplatesKnown)


class Declares(Protocol):
    """The broker, as far as a handler needs it."""

    @property
    def connected(self) -> bool: ...

    async def declare(self, *queues: Queue) -> None: ...


class RouterHandler:
    """See `shared.bus.handler.Handler`. The registry and presence are its memory."""

    def __init__(self, broker: Declares, clock: Clock) -> None:
        self._broker = broker
        self._clock = clock
        self._registry = Registry()
        self._presence = Presence()
        self._floor = Floor(self._registry)

    async def load(self, conn: AsyncConnection) -> None:
        self._registry = await directory.load_registry(conn, self._clock.now())
        self._presence = await directory.load_presence(conn)
        self._floor = Floor(self._registry)
        async for dialog in repository.standing(conn):
            self._floor.moved(dialog.dialog_id, place(dialog.account, dialog.conversation, dialog.declined))
        await self._declare(self._registry.accounts.values())

    async def handle(self, conn: AsyncConnection, batch: Sequence[Incoming]) -> Outcome:
        work = Batch(self._registry, self._presence, self._floor, self._clock.now())
        ids = {id_ for item in batch for id_ in _dialog_ids(item.envelope.data)}
        if ids:
            work.dialogs = await repository.dialogs_by_id(conn, ids)
        debug = get_level() == "debug"
        for item in batch:
            await self._decide(conn, work, item)
            await distribute(conn, work, str(item.id))
            if debug:
                _log_decided(item)
        return await work.save(conn)

    async def tick(self, conn: AsyncConnection, now: datetime) -> Outcome:
        """Timers. While the broker is away nobody can renew, so nobody is declared absent."""
        if not self._broker.connected:
            return Outcome()
        work = Batch(self._registry, self._presence, self._floor, now)
        work.expiry()
        await timers(conn, work)
        await distribute(conn, work, now.isoformat())
        return await work.save(conn)

    def unroutable(self, message: Outgoing) -> list[Outgoing]:
        return not_connected(message, self._clock.now())

    async def _decide(self, conn: AsyncConnection, work: Batch, item: Incoming) -> None:
        """One input, by its kind."""
        input_, data = item.envelope, item.envelope.data
        if isinstance(data, OF_DIALOG):
            await self._of_dialog(conn, work, input_)
        elif isinstance(data, Resync):
            await work.resync(conn, input_, data)
        elif isinstance(data, MoveConversations):
            work.move(input_, data)
        elif isinstance(data, ExplainConversation):
            work.explanation(input_, data)
        elif isinstance(data, RenewPresence):
            work.renewal(input_, data)
        elif isinstance(data, Command):
            work.administration(input_, data)
        elif isinstance(data, OF_ACCOUNT):
            work.account(input_, await self._account(data))
        elif isinstance(data, RequestLeft):
            work.request(input_, data)
        elif isinstance(data, ContactFacts):
            work.contact(data)
        else:
            work.unknown(input_, is_command=item.delivery.exchange == COMMANDS)

    async def _of_dialog(self, conn: AsyncConnection, work: Batch, input_: Envelope[Data]) -> None:
        """Who writes first names no dialog: which one it is depends on the account as it is by now."""
        data = input_.data
        if not isinstance(data, StartConversation):
            work.conversation(input_, _dialog_id(data))
            return
        try:
            where = beginning.place_of(data, input_.id, self._registry)
        except Refused as refused:
            work.outcome.answers[input_.id] = refused.answer(input_.id)
            return
        if where.dialog_id not in work.dialogs:
            work.dialogs |= await repository.dialogs_by_id(conn, (where.dialog_id,))
        work.dialogs.setdefault(where.dialog_id, Dialog(where))
        work.conversation(input_, where.dialog_id)

    async def _account(self, fact: AccountDeclared | AccountHealth | TemplatesKnown) -> Entity | None:
        """The account, or what it may send, after what its gateway told; none when nothing changes."""
        if isinstance(fact, TemplatesKnown):
            return templates.hear_templates(self._registry, fact)
        if isinstance(fact, AccountHealth):
            return accounts.hear_health(self._registry, fact)
        account = accounts.declare(self._registry, fact)
        if account is not None:
            await self._declare([account])
        return account

    async def _declare(self, known: Iterable[Account]) -> None:
        """The accounts' outbound queues; what is not taken in time is declared at the next connection."""
        queues = [account_queue(account.channel, account.account) for account in known if account.connected]
        if queues:
            with suppress(TimeoutError):
                async with asyncio.timeout(DECLARE_SECONDS):
                    await self._broker.declare(*queues)


def _dialog_ids(data: Any) -> Iterator[UUID]:
    """The dialogs that an input names."""
    if isinstance(data, StartConversation):
        return
    if isinstance(data, OF_DIALOG):
        yield _dialog_id(data)
    elif isinstance(data, ExplainConversation):
        yield data.dialog_id
    elif isinstance(data, MoveConversations):
        for one in data.conversations:
            yield one.dialog_id


def _dialog_id(data: Any) -> UUID:
    """The dialog of an input that has one."""
    return data.dialog.dialog_id if isinstance(data, Fact) else data.dialog_id


def _log_decided(item: Incoming) -> None:
    """The one line of this stage for each message (BY17)."""
    data: Any = item.envelope.data
    message_id = getattr(data, "message_id", None)
    log.debug(
        "decided",
        trace_id=trace_id(item.envelope.traceparent),
        input=item.envelope.type,
        input_id=str(item.id),
        message_id=str(message_id) if message_id else None,
        subject=item.subject,
    )
