"""Hostile requests over raw sockets: 4xx, quick, without memory, without an echo, neighbours untouched."""

import asyncio
import gzip
import io
import time
from urllib.parse import quote

import aiohttp
import psutil
import pytest

from shared.http.server import HttpServer
from tests.integration.platform.wire import exchange, request
from tests.support.waiting import eventually

PLANTED = "planted-secret"
JSON = "Content-Type: application/json"
DEEP = b'{"part":' * 1_000 + b"1" + b"}" * 1_000
BODIES = {
    "empty": (b"", 400),
    "no json": (PLANTED.encode(), 400),
    "deep": (DEEP, 400),
    "huge integer": (b'{"name":"x","size":' + b"9" * 9_000 + b"}", 400),
    "integer beyond 64 bits": (b'{"name":"x","size":99999999999999999999}', 422),
    "NaN": (b'{"name":"x","size":NaN}', 400),
    "infinite": (b'{"name":"x","size":1e999}', 422),
    "lone surrogate": (b'{"name":"\\ud83d"}', 400),
    "bad UTF-8": (b'{"name":"\xc3\x28"}', 400),
    "UTF-16": ('{"name":"x"}'.encode("utf-16"), 400),
    "unknown field": (b'{"name":"x","planted-secret":1}', 422),
    "unknown field below": (b'{"name":"x","part":{"kind":"text","text":"x","planted-secret":1}}', 422),
    "wrong type": (b'{"name":{"planted-secret":"planted-secret"}}', 422),
    "too long": (b'{"name":"' + PLANTED.encode() * 10 + b'"}', 422),
    "a list": (b'["planted-secret"]', 422),
    "oversize": (b'{"name":"' + b"x" * 20_000 + b'"}', 413),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_bad_body(server: HttpServer, written: io.BytesIO, name: str) -> None:
    body, status = BODIES[name]
    headers = (JSON,) if body else (JSON, "Content-Length: 0")
    answer = await exchange(server.port, request("POST", "/things", *headers, body=body))
    assert answer.status == status, answer.raw
    assert b"application/problem+json" in answer.raw
    assert PLANTED.encode() not in answer.raw
    assert not written.getvalue()


@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: text/plain",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: application/json; charset=koi8-r",
        "X-No-Type: 1",
        f"Content-Type: {PLANTED}",
    ],
)
async def test_a_body_that_is_not_called_json(server: HttpServer, header: str) -> None:
    answer = await exchange(server.port, request("POST", "/things", header, body=b'{"name":"x"}'))
    assert answer.status == 415
    assert PLANTED.encode() not in answer.raw


async def test_a_nul_character_is_replaced(client: aiohttp.ClientSession) -> None:
    async with client.post("/things", json={"name": "a\x00b"}) as answer:
        assert (await answer.json())["name"] == "a\ufffdb"


THING = "/things/00000000-0000-4000-8000-000000000000"
PATHS = {
    "/things/" + PLANTED: 422,
    "/things/%ff%fe": 422,
    "/things/%00": 422,
    "/things/" + "a" * 5000: 413,
    f"{THING}?limit={PLANTED}": 422,
    f"{THING}?limit=1&limit=2": 422,
    f"{THING}?limit={'9' * 1500}": 422,
    f"{THING}?since=nan": 422,
    f"{THING}?since=1e999": 422,
    f"{THING}?state={PLANTED}": 422,
    f"{THING}?{PLANTED}=1": 422,
    f"{THING}?thing=11111111-1111-4111-8111-111111111111": 422,
    f"{THING}?tags=%00&tags=%ff&tags=%ed%a0%80": 200,
    f"{THING}?limit=%D9%A1": 422,
    f"{THING}?" + "tags=x&" * 1500: 200,
    "/hello?x=1": 422,
    "/" + PLANTED: 404,
    "/things/../" + PLANTED: 404,
    "//" + PLANTED: 404,
    "/" + quote("<script>"): 404,
    "http://elsewhere/" + PLANTED: 404,
}


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
async def test_a_bad_path_or_query(server: HttpServer, written: io.BytesIO, path: str) -> None:
    answer = await exchange(server.port, request("GET", path))
    assert answer.status == PATHS[path], answer.raw[:500]
    assert PLANTED.encode() not in answer.raw
    assert b"<script>" not in answer.raw
    assert not written.getvalue()


MALFORMED = {
    "no HTTP": b"planted-secret\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03planted-secret\r\n\r\n",
    "bad header": b"GET /hello HTTP/1.1\r\nHost: h\r\nplanted-secret\r\n\r\n",
    "header line of 100 KB": b"GET /hello HTTP/1.1\r\nHost: h\r\nX: "
    + b"planted-secret" * 8000
    + b"\r\n\r\n",
    "target of 100 KB": b"GET /" + b"planted-secret" * 8000 + b" HTTP/1.1\r\nHost: h\r\n\r\n",
    "two lengths": request(
        "POST", "/things", JSON, "Content-Length: 3", "Content-Length: 5", body=b"{}", length=False
    ),
    "length and chunks": request(
        "POST",
        "/things",
        JSON,
        "Content-Length: 3",
        "Transfer-Encoding: chunked",
        body=b"0\r\n\r\n",
        length=False,
    ),
    "negative length": request("POST", "/things", JSON, "Content-Length: -1"),
    "bad chunk": request(
        "POST", "/things", JSON, "Transfer-Encoding: chunked", body=b"zz\r\nplanted-secret", length=False
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_what_is_not_http(server: HttpServer, name: str) -> None:
    answer = await exchange(server.port, MALFORMED[name])
    assert answer.status in (0, 400), answer.raw[:500]
    assert PLANTED.encode() not in answer.raw


async def test_a_compressed_bomb_is_refused_unread(server: HttpServer) -> None:
    bomb = gzip.compress(b" " * 50_000_000 + b"{}")
    before = psutil.Process().memory_info().rss
    for _ in range(3):
        answer = await exchange(
            server.port, request("POST", "/things", JSON, "Content-Encoding: gzip", body=bomb[:9000])
        )
        assert answer.status == 415
        answer = await exchange(
            server.port, request("POST", "/things", JSON, "Content-Encoding: gzip", body=bomb)
        )
        assert answer.status in (413, 415)
    assert psutil.Process().memory_info().rss - before < 20_000_000


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", PLANTED])
async def test_corrupt_compression_is_refused_unread(server: HttpServer, encoding: str) -> None:
    sent = request("POST", "/things", JSON, f"Content-Encoding: {encoding}", body=b"\x1f\x8bno")
    answer = await exchange(server.port, sent)
    assert answer.status == 415
    assert PLANTED.encode() not in answer.raw


async def test_who_goes_away_in_a_body_is_no_failure_of_ours(
    server: HttpServer, client: aiohttp.ClientSession, written: io.BytesIO
) -> None:
    for ending in ("close", "reset"):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = request("POST", "/things", JSON, "Content-Length: 100", body=b"{", length=False)
        writer.write(head)
        await writer.drain()
        async with client.get("/hello") as answer:  # by now the body is being read
            assert answer.status == 200
        if ending == "reset":
            writer.transport.abort()
        else:
            writer.close()
        assert await reader.read() == b""
        await eventually(lambda: b'"event":"caller_gone"' in written.getvalue())
        assert b'"level":"error"' not in written.getvalue()
        written.truncate(0)


async def test_a_hundred_megabytes_in_chunks_cost_nothing(server: HttpServer) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = request("POST", "/things", JSON, "Transfer-Encoding: chunked", length=False)
    before, started = psutil.Process().memory_info().rss, time.monotonic()
    answer = await exchange(server.port, head, then=chunk, times=1600)
    assert answer.status in (0, 413), answer.raw[:200]
    assert psutil.Process().memory_info().rss - before < 20_000_000
    assert time.monotonic() - started < 10


async def test_a_body_that_never_ends_is_408_and_others_go_on(
    server: HttpServer, client: aiohttp.ClientSession
) -> None:
    started = time.monotonic()
    starving = asyncio.create_task(
        exchange(
            server.port, request("POST", "/things", JSON, "Content-Length: 100", body=b"{", length=False)
        )
    )
    while not starving.done():
        async with asyncio.timeout(1), client.get("/hello") as answer:
            assert answer.status == 200
        await asyncio.wait([starving], timeout=0.5)
    assert (await starving).status == 408
    assert time.monotonic() - started < 12


async def test_a_caller_that_leaves_is_no_error(server: HttpServer, written: io.BytesIO) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request("GET", "/slow"))
    await writer.drain()
    writer.transport.abort()
    async with aiohttp.ClientSession(server.url) as session, session.get("/slow") as answer:
        assert answer.status == 200
    assert not written.getvalue()
