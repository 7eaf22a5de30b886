"""Bodies that cannot be read, bombs, endless and dripping ones: bounded, and nothing is lost."""

import asyncio
import gzip
import time

import psutil
import pytest

from gateways.kit.bodies import BODY_SECONDS
from gateways.kit.unreadable import CHAT, KEPT_BYTES
from tests.integration.kit.hooks import (
    GOOD_BYTES,
    LIMIT,
    Provider,
    heard_in,
    rejected,
    serving,
    signature,
)

UNREADABLE = {
    "not JSON": b"<html>gateway timeout</html>",
    "depth bomb": b"[" * 100_000,
    "endless integer": b'{"messages": [{"id": ' + b"1" * 10_000 + b"}]}",
    "NaN": b'{"messages": [{"chat": "c", "id": NaN, "text": "x"}]}',
    "key twice": b'{"messages": [], "messages": []}',
    "another shape": b'{"unknown": true}',
    "not an object": b"[]",
    "not UTF-8": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_is_the_providers_and_cannot_be_read_is_kept(name: str) -> None:
    body = UNREADABLE[name]
    provider = Provider()
    async with serving(provider) as session:
        for path, headers, answered in (
            ("main", signature(body), (200, "ok")),
            ("path/correct-horse", {}, (202, "kept")),
        ):
            async with session.post(f"/hook/{path}", data=body, headers=headers) as answer:
                assert (answer.status, await answer.text()) == answered
    first, second = map(heard_in, provider.accepted)
    assert (first.dialog.chat, first.dialog.account, second.dialog.account) == (CHAT, "main", "path")
    part = provider.content()
    assert part.kind == "unsupported"
    assert part.words
    assert part.raw == ({"base64": "//4A"} if name == "not UTF-8" else {"text": body.decode()})


async def test_the_same_unreadable_bytes_are_one_message_and_long_ones_are_shortened() -> None:
    provider = Provider()
    body = b"?" * (LIMIT - 1)
    async with serving(provider) as session:
        for _ in range(2):
            async with session.post("/hook/main", data=body, headers=signature(body)) as answer:
                assert answer.status == 200
    assert len({row.fact_id for row in provider.accepted}) == 1
    assert len(provider.content().raw["text"]) == min(len(body), KEPT_BYTES)


async def test_endless_and_lying_bodies_cost_nothing_and_neighbours_do_not_notice() -> None:
    provider = Provider()
    bomb = gzip.compress(b"\0" * 100_000_000, 9)
    head = b"POST /hook/main HTTP/1.1\r\nHost: x\r\n"
    attacks = {
        b"413": [
            (head + b"Content-Length: 10737418240\r\n\r\n", b"x" * 65536),
            (head + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        ],
        b"415": [
            (head + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb, b""),
            (head + b"Content-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n", b""),
        ],
        b"400": [(head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", b"hello")],
    }
    async with serving(provider) as session:
        async with session.post("/hook/main", data=GOOD_BYTES, headers=signature(GOOD_BYTES)) as answer:
            assert answer.status == 200
        memory = psutil.Process().memory_info().rss
        for status, requests in attacks.items():
            for start, chunk in requests:
                assert await _attack(provider.url, start, chunk) == status
        assert psutil.Process().memory_info().rss - memory < 20_000_000


async def _attack(url: str, start: bytes, chunk: bytes) -> bytes:
    """Writes until it is answered: the status."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    try:
        writer.write(start)
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            flood = group.create_task(_flood(writer, chunk))
            line = await reader.readline()
            flood.cancel()
        return line.split(b" ")[1]
    finally:
        writer.close()


async def _flood(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    try:
        while chunk:
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass


async def test_a_body_that_drips_is_refused_in_time_and_holds_up_nobody() -> None:
    provider = Provider()
    before = rejected("too_slow")
    async with serving(provider) as session:
        port = int(provider.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        begun = time.monotonic()
        writer.write(b"POST /hook/main HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n")
        async with asyncio.TaskGroup() as group:
            drip = group.create_task(_drip(writer))
            async with session.post("/hook/main", data=GOOD_BYTES, headers=signature(GOOD_BYTES)) as answer:
                assert answer.status == 200
            assert time.monotonic() - begun < 1
            line = await reader.readline()
            drip.cancel()
        assert line.split()[1] == b"408"
        assert BODY_SECONDS <= 10
        assert 1.4 < time.monotonic() - begun < 3
        writer.close()
    assert rejected("too_slow") == before + 1


async def _drip(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.2)
