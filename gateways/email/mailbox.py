"""A folder of a mailbox as a source: where we stand in it, what comes next, and waiting for more.

The cursor is `<uidvalidity> <uid> <old>`: everything up to `uid` is safe; what is not above `old` was there
before and is fetched to close a gap. When the validity changes, the numbers mean nothing any more: the last
days are read again, and what is known is recognised by what it says.

    connect → log in → select ──▶ search ──▶ sizes ──▶ mails ──▶ page
                  ▲                  └── nothing ──▶ IDLE, or a poll ──▶ select again
                  └── whatever went wrong: a new connection

While a page is made safe, the next one is fetched already.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Self, TypeAlias

from gateways.email.accounts import EmailAccount
from gateways.email.login import Credentials, Login
from gateways.email.settings import EmailSettings
from gateways.email.taking import Fetched, Taking
from gateways.kit.polling import Page
from shared.clock import Clock
from shared.db.types import to_micros
from shared.log import get_logger

if TYPE_CHECKING:
    from gateways.email.answers import Size
    from gateways.email.imap import Connection, Selected

log = get_logger()

PAGE_MAILS: Final = 100
PAGE_BYTES: Final = 16 * 1024 * 1024
"""Of one page, unless a single mail is larger."""
RESCAN_DAYS: Final = 20
"""Well within the days for which the house knows what it has seen."""
NOT_GIVEN_WORDS: Final = "The mail server does not give this mail to anybody: look for it in the mailbox."

Connect: TypeAlias = Callable[[], Awaitable["Connection"]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where we stand in a folder."""

    validity: int
    uid: int
    old: int

    def text(self) -> str:
        return f"{self.validity} {self.uid} {self.old}"

    @classmethod
    def read(cls, cursor: str) -> Self:
        return cls(*map(int, cursor.split()))


def connecting(account: EmailAccount, settings: EmailSettings, login: Login) -> Connect:
    """How this account's mailbox is opened: a connection that has logged in."""

    async def connect() -> Connection:
        # here and not above: the library is not for the processes of other channels (README.md)
        from gateways.email.imap import Connection as Opened  # noqa: PLC0415

        tls = ssl.create_default_context() if account.imap_security == "tls" else None
        connection = await Opened.open(*account.imap_at, tls, settings.answer_seconds)

        async def attempt(credentials: Credentials) -> None:
            let_in = connection.log_in_by_token if credentials.by_token else connection.log_in
            await let_in(credentials.user, credentials.secret)

        try:
            await login.log_in(attempt)
        except BaseException:
            connection.close()
            raise
        return connection

    return connect


class Folder:
    """`page` is a source's fetch; `close` gives the connection up."""

    def __init__(
        self,
        account: EmailAccount,
        name: str,
        connect: Connect,
        taking: Taking,
        settings: EmailSettings,
        clock: Clock,
    ) -> None:
        self._account = account
        self._name = name
        self._connect = connect
        self._taking = taking
        self._settings = settings
        self._clock = clock
        self._connection: Connection | None = None
        self._selected: Selected | None = None
        self._ahead: tuple[str, asyncio.Task[Page]] | None = None
        """The page after this cursor, on its way; `close` ends it."""
        self._tasks: set[asyncio.Task[Page]] = set()

    async def page(self, cursor: str | None) -> Page:
        """What comes after the cursor; waits for it."""
        try:
            page = await self._page_ahead(cursor)
            if page.settle is not None and page.cursor is not None:
                task = asyncio.create_task(self._page(page.cursor))
                self._tasks.add(task)
                task.add_done_callback(self._looked_at)
                self._ahead = page.cursor, task
        except BaseException:
            self.close()
            raise
        return page

    def close(self) -> None:
        if self._ahead is not None:
            self._ahead[1].cancel()
            self._ahead = None
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    async def ended(self) -> None:
        """Returns when nothing is on its way any more, after `close`."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _looked_at(self, task: asyncio.Task[Page]) -> None:
        """What it failed with is told when the page is asked for, if ever it is."""
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()

    async def _page_ahead(self, cursor: str | None) -> Page:
        """The page that is on its way, if it is this one; of another one nobody wants to hear any more."""
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return await self._page(cursor)
        if ahead[0] == cursor:
            return await ahead[1]
        ahead[1].cancel()
        self.close()
        return await self._page(cursor)

    async def _page(self, cursor: str | None) -> Page:
        connection, selected = await self._opened()
        if cursor is None:
            log.info(
                "mailbox_begun", account=self._account.slug, folder=self._name, mails=selected.next_uid - 1
            )
            return Page(cursor=await self._beginning(connection, selected), more=True)
        place = Place.read(cursor)
        if place.validity != selected.validity:
            log.warning("mailbox_renumbered", account=self._account.slug, folder=self._name)
            return Page(cursor=await self._again(connection, selected, RESCAN_DAYS), more=True)
        uids = await connection.after(place.uid)
        if not uids:
            await self._wait(connection)
            return Page(more=True)
        return await self._fetched(connection, place, uids[:PAGE_MAILS])

    async def _opened(self) -> tuple[Connection, Selected]:
        if self._connection is None:
            self._connection = await self._connect()
            self._selected = None
        if self._selected is None:
            self._selected = await self._connection.select(self._name)
        return self._connection, self._selected

    async def _beginning(self, connection: Connection, selected: Selected) -> str:
        """At the first start: from now on, or some days back."""
        if self._account.history_days:
            return await self._again(connection, selected, self._account.history_days)
        return Place(selected.validity, selected.next_uid - 1, 0).text()

    async def _again(self, connection: Connection, selected: Selected, days: int) -> str:
        """All mails of the last days are old ones."""
        old = await connection.since(self._clock.now() - timedelta(days=days))
        last = selected.next_uid - 1
        return Place(selected.validity, min([*old, selected.next_uid]) - 1, last).text()

    async def _wait(self, connection: Connection) -> None:
        """Until there may be more; after the longest time the folder is opened anew, whatever was told."""
        settings = self._settings
        if not await connection.wait_for_news(settings.idle_seconds, settings.poll_seconds):
            self._selected = None

    async def _fetched(self, connection: Connection, place: Place, uids: Sequence[int]) -> Page:
        sizes = await connection.sizes(uids)
        taken: list[int] = []
        total = 0
        for uid in uids:
            size = sizes[uid].bytes if uid in sizes else 0
            size = size if size <= self._account.largest_bytes else 0
            if taken and total + size > PAGE_BYTES:
                break
            taken.append(uid)
            total += size
        mails = await self._mails(connection, [uid for uid in taken if uid in sizes], sizes)
        outside = self._name == self._account.sent_folder
        settle = await self._taking.page(mails, old=place.old, outside=outside)
        return Page(cursor=Place(place.validity, taken[-1], place.old).text(), more=True, settle=settle)

    async def _mails(
        self, connection: Connection, uids: Sequence[int], sizes: dict[int, Size]
    ) -> list[Fetched]:
        """The mails of these numbers, as far as they are still there; of large ones the headers."""
        whole = [uid for uid in uids if sizes[uid].bytes <= self._account.largest_bytes]
        total = sum(sizes[uid].bytes for uid in whole)
        bodies = await connection.bodies(whole, total) if whole else {}
        fetched: list[Fetched] = []
        for uid in uids:
            size = sizes[uid]
            at = to_micros(size.at or self._clock.now())
            if uid in bodies:
                fetched.append(Fetched(uid, bodies[uid], size.bytes, at))
            elif size.bytes > self._account.largest_bytes:
                fetched.append(Fetched(uid, await connection.headers(uid), size.bytes, at, whole=False))
            elif await connection.has(uid):
                log.error("mail_not_given", account=self._account.slug, folder=self._name, uid=uid)
                fetched.append(Fetched(uid, b"", size.bytes, at, refused=NOT_GIVEN_WORDS))
        return fetched
