"""The tools that inject faults do what they say: a fault test that did not inject its fault passes."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.member import Member, inherited
from tests.support.proxy import Mode, Proxy
from tests.support.quiet_ports import quiet_ports
from tests.support.waiting import eventually

ANSWER = b"0123456789" * 100


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """In front of a server that answers each byte with a thousand."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(1):
                writer.write(ANSWER)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, Proxy(server.sockets[0].getsockname()[1]) as proxy:
        yield proxy


async def ask(proxy: Proxy) -> bytes:
    """What comes of one question before the connection ends or the answer is whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    found = b""
    try:
        writer.write(b"?")
        while len(found) < len(ANSWER) and (data := await reader.read(1000)):
            found += data
    except ConnectionError:
        pass
    finally:
        writer.close()
    return found


async def test_it_passes_cuts_and_refuses(proxy: Proxy) -> None:
    assert await ask(proxy) == ANSWER
    for count in (1, 17, 999):
        proxy.cut_after = count
        assert await ask(proxy) == ANSWER[:count]
    assert proxy.cuts == 3
    proxy.cut_after = None
    proxy.mode = Mode.REFUSE
    assert await ask(proxy) == b""
    assert proxy.refused == 1
    proxy.mode = Mode.PASS
    assert await ask(proxy) == ANSWER


async def test_a_black_hole_swallows_without_a_word(proxy: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"?")
    assert await reader.readexactly(1000) == ANSWER
    proxy.mode = Mode.BLACKHOLE
    writer.write(b"?")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await reader.read(1)
    proxy.mode = Mode.PASS
    assert await reader.readexactly(1000) == ANSWER, "what it swallowed comes late"
    assert proxy.reset() == 1
    with pytest.raises(ConnectionResetError):
        await reader.read(1)
    writer.close()
    await eventually(lambda: proxy.open == 0)


def member(folder: Path, program: str) -> Member:
    (port,) = quiet_ports(1)
    return Member("sleeper", ["-c", program], inherited(), folder / "log", port)


def state(of: Member) -> str:
    """The kernel's letter for what the process does."""
    return Path(f"/proc/{of.pid}/stat").read_text().rpartition(")")[2].split()[0]


async def test_a_member_is_killed_frozen_and_woken(tmp_path: Path) -> None:
    sleeper = member(tmp_path, 'print(\'{"event": "begun"}\', flush=True); import time; time.sleep(60)')
    first = sleeper.start()
    try:
        await eventually(lambda: sleeper.lines("begun"))
        assert sleeper.freeze() == first
        assert state(sleeper) == "T"
        sleeper.wake()
        assert state(sleeper) != "T"
        with pytest.raises(AssertionError, match="not frozen"):
            sleeper.wake()
        assert sleeper.kill() == first
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
        with pytest.raises(RuntimeError, match="ended"):
            sleeper.kill()
        assert sleeper.start() != first
        code, _ = await sleeper.stop()
        assert code == -signal.SIGTERM
        assert sleeper.lives == 2
    finally:
        sleeper.end()


async def test_a_member_that_ends_at_its_start_says_its_last_words(tmp_path: Path) -> None:
    broken = member(tmp_path, "raise SystemExit('there is no such setting')")
    broken.start()
    with pytest.raises(RuntimeError, match="no such setting"):
        await broken.ready(10)
    assert await broken.ended() == 1
