"""A wire that can be cut: a TCP relay on a loopback port, in front of a broker or a database."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit


class Relay:
    """`async with Relay(url) as relay`: connect to `relay.url`; `cut` and `mend` it."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._port = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self.connections = 0

    @property
    def url(self) -> str:
        """The same address through the relay."""
        user = self._parts.netloc.rpartition("@")[0]
        netloc = f"{user}@127.0.0.1:{self._port}" if user else f"127.0.0.1:{self._port}"
        return urlunsplit(self._parts._replace(netloc=netloc))

    async def __aenter__(self) -> "Relay":
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def mend(self) -> None:
        """Connections are taken again."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Resets what is connected, and refuses what comes."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()
        while self._writers:  # noqa: ASYNC110  # each ends by itself
            await asyncio.sleep(0.01)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            there, back = await asyncio.open_connection(self._parts.hostname, self._parts.port)
            self._writers.add(back)
            try:
                await asyncio.gather(_pour(reader, back), _pour(there, writer))
            finally:
                back.transport.abort()
                self._writers.discard(back)
        except OSError:
            writer.transport.abort()
        finally:
            writer.transport.abort()
            self._writers.discard(writer)


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.transport.abort()
