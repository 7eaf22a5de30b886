"""A connection to a mailbox: aioimaplib, and every guard that it needs. Nothing else imports that library.

    open → log in → select → after(uid) → sizes → bodies … → wait_for_news → after(uid) …

Every call ends: with an answer, or with `Unreachable`, `TooSlow` or `Broken` when the server is silent, says
goodbye or the connection is gone, of which the library itself tells nobody who waits. After any of them, or a
cancellation, the connection is only good for being closed.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self, TypeVar

from aioimaplib import aioimaplib  # type: ignore[import-untyped]  # it has no types

from gateways.email import answers
from gateways.email.answers import Size
from gateways.email.login import LoginRefused
from gateways.kit.unfetched import Broken, TooSlow, Unfetched, Unreachable

AT_ONCE: Final = 100
"""Mails of one command: the library answers each line of a chunk within the last one, so a chunk of very many
lines would end the interpreter's patience."""
SLOWEST_BYTES_PER_SECOND: Final = 50_000
BYE_SECONDS: Final = 1.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as it is: `next_uid` is what the next mail will have."""

    validity: int
    next_uid: int


class _Protocol(aioimaplib.IMAP4ClientProtocol):  # type: ignore[misc]  # as above
    """Tells of new mails whenever the server does, and of goodbyes; ends a refused log-in by token."""

    news = False
    mails = 0
    """As many as the server last said: some say it with every answer."""

    def _untagged_response(self, line: bytes) -> Any:
        if counted := answers.counted(line):
            self.news = self.news or counted.mails > self.mails
            self.mails = counted.mails if counted.exist else max(0, self.mails - 1)
        if line.upper().startswith(b"* BYE") and self.conn_lost_cb is not None:
            self.conn_lost_cb(None)
        return super()._untagged_response(line)

    def _continuation(self, line: bytes) -> None:
        pending = self.pending_sync_command
        if pending is not None and pending.name == "AUTHENTICATE":
            self.send("")  # the server says why not, and waits for this
        super()._continuation(line)


class _Client(aioimaplib.IMAP4):  # type: ignore[misc]  # as above
    """With the protocol above, in TLS or without."""

    def create_client(
        self,
        host: str,
        port: int,
        _loop: asyncio.AbstractEventLoop | None,
        conn_lost_cb: Callable[[Exception | None], None] | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        running = asyncio.get_running_loop()
        self.protocol = _Protocol(running, conn_lost_cb)
        self._client_task = running.create_task(
            running.create_connection(lambda: self.protocol, host, port, ssl=ssl_context)
        )

    def give_up(self) -> None:
        """Ends what the library began and would leave running."""
        if not self._client_task.done():
            self._client_task.cancel()
        elif not self._client_task.cancelled():
            self._client_task.exception()
        for task in (*self.tasks, *self.protocol.tasks):
            task.cancel()
        if self._idle_waiter is not None:
            self._idle_waiter.cancel()
        if self.protocol.transport is not None:
            self.protocol.transport.abort()


class Connection:
    """`open` it; one command at a time."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, answer_seconds: float) -> None:
        self._lost = asyncio.Event()
        self._patience = answer_seconds
        self._pushes = False
        self._client = _Client(
            host, port, timeout=answer_seconds, conn_lost_cb=lambda _error: self._lost.set(), ssl_context=tls
        )

    @classmethod
    async def open(cls, host: str, port: int, tls: ssl.SSLContext | None, answer_seconds: float) -> Self:
        connection = cls(host, port, tls, answer_seconds)
        try:
            await connection._ask(connection._client.wait_hello_from_server())
        except BaseException:
            connection.close()
            raise
        connection._stay_awake()
        return connection

    async def log_in(self, user: str, password: str) -> None:
        """Raises `LoginRefused`."""
        if not (user + password).isprintable():
            raise LoginRefused("user or password hold what no log-in can")
        response = await self._ask(self._client.login(answers.quoted(user), password))
        await self._logged_in(response)

    async def log_in_by_token(self, user: str, token: str) -> None:
        """OAuth2. Raises `LoginRefused`."""
        if not (user + token).isascii():
            raise LoginRefused("user or token hold what no log-in can")
        response = await self._ask(self._client.xoauth2(user, token))
        await self._logged_in(response)

    async def select(self, folder: str) -> Selected:
        lines = self._good(await self._ask(self._client.select(answers.folder_name(folder))), folder)
        self._client.protocol.news = False
        validity = answers.number(lines, b"UIDVALIDITY")
        next_uid = answers.number(lines, b"UIDNEXT")
        if validity is None:
            raise Broken("The mail server gives its mails no lasting numbers.")
        if next_uid is None:
            next_uid = max(await self._search("ALL"), default=0) + 1
        return Selected(validity, next_uid)

    async def after(self, uid: int) -> list[int]:
        """The mails above this number, in order. (`n:*` names the last one too, whatever its number.)"""
        self._client.protocol.news = False
        return [one for one in await self._search(f"UID {uid + 1}:*") if one > uid]

    async def since(self, day: datetime) -> list[int]:
        """The mails that came on this day or later."""
        return await self._search(f"SINCE {answers.day(day)}")

    async def has(self, uid: int) -> bool:
        return uid in await self._search(f"UID {uid}")

    async def find(self, message_id: str) -> bool:
        """Whether the folder holds a mail of this Message-ID."""
        return bool(await self._search(f"HEADER Message-ID {answers.quoted(message_id)}"))

    async def sizes(self, uids: Sequence[int]) -> dict[int, Size]:
        """Bytes and arrival of mails that are still there."""
        lines = await self._fetch(uids, "(UID RFC822.SIZE INTERNALDATE)", 0)
        return answers.sizes(lines)

    async def bodies(self, uids: Sequence[int], size: int) -> dict[int, bytes]:
        """Whole mails, `size` bytes in all; nobody's mark of having seen them changes."""
        return answers.bodies(await self._fetch(uids, "(UID BODY.PEEK[])", size))

    async def headers(self, uid: int) -> bytes:
        lines = await self._fetch([uid], "(UID BODY.PEEK[HEADER])", 0)
        return answers.bodies(lines).get(uid, b"")

    async def append(self, folder: str, raw: bytes) -> None:
        """One more mail in a folder, seen already."""
        seconds = self._patience + len(raw) / SLOWEST_BYTES_PER_SECOND
        client = self._client.protocol
        response = client.append(raw, answers.folder_name(folder), flags=r"(\Seen)", timeout=seconds)
        self._good(await self._ask(response, seconds), folder)

    async def wait_for_news(self, listen_seconds: float, poll_seconds: float) -> bool:
        """Returns when there may be something new: True, or False when the time is over."""
        if self._client.protocol.news:
            return True
        if not self._pushes:
            return await self._wait_and_look(poll_seconds)
        try:
            idle = await self._ask(self._client.idle_start(listen_seconds + 60))
        except aioimaplib.Abort:
            self._pushes = False
            return await self._wait_and_look(poll_seconds)
        try:
            pushed = await self._ask(self._pushed(listen_seconds), listen_seconds + self._patience)
        finally:
            if not self._lost.is_set():
                self._client.idle_done()
        await self._ask(_result(idle))
        return pushed or self._client.protocol.news

    def close(self) -> None:
        """At once; the server is told where that costs nothing."""
        with suppress(Exception):
            if not self._lost.is_set():
                self._client.protocol.send(f"{self._client.protocol.new_tag()} LOGOUT")
        self._client.give_up()

    async def _pushed(self, seconds: float) -> bool:
        try:
            await self._client.wait_server_push(seconds)
        except TimeoutError:
            return False
        return True

    async def _wait_and_look(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._lost.wait()
        self._good(await self._ask(self._client.noop()), "")
        return self._client.protocol.news

    async def _logged_in(self, response: Any) -> None:
        words = answers.words(response.lines)
        if response.result != "OK":
            if answers.passing(words):
                raise Unreachable("The mail server lets nobody in for a while.")
            raise LoginRefused(words)
        await self._ask(self._client.protocol.capability())
        self._pushes = self._client.has_capability("IDLE")

    async def _search(self, criteria: str) -> list[int]:
        response = await self._ask(self._client.uid_search(criteria, charset=None))
        return answers.numbers(self._good(response, ""))

    async def _fetch(self, uids: Sequence[int], items: str, size: int) -> list[Any]:
        if len(uids) > AT_ONCE:
            raise ValueError(f"more than {AT_ONCE} mails at once")
        named = ",".join(str(uid) for uid in uids)
        seconds = self._patience + size / SLOWEST_BYTES_PER_SECOND
        return self._good(await self._ask(self._client.uid("fetch", named, items), seconds), "")

    def _good(self, response: Any, about: str) -> list[Any]:
        if response.result != "OK":
            words = answers.words(response.lines)
            raise Broken(f"The mail server refuses{' ' + about if about else ''}: {words}")
        return list(response.lines)

    async def _ask(self, call: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        """What it returns, unless the connection ends first or nothing comes in time."""
        asked = asyncio.ensure_future(call)
        lost = asyncio.ensure_future(self._lost.wait())
        try:
            async with asyncio.timeout(self._patience if seconds is None else seconds):
                await asyncio.wait({asked, lost}, return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                return asked.result()
            raise Unreachable("The mail server closed the connection.")
        except aioimaplib.Abort:
            raise
        except Exception as error:  # noqa: BLE001  # it goes on, as one of ours
            raise _failed(error) from None
        finally:
            lost.cancel()
            await _ended(asked)

    def _stay_awake(self) -> None:
        """So that the system notices a peer that is gone without a word."""
        transport = self._client.protocol.transport
        raw: socket.socket | None = transport.get_extra_info("socket") if transport else None
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)


async def _ended(task: asyncio.Future[Any]) -> None:
    """Cancelled if it was not done; what it ended with is nobody's any more."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()


async def _result(future: asyncio.Future[T]) -> T:
    return await future


def _failed(error: Exception) -> Exception:
    match error:
        case Unfetched():
            return error
        case TimeoutError() | aioimaplib.CommandTimeout():
            return TooSlow("The mail server does not answer.")
        case OSError():
            return Unreachable(f"No connection to the mail server ({type(error).__name__}).")
        case aioimaplib.AioImapException():
            return Broken("The mail server says what nobody understands.")
    return error
