"""A small IMAP server of one folder that misbehaves as it is told, where a real one cannot be brought to it.

    server = ImapScript(mails=[raw, raw])
    server.idle = "bye"          # goodbye in the place of `+ idling`
    server.idle = "close"        # the connection ends without a word, while somebody listens
    server.idle = "absent"       # it cannot push at all
    server.number_behind = True  # the UID stands behind the mail
    server.arrives = raw         # comes while a search is answered: told then, and never again
    server.withholds = {2}       # listed, and never given

It refuses a CHARSET in a search, as some do. `said` is what clients said.
"""

import asyncio
import re
import ssl
from types import TracebackType
from typing import Literal, Self

_COMMAND = re.compile(rb"(\S+) (UID )?(\S+) ?(.*)\r\n", re.DOTALL)


class ImapScript:
    """Listens while entered."""

    def __init__(self, mails: list[bytes] | None = None) -> None:
        self.mails = list(mails or [])
        self.port = 0
        self.idle: Literal["push", "bye", "close", "absent"] = "push"
        self.number_behind = False
        self.arrives: bytes | None = None
        self.withholds: set[int] = set()
        self.said: list[str] = []
        self.connections = 0
        self.tls: ssl.SSLContext | None = None
        self._server: asyncio.Server | None = None
        self._news = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()

    def deliver(self, raw: bytes) -> None:
        self.mails.append(raw)
        self._news.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            writer.write(b"* OK ready\r\n")
            while line := await reader.readline():
                self.said.append(line.decode().strip())
                if not await self._answer(line, reader, writer):
                    break
        except ConnectionError:
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _answer(self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection goes on."""
        found = _COMMAND.fullmatch(line)
        assert found, line
        tag, verb, rest = found[1], found[3].upper(), found[4]
        if verb == b"IDLE":
            return await self._idle(tag, reader, writer)
        writer.write(self._said(verb, rest))
        bad = verb == b"SEARCH" and b"CHARSET" in rest.upper()
        writer.write(tag + (b" BAD no such charset\r\n" if bad else b" OK done\r\n"))
        return verb != b"LOGOUT"

    def _said(self, verb: bytes, rest: bytes) -> bytes:
        match verb:
            case b"CAPABILITY":
                idle = b"" if self.idle == "absent" else b" IDLE"
                return b"* CAPABILITY IMAP4rev1" + idle + b"\r\n"
            case b"SELECT":
                self._news.clear()
                count = len(self.mails)
                return b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT %d] x\r\n" % (
                    count,
                    count + 1,
                )
            case b"SEARCH":
                return self._searched(rest)
            case b"FETCH":
                named, _, items = rest.partition(b" ")
                return b"".join(self._fetched(int(uid), items) for uid in named.split(b","))
        return b""

    def _searched(self, rest: bytes) -> bytes:
        found = re.match(rb"UID (\d+)(:\*)?", rest)
        uids = list(range(1, len(self.mails) + 1))
        if found and found[2]:
            uids = [uid for uid in uids if uid >= int(found[1])] or uids[-1:]
        elif found:
            uids = [uid for uid in uids if uid == int(found[1])]
        answer = b"* SEARCH " + b" ".join(b"%d" % uid for uid in uids) + b"\r\n"
        if self.arrives is not None:
            self.mails.append(self.arrives)
            self.arrives = None
            answer += b"* %d EXISTS\r\n" % len(self.mails)
        return answer

    def _fetched(self, uid: int, items: bytes) -> bytes:
        raw = self.mails[uid - 1]
        if b"BODY" not in items:
            date = b'"21-Nov-2026 10:00:00 +0300"'
            return b"* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE %s)\r\n" % (uid, uid, len(raw), date)
        if uid in self.withholds:
            return b""
        if self.number_behind:
            return b"* %d FETCH (BODY[] {%d}\r\n%s UID %d)\r\n" % (uid, len(raw), raw, uid)
        return b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, uid, len(raw), raw)

    async def _idle(self, tag: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if self.idle == "bye":
            writer.write(b"* BYE too many of you\r\n")
            await reader.read()  # and nothing more, ever
            return False
        writer.write(b"+ idling\r\n")
        await writer.drain()
        if self.idle == "close":
            return False
        done = asyncio.ensure_future(reader.readline())
        news = asyncio.ensure_future(self._news.wait())
        await asyncio.wait({done, news}, return_when=asyncio.FIRST_COMPLETED)
        if self._news.is_set() and not done.done():
            self._news.clear()
            writer.write(b"* %d EXISTS\r\n" % len(self.mails))
        news.cancel()
        self.said.append((await done).decode().strip())
        writer.write(tag + b" OK idled\r\n")
        return True
