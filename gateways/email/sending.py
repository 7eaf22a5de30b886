"""Sending one message: its name fixed first, its end known in the end.

begin: thread, Message-ID, limits ─▶ composed ─▶ SMTP up to DATA ─▶ `began_at` ─▶ the mail ─▶ sent ─▶ Sent
  │ an earlier try has begun, and nobody knows its end                │ surely not taken: taken back
  └── after a minute Sent is looked into ─┬─ there: sent
                                          ├─ not there, and the server files what it takes: once more
                                          └─ not there: `Unconfirmed`, for nobody drops repeated mails
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.email import filing, loops, mime, names, outgoing, render, subjects
from gateways.email.accounts import EmailAccount
from gateways.email.loops import Standing
from gateways.email.mime import Loaded, Ready
from gateways.email.outgoing import Outgoing
from gateways.email.render import Composition
from gateways.email.sent import SentFolder
from gateways.email.submission import Doubtful, Submission
from gateways.email.taking import Taking
from gateways.email.thread import Known, Last, Mailbox, Thread, chained
from gateways.kit.attachments import Attachments
from gateways.kit.transactions import Transactions
from shared.clock import Clock
from shared.contract.content import File
from shared.contract.outbound import SendMessage
from shared.db.types import to_micros
from shared.failure import Failure, Rejected, Retryable, Unconfirmed
from shared.log import get_logger

log = get_logger()

TURN_SECONDS: Final = 20.0
"""How long a message waits for one of the account's connections before it is put off."""
PURGE_SECONDS: Final = 3600.0
UNCONFIRMED_WORDS: Final = "The mail server did not confirm it: it may or may not have been sent."


@dataclass(frozen=True, slots=True)
class Means:
    """What sending works with. `box` knows whose threads these are; `sent`: where the account names it."""

    submission: Submission
    sent: SentFolder | None
    taking: Taking
    attachments: Attachments
    transactions: Transactions
    clock: Clock
    look_up_seconds: float


class Sending:
    """One for each account."""

    def __init__(self, account: EmailAccount, means: Means) -> None:
        self._account = account
        self._means = means
        self._turns = asyncio.Semaphore(account.connections)
        self._purged = 0.0

    async def send(self, message: SendMessage) -> str:
        """The Message-ID of what was sent; raises what a connector raises."""
        render.require_possible(message)
        thread, known = await self._begin(message)
        if known.sent or (known.began_at is not None and await self._arrived(known)):
            return known.name
        composed = render.compose(message, self._account, thread, known.name)
        ready = await self._ready(composed)
        await self._hand_over(message.message_id, ready, known)
        await self._remember(message.message_id, thread, known.name)
        if self._means.sent is not None and not self._account.files_sent:
            await self._means.sent.keep(ready.raw)
        return known.name

    async def _begin(self, message: SendMessage) -> tuple[Thread, Outgoing]:
        """The thread and the name of a message, as they stay whatever happens."""
        box = await self._means.taking.box()
        account, now = self._account, to_micros(self._means.clock.now())
        async with self._means.transactions.writing() as conn:
            await self._purge(conn, now)
            thread = await filing.thread_of(conn, account.slug, message.dialog.chat)
            if thread is None:
                thread = await self._first(conn, message, box, now)
            name = names.own_id(box.key, message.message_id, account.domain)
            known = await outgoing.of(conn, message.message_id, name, now)
            if known.new and render.is_automatic(message):
                await self._automatic(conn, thread, now)
            await filing.file_ours(conn, account.slug, known.name, thread.chat, message.message_id)
        return thread, known

    async def _first(self, conn: AsyncConnection, message: SendMessage, box: Mailbox, now: int) -> Thread:
        """The thread that a message of ours begins: its content names whom it goes to."""
        letter, content = message.content.letter, message.content
        if letter is None or not letter.to:
            raise Rejected("no_recipient", "Nobody knows to which address this goes.")
        client, subject, chat = letter.to[0].address.lower(), content.subject or "", message.dialog.chat
        last = Last(
            answer_to=letter.to[0].address,
            subject=subject,
            address=client,
            person=letter.to[0].name,
            cc=tuple((one.address, one.name) for one in (*letter.to[1:], *content.cc)),
        )
        token = names.token_of(box.key, chat)
        thread = Thread(chat, token, client, subject, subjects.bare(subject), now, last)
        learned = Known()
        learned.change(thread)
        for one in (*letter.to, *content.cc):
            learned.join(chat, one.address.lower(), wrote=False)
        await filing.save(conn, self._account.slug, learned)
        return thread

    async def _automatic(self, conn: AsyncConnection, thread: Thread, now: int) -> None:
        """Counts an automatic mail to an address; raises `Rejected` when it gets none."""
        address, slug = thread.last.answer_to.lower(), self._account.slug
        standings = await loops.load(conn, slug, {address, thread.last.address})
        worst = max(standings.values(), key=lambda one: (one.automatic, one.mails), default=Standing())
        own = loops.require_answerable(worst, self._account, now)
        await loops.save(conn, slug, {address: own})

    async def _arrived(self, known: Outgoing) -> bool:
        """Whether an earlier try ended well; raises `Retryable` before its time, or `Unconfirmed`."""
        sent, means = self._means.sent, self._means
        if sent is None:
            raise Unconfirmed(UNCONFIRMED_WORDS)
        waited = (to_micros(means.clock.now()) - (known.began_at or 0)) / 1_000_000
        if waited < means.look_up_seconds:
            raise Retryable(means.look_up_seconds - waited, "dialog")
        found = await sent.holds(known.name)
        log.info("mail_looked_up", account=self._account.slug, found=found)
        if not found and not self._account.files_sent:
            raise Unconfirmed(UNCONFIRMED_WORDS)
        return found

    async def _ready(self, composed: Composition) -> Ready:
        pictures = [await self._loaded(file) for file in composed.pictures]
        files = [await self._loaded(file) for file in composed.files]
        return await asyncio.to_thread(mime.mail_of, composed, pictures, files)

    async def _loaded(self, file: File) -> Loaded:
        attachment = await self._means.attachments.open(file)
        if attachment.size_bytes > render.FILE_BYTES:
            raise Rejected("too_big", "The file is too big for a mail.")
        return Loaded(file, b"".join([chunk async for chunk in attachment.chunks()]))

    async def _hand_over(self, message: UUID, ready: Ready, known: Outgoing) -> None:
        """Returns when the server has it; what was surely not taken is taken back before it is told."""
        means = self._means

        async def begins() -> None:
            async with means.transactions.writing() as conn:
                await outgoing.begin(conn, message, to_micros(means.clock.now()))

        await self._turn()
        try:
            await means.submission.hand_over(ready, begins, known.refusals)
        except Doubtful:
            if means.sent is None:
                raise Unconfirmed(UNCONFIRMED_WORDS) from None
            raise Retryable(means.look_up_seconds, "dialog") from None
        except Failure:
            async with means.transactions.writing() as conn:
                await outgoing.refused(conn, message)
            raise
        finally:
            self._turns.release()

    async def _turn(self) -> None:
        """One of the account's connections, for which nobody waits too long."""
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise Retryable(1.0, "dialog") from None

    async def _remember(self, message: UUID, thread: Thread, name: str) -> None:
        """It was sent, and the thread goes on from it."""
        slug = self._account.slug
        async with self._means.transactions.writing() as conn:
            await outgoing.done(conn, message)
            now = await filing.thread_of(conn, slug, thread.chat) or thread
            last = replace(
                now.last, references=chained(now.last.references, name), name=now.last.name or name
            )
            learned = Known()
            at = max(now.last_at, to_micros(self._means.clock.now()))
            learned.change(replace(now, last=last, last_at=at))
            await filing.save(conn, slug, learned)

    async def _purge(self, conn: AsyncConnection, now: int) -> None:
        if time.monotonic() - self._purged > PURGE_SECONDS:
            await outgoing.purge(conn, now)
            self._purged = time.monotonic()
