"""The guarded client against servers that lie, drip, flood and lead astray."""

import gzip
import json
import socket
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from gateways.kit.addresses import PORTS, Guard
from gateways.kit.http import GuardedClient, Limits
from gateways.kit.payload import Malformed
from gateways.kit.unfetched import Blocked, Broken, TooLarge, TooSlow, Unfetched, Unreachable
from shared.http.server import HttpServer
from tests.integration.kit.certificate import certificate
from tests.integration.kit.raw_server import (
    RawServer,
    Talk,
    dripping,
    flooding,
    raw_server,
    redirecting,
    written,
)
from tests.support.waiting import eventually
from tests.unit.kit.test_addresses import REFUSED, RELATIVE

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n" + b'{"a": 1}'
HEAD = b"HTTP/1.1 200 OK\r\n"
QUICK = Limits(bytes=100_000, seconds=5, connect_seconds=1, answer_seconds=1, window_seconds=0.3)
UNROUTED = "2a00:ffff::1"
"""Of the open internet by its number, and nobody's."""


class Names(AbstractResolver):
    """Answers by the script; the last answer stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:  # noqa: ARG002
        self.asked.append(host)
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [_resolved(host, address, port) for address in addresses]

    async def close(self) -> None:
        pass


def _resolved(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)


def client(*servers: RawServer, limits: Limits = QUICK) -> GuardedClient:
    return GuardedClient(Guard(permitted=[one.end_point for one in servers]), limits=limits)


async def test_an_answer_comes_whole_and_the_host_is_kept() -> None:
    names = Names(["127.0.0.1"])
    async with raw_server(written(OK)) as server:
        guard = Guard(permitted=[f"api.provider.example:{server.port}"])
        async with GuardedClient(guard, limits=QUICK, resolver=names) as asking:
            address = f"http://api.provider.example:{server.port}/x?y=1"
            answer = await asking.fetch("POST", address, json={"q": 2}, headers={"Authorization": "Bearer t"})
    assert (answer.status, answer.json()) == (200, {"a": 1})
    assert names.asked == ["api.provider.example"]
    head = server.requests[0].decode()
    assert head.startswith("POST /x?y=1 HTTP/1.1\r\n")
    assert f"Host: api.provider.example:{server.port}" in head
    assert "Authorization: Bearer t" in head
    assert "Accept-Encoding: identity" in head


async def test_the_name_is_kept_in_tls_and_the_certificate_checked(tmp_path: Path) -> None:
    serving, trusting = certificate(tmp_path, "api.provider.example")
    wanted: list[str | None] = []
    serving.sni_callback = lambda _socket, name, _context: wanted.append(name)
    async with raw_server(written(OK), serving) as server:
        guard = Guard(permitted=[f"{name}.provider.example:{server.port}" for name in ("api", "other")])
        async with GuardedClient(guard, limits=QUICK, resolver=Names(["127.0.0.1"]), tls=trusting) as asking:
            assert (await asking.fetch("GET", f"https://api.provider.example:{server.port}/")).status == 200
            with pytest.raises(Unreachable, match="Certificate"):
                await asking.fetch("GET", f"https://other.provider.example:{server.port}/")
    assert wanted == ["api.provider.example", "other.provider.example"]


@pytest.mark.parametrize("address", sorted(REFUSED))
async def test_nothing_is_connected_for_a_trick(address: str) -> None:
    names = Names(["127.0.0.1"])
    async with GuardedClient(limits=QUICK, resolver=names) as asking:
        with pytest.raises(Blocked):
            await asking.fetch("GET", address)
    assert not names.asked


@pytest.mark.parametrize(
    "address", sorted(a for a in REFUSED.keys() - RELATIVE if "\r" not in a and len(a) < 8000)
)
async def test_every_hop_is_checked(address: str) -> None:
    async with raw_server(redirecting(address)) as server, client(server) as asking:
        with pytest.raises(Blocked):
            await asking.fetch("GET", server.url)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        [UNROUTED, "127.0.0.1"],
        ["127.0.0.1", UNROUTED],
        ["::1"],
        ["fe80::1%lo"],
        ["::ffff:127.0.0.1"],
    ],
)
async def test_a_name_with_any_closed_address_is_refused(addresses: list[str]) -> None:
    async with raw_server(written(OK)) as server:
        guard = Guard(ports=PORTS | {server.port})
        async with GuardedClient(guard, limits=QUICK, resolver=Names(addresses)) as asking:
            with pytest.raises(Blocked) as refused:
                await asking.fetch("GET", f"http://rebind.example:{server.port}/")
    assert refused.value.reason == "address"
    assert server.connections == 0


async def test_a_name_that_changes_its_mind_is_asked_once_for_each_connection() -> None:
    names = Names([UNROUTED], ["127.0.0.1"])
    async with raw_server(written(OK)) as server:
        guard = Guard(ports=PORTS | {server.port})
        limits = Limits(connect_seconds=0.3, answer_seconds=1)
        async with GuardedClient(guard, limits=limits, resolver=names) as asking:
            with pytest.raises(Unreachable):
                await asking.fetch("GET", f"http://rebind.example:{server.port}/")
            assert names.asked == ["rebind.example"]
            with pytest.raises(Blocked):
                await asking.fetch("GET", f"http://rebind.example:{server.port}/")
    assert server.connections == 0


async def test_credentials_stay_with_their_origin() -> None:
    async with raw_server(written(OK)) as other, raw_server(redirecting(other.url + "/file")) as first:
        headers = {"Authorization": "Bearer t", "Cookie": "a=b", "X-Api-Key": "k", "Accept": "image/*"}
        async with client(first, other) as asking:
            assert (await asking.fetch("GET", first.url, headers=headers)).status == 200
    assert b"Bearer t" in first.requests[0]
    there = other.requests[0]
    assert b"image/*" in there
    for secret in (b"Bearer", b"a=b", b"X-Api-Key", b"Referer"):
        assert secret not in there


async def test_cookies_are_not_kept() -> None:
    talk = written(b"HTTP/1.1 200 OK\r\nSet-Cookie: s=1\r\nContent-Length: 0\r\n\r\n")
    async with raw_server(talk) as server, client(server) as asking:
        await asking.fetch("GET", server.url)
        await asking.fetch("GET", server.url)
    assert b"Cookie" not in server.requests[1]


async def test_hops_are_counted() -> None:
    async with raw_server(redirecting("/again")) as server, client(server) as asking:
        with pytest.raises(Blocked) as refused:
            await asking.fetch("GET", server.url)
    assert (refused.value.reason, len(server.requests)) == ("hops", QUICK.hops + 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_what_was_posted_is_not_posted_elsewhere(status: int) -> None:
    async with raw_server(redirecting("/elsewhere", status)) as server, client(server) as asking:
        assert (await asking.fetch("POST", server.url, body=b"words")).status == status
    assert len(server.requests) == 1


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(b"\0" * 100_000_000, 9)
HOSTILE: dict[str, tuple[Talk, type[Unfetched]]] = {
    "10 GB claimed": (flooding(HEAD + b"Content-Length: 10737418240\r\n\r\n", b"x" * 65536), TooLarge),
    "endless without length": (flooding(HEAD + b"\r\n", b"x" * 65536), TooLarge),
    "endless in chunks": (flooding(CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"), TooLarge),
    "gzip bomb": (
        written(HEAD, b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB), BOMB),
        TooLarge,
    ),
    "1 byte at a time": (dripping(HEAD + b"Content-Length: 5000\r\n\r\n", b"x", 0.05), TooSlow),
    "body never comes": (dripping(HEAD + b"Content-Length: 5000\r\n\r\n", b"", 0.05), TooSlow),
    "head drips": (dripping(HEAD, b"X-A: b\r\n", 0.05), TooSlow),
    "head never comes": (dripping(b"", b"", 0.05), TooSlow),
    "less than claimed": (written(HEAD, b"Content-Length: 50\r\n\r\n", b"short"), Broken),
    "chunk cut off": (written(CHUNKED, b"50\r\nshort"), Broken),
    "no HTTP": (written(b"220 smtp ready\r\n\r\n"), Broken),
    "hangs up": (written(b""), Broken),
    "endless head": (flooding(HEAD, b"X-A: " + b"b" * 60_000 + b"\r\n"), Broken),
    "two lengths": (written(HEAD, b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), Broken),
    "broken gzip": (written(HEAD, b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"), Broken),
    "endless interim answers": (flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), TooSlow),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_server_is_left(name: str) -> None:
    talk, failure = HOSTILE[name]
    memory = psutil.Process().memory_info().rss
    begun = time.monotonic()
    async with raw_server(talk) as server:
        async with client(server) as asking:
            with pytest.raises(failure) as failed:
                await asking.fetch("GET", server.url + "/token-in-path")
        assert time.monotonic() - begun < 4
        await eventually(lambda: server.open == 0)
    assert psutil.Process().memory_info().rss - memory < 20_000_000
    assert failed.value.words
    assert "token-in-path" not in f"{failed.value} {failed.value.__cause__}"


async def test_a_steady_but_endless_trickle_ends_with_the_time() -> None:
    limits = Limits(seconds=0.8, slowest_bytes_per_second=10, window_seconds=0.2)
    talk = dripping(HEAD + b"Content-Length: 500000\r\n\r\n", b"x" * 100, 0.02)
    async with raw_server(talk) as server, client(server, limits=limits) as asking:
        begun = time.monotonic()
        with pytest.raises(TooSlow, match="within"):
            await asking.fetch("GET", server.url)
        assert 0.7 < time.monotonic() - begun < 2


async def test_more_than_claimed_is_not_read() -> None:
    talk = written(HEAD, b"Content-Length: 5\r\n\r\n", b"helloHTTP/1.1 200 OK\r\n\r\n")
    async with raw_server(talk) as server, client(server) as asking:
        assert (await asking.fetch("GET", server.url)).body == b"hello"


async def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        end_point = f"127.0.0.1:{taken.getsockname()[1]}"
        async with GuardedClient(Guard(permitted=[end_point]), limits=QUICK) as asking:
            with pytest.raises(Unreachable) as failed:
                await asking.fetch("GET", f"http://{end_point}/")
    assert not failed.value.sent


async def test_an_answer_can_be_read_in_pieces() -> None:
    body = bytes(range(256)) * 1000
    limits = Limits(bytes=len(body))
    talk = written(HEAD, b"Content-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(body), body)
    async with (
        raw_server(talk) as server,
        client(server, limits=limits) as asking,
        asking.open("GET", server.url) as arriving,
    ):
        assert (arriving.status, arriving.mime_type, arriving.size) == (200, "image/png", len(body))
        assert b"".join([chunk async for chunk in arriving]) == body


async def test_an_error_of_the_provider_is_an_answer_and_hostile_json_is_malformed() -> None:
    talk = written(b"HTTP/1.1 429 Slow down\r\nRetry-After: 3\r\nContent-Length: 7\r\n\r\n[[NaN]]")
    async with raw_server(talk) as server, client(server) as asking:
        answer = await asking.fetch("POST", server.url, body=json.dumps({"text": "hello"}).encode())
        assert (answer.status, answer.headers["retry-after"]) == (429, "3")
        with pytest.raises(Malformed):
            answer.json()


async def test_a_connection_is_used_again_when_the_answer_was_read_whole() -> None:
    peers: list[object] = []

    async def answer(request: web.Request) -> web.Response:
        peers.append(request.transport)
        return web.Response(text="x" * 100_000)

    app = web.Application()
    app.router.add_get("/", answer)
    async with HttpServer(app, "127.0.0.1", 0) as server:
        guard = Guard(permitted=[f"127.0.0.1:{server.port}"])
        async with GuardedClient(guard, limits=QUICK) as asking:
            for _ in range(3):
                assert (await asking.fetch("GET", server.url)).status == 200
    assert len(set(map(id, peers))) == 1
