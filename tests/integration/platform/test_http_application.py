"""The HTTP layer over real connections: who may, what comes in, what goes out."""

import asyncio
import io
import json
from contextlib import AsyncExitStack

import aiohttp
import pytest

from shared import metrics
from shared.http.server import HttpServer
from shared.trace import trace_id
from tests.integration.platform.example import PLANTED, example_app
from tests.support.documented import documented

THING = "5d0d0c1e-6d0f-4a39-9d55-0e1f7f3ad001"
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def _problem(answer: aiohttp.ClientResponse, status: int) -> dict[str, object]:
    assert answer.status == status, await answer.text()
    assert answer.content_type == "application/problem+json"
    document = await answer.json(content_type=None)
    assert document["status"] == status
    assert document["type"] == f"urn:switchboard:problem:{document['code']}"
    return dict(document)


async def test_parameters_of_path_and_query_reach_the_handler(client: aiohttp.ClientSession) -> None:
    async with client.get(f"/things/{THING}?limit=7&tags=a&tags=b") as answer:
        assert answer.status == 200
        assert await answer.json() == {"name": THING, "size": 7, "by": "owner", "tags": ["a", "b"]}
    async with client.get(f"/things/{THING}?tags=one") as answer:
        assert (await answer.json())["tags"] == ["one"]


async def test_a_reply_carries_status_headers_and_cookies(client: aiohttp.ClientSession) -> None:
    async with client.post("/things", json={"name": "я", "part": {"kind": "text", "text": "t"}}) as answer:
        assert answer.status == 201
        assert answer.headers["Location"] == "/things/1"
        assert (await answer.json())["name"] == "я"
        set_cookies = answer.headers.getall("Set-Cookie")
    last = next(one for one in set_cookies if one.startswith("last=1"))
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=60"} <= set(last.split("; "))
    assert any(one.startswith("gone=") and "Max-Age=0" in one for one in set_cookies)
    async with client.post("/things", json={"name": "x", "size": 1}) as answer:
        assert answer.status == 202


async def test_nothing_to_say_is_204(client: aiohttp.ClientSession) -> None:
    async with client.delete(f"/things/{THING}") as answer:
        assert (answer.status, await answer.read()) == (204, b"")
    async with client.delete(f"/things/{THING}", json={}) as answer:
        assert answer.status == 204


@pytest.mark.parametrize(
    ("caller", "method", "path", "status"),
    [
        (None, "GET", f"/things/{THING}", 401),
        ("stranger", "GET", f"/things/{THING}", 200),
        (None, "POST", "/things", 401),
        ("stranger", "POST", "/things", 403),
        ("stranger", "DELETE", f"/things/{THING}", 403),
        (None, "GET", "/hello", 200),
        (None, "GET", "/openapi.json", 200),
        (None, "GET", "/echo", 401),
        (None, "GET", "/nowhere", 404),
        (None, "PUT", "/things", 405),
    ],
)
async def test_who_may(server: HttpServer, caller: str | None, method: str, path: str, status: int) -> None:
    headers = {} if caller is None else {"X-Caller": caller}
    async with (
        aiohttp.ClientSession(server.url, headers=headers) as session,
        session.request(
            method, path, data=b"{ not read before the right is known" if method == "POST" else None
        ) as answer,
    ):
        assert answer.status == status
        if status >= 400:
            await _problem(answer, status)


async def test_a_denial_is_counted(client: aiohttp.ClientSession) -> None:
    before = metrics.AUTHZ_DENIED.labels("make_thing")._value.get()
    async with client.post("/things", json={"name": "x"}, headers={"X-Caller": "stranger"}) as answer:
        assert answer.status == 403
    assert metrics.AUTHZ_DENIED.labels("make_thing")._value.get() == before + 1


async def test_a_problem_of_its_own_in_the_callers_language(client: aiohttp.ClientSession) -> None:
    headers = {"Accept-Language": "ru-RU,ru;q=0.9", "traceparent": TRACEPARENT}
    async with client.post("/things", json={"name": "taken"}, headers=headers) as answer:
        shown = await _problem(answer, 409)
        assert (shown["code"], shown["title"], shown["remedy"]) == (
            "taken",
            "Уже занято.",
            "Выберите другое.",
        )
        assert shown["trace_id"] == trace_id(TRACEPARENT)
        assert answer.headers["Content-Language"] == "ru"
        assert answer.headers["Vary"] == "Accept-Language"
        assert answer.headers["X-Held"] == "yes"
    async with client.post("/things", json={"name": "taken"}) as answer:
        assert (await _problem(answer, 409))["title"] == "Somebody has it."


async def test_an_outage_is_503_with_a_time_to_come_back(
    client: aiohttp.ClientSession, written: io.BytesIO
) -> None:
    async with client.get("/away") as answer:
        shown = await _problem(answer, 503)
        assert shown["code"] == "unavailable"
        assert int(answer.headers["Retry-After"]) > 0
        assert "hunter2" not in json.dumps(shown)
    assert b"hunter2" not in written.getvalue()


@pytest.mark.parametrize("path", ["/broken", "/wrong"])
async def test_our_bug_is_500_logged_once_and_not_shown(
    client: aiohttp.ClientSession, written: io.BytesIO, path: str
) -> None:
    async with client.get(path, headers={"traceparent": TRACEPARENT}) as answer:
        shown = await _problem(answer, 500)
        assert shown["code"] == "internal"
        assert PLANTED not in json.dumps(shown)
    (line,) = [json.loads(one) for one in written.getvalue().splitlines()]
    assert (line["event"], line["trace_id"]) == ("request_failed", shown["trace_id"])
    assert "Traceback" in line["exception"]


async def test_405_says_what_is_allowed(client: aiohttp.ClientSession) -> None:
    async with client.put("/things", json={}) as answer:
        await _problem(answer, 405)
        assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("path", ["/hello", "/nowhere", "/broken", f"/things/{THING}"])
async def test_security_headers_are_on_every_answer(client: aiohttp.ClientSession, path: str) -> None:
    async with client.get(path) as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "aiohttp" not in answer.headers["Server"]
        own = path == "/hello"
        expected = "default-src 'self'" if own else "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers.getall("Content-Security-Policy") == [expected]


async def test_a_websocket_is_a_row_like_any_other(client: aiohttp.ClientSession) -> None:
    async with client.ws_connect("/echo") as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"


async def test_the_document_is_valid_served_and_complete(client: aiohttp.ClientSession) -> None:
    app = example_app()
    document = documented(app)
    async with client.get("/openapi.json") as answer:
        assert await answer.json() == document
    made = document["paths"]["/things"]["post"]
    assert set(made["responses"]) == {
        "201",
        "202",
        "400",
        "401",
        "403",
        "408",
        "409",
        "413",
        "415",
        "422",
        "500",
        "503",
    }
    assert "`taken`" in made["responses"]["409"]["description"]
    read = {one["name"]: one for one in document["paths"]["/things/{thing}"]["get"]["parameters"]}
    assert read["thing"]["in"] == "path"
    assert (read["limit"]["in"], read["limit"]["required"], read["limit"]["description"]) == (
        "query",
        False,
        "How many at most.",
    )
    assert document["components"]["schemas"]["NewThing"]["additionalProperties"] is False


async def test_requests_are_timed_by_route(client: aiohttp.ClientSession) -> None:
    async with client.get("/hello"):
        pass
    async with client.get("/nowhere/in/particular"):
        pass
    page = metrics.page("example").decode()
    assert 'switchboard_http_seconds_count{route="hello",service="example",status="200"}' in page
    assert 'route="none",service="example",status="404"' in page
    assert "particular" not in page


async def test_leaving_the_server_lets_a_request_in_hand_end(written: io.BytesIO) -> None:
    async with aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        server = await stack.enter_async_context(HttpServer(example_app(), "127.0.0.1", 0))
        asking = asyncio.create_task(_status(session, f"{server.url}/slow"))
        async with session.get(f"{server.url}/hello") as answer:
            assert answer.status == 200
        await stack.aclose()
        assert await asking == 200
        with pytest.raises(aiohttp.ClientConnectorError):
            await _status(session, f"{server.url}/hello")


async def _status(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(url) as answer:
        return answer.status
