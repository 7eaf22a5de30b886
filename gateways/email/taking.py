"""A page of mails on its way in: read apart, files kept, then placed and told in one transaction.

raw ──ReadingRoom──▶ Mail ──▶ blobs ──settle──▶ thread, limits, facts     known already: nothing
 └── cannot be read, too large, not given ──▶ a message that says so, with what there is
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.email import filing, loops, names, parse
from gateways.email.accounts import EmailAccount
from gateways.email.keeping import Blob, Kept, kept
from gateways.email.loops import Standing
from gateways.email.mail import Mail, UnreadableMail
from gateways.email.parse import Coming
from gateways.email.thread import Arrived, Known, Mailbox
from gateways.email.threads import place
from gateways.kit.polling import Settle
from gateways.kit.spool import SpoolRow
from gateways.kit.transactions import Transactions
from shared.clock import Clock
from shared.contract.content import LetterMark
from shared.db.engine import reading
from shared.files.blobs import Blobs
from shared.log import get_logger

log = get_logger()

WRITERS: Final = 8
"""Blobs that are written at the same time."""
TOO_BIG_WORDS: Final = "This mail is too big to be fetched, {megabytes:.1f} MB. It lies whole in the mailbox."
_MEGABYTE: Final = 1024 * 1024


class Room(Protocol):
    """Where mails are read without harm to anybody."""

    async def read(self, raw: bytes, *, believed: Collection[str] = ()) -> Mail:
        """Raises `UnreadableMail`."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail as the server gave it. `whole`: else its headers alone; `refused`: why there is nothing."""

    uid: int
    raw: bytes
    size: int
    at: int
    whole: bool = True
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """And what it says; `words`: why nobody could read it."""

    fetched: Fetched
    identity: str
    arrived: Arrived | None
    kept: Kept
    words: str = ""


class Taking:
    """One for each account."""

    def __init__(
        self, account: EmailAccount, room: Room, blobs: Blobs, transactions: Transactions, clock: Clock
    ) -> None:
        self._account = account
        self._room = room
        self._blobs = blobs
        self._transactions = transactions
        self._clock = clock
        self._writers = asyncio.Semaphore(WRITERS)
        self._box: Mailbox | None = None

    async def page(self, fetched: Sequence[Fetched], *, old: int, outside: bool) -> Settle:
        """What settles these mails; their files are safe when it returns."""
        box = await self.box()
        read = await asyncio.gather(*(self._read(one, outside=outside) for one in fetched))
        fresh = [one for one in read if not _own(one, box)]
        async with reading(self._transactions.engine) as conn:
            known = await filing.heard_before(conn, self._account.slug, [one.identity for one in fresh])
        fresh = [one for one in fresh if one.identity not in known]
        await self._keep_all([blob for one in fresh for blob in one.kept.blobs])
        return lambda conn: self._settle(conn, box, fresh, old)

    async def box(self) -> Mailbox:
        """Whose threads these are; the key is made at the first time."""
        if self._box is None:
            async with self._transactions.writing() as conn:
                key = await filing.key_of(conn, self._account.slug)
            self._box = Mailbox(self._account.slug, self._account.address, key)
        return self._box

    async def _read(self, fetched: Fetched, *, outside: bool) -> Read:
        account = self._account
        try:
            if fetched.refused is not None:
                raise UnreadableMail("refused", fetched.refused)
            mail = await self._room.read(fetched.raw, believed=account.believed)
        except UnreadableMail as error:
            log.warning("mail_unreadable", account=account.slug, reason=error.reason, bytes=fetched.size)
            identity = parse.unreadable_identity(fetched.raw or f"refused {fetched.uid}".encode())
            return Read(fetched, identity, None, kept(account.slug, identity, fetched.raw, None), str(error))
        name = names.bounded(mail.message_id) if mail.message_id else None
        identity = parse.identity_of(mail, name)
        if not fetched.whole:
            words = TOO_BIG_WORDS.format(megabytes=fetched.size / _MEGABYTE)
            mail = replace(mail, text=words, reply_text=words, quoted_text="", signature="", html=None)
        arrived = Arrived(mail, identity, name, fetched.at, outside)
        return Read(fetched, identity, arrived, kept(account.slug, identity, fetched.raw, mail))

    async def _keep_all(self, blobs: Sequence[Blob]) -> None:
        """Raises `Unavailable`."""
        try:
            async with asyncio.TaskGroup() as group:
                for blob in blobs:
                    group.create_task(self._keep(blob))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _keep(self, blob: Blob) -> None:
        async with self._writers:
            await self._blobs.put(blob.name, _once(blob.content), limit=len(blob.content))

    async def _settle(
        self, conn: AsyncConnection, box: Mailbox, page: Sequence[Read], old: int
    ) -> list[SpoolRow]:
        """The facts of a page; within the transaction that moves the cursor."""
        slug = self._account.slug
        known = await filing.heard_before(conn, slug, [one.identity for one in page])
        fresh = list({one.identity: one for one in page if one.identity not in known}.values())
        arrived = [one.arrived for one in fresh if one.arrived is not None]
        threads = await filing.known(conn, box, arrived)
        standings = await loops.load(conn, slug, {one.sender for one in arrived})
        at = self._clock.now()
        rows = [
            row
            for one in fresh
            for row in self._facts(one, threads, standings, box, Coming(slug, at, one.fetched.uid <= old))
        ]
        await filing.save(conn, slug, threads, [one.identity for one in fresh])
        await loops.save(conn, slug, standings)
        return rows

    def _facts(
        self, one: Read, threads: Known, standings: dict[str, Standing], box: Mailbox, coming: Coming
    ) -> Iterator[SpoolRow]:
        arrived = one.arrived
        if arrived is None:
            yield parse.unreadable(one.kept, one.identity, one.words, one.fetched.at, coming)
            return
        reports = list(_reported(arrived, threads, coming))
        if reports:
            yield from reports
            return
        technical = False
        if not arrived.outside:
            standing = loops.came(
                standings.get(arrived.sender, Standing()), arrived.mail, self._account, arrived.at
            )
            standings[arrived.sender] = standing
            technical = standing.automatic or loops.too_many(standing, self._account)
        placed = place(arrived, threads, box)
        cut: tuple[LetterMark, ...] = () if one.fetched.whole else ("cut",)
        placed = replace(placed, marks=(*placed.marks, *cut))
        yield parse.message(arrived, placed, one.kept, replace(coming, technical=technical))


def _own(one: Read, box: Mailbox) -> bool:
    """Whether it is a mail of ours that came back: a copy in Sent, or one that was sent to ourselves."""
    arrived = one.arrived
    if arrived is None or arrived.mail.message_id is None:
        return False
    sender = arrived.mail.sender
    ours = names.message_of(box.key, arrived.mail.message_id) is not None
    return ours and sender is not None and names.is_ours(box.address, sender.address)


def _reported(arrived: Arrived, threads: Known, coming: Coming) -> Iterator[SpoolRow]:
    """What reports say of messages of ours that we know; about a copy for somebody else they say nothing."""
    for report in arrived.mail.reports:
        filed = threads.mails.get(names.bounded(report.message_id or ""))
        if filed is None or filed.ours is None:
            continue
        copies = {address.lower() for address, _ in threads.threads[filed.chat].last.cc}
        recipient = (report.recipient or "").lower()
        if recipient in copies and recipient != threads.threads[filed.chat].client:
            continue
        row = parse.delivery(report, filed.ours, filed.chat, coming)
        if row is not None:
            yield row


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
