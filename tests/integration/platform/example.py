"""An HTTP application with a row of each sort, as a service would write it."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import WSMsgType, web
from pydantic import BaseModel, Field

from shared.failure import Unavailable
from shared.http.application import build
from shared.http.problem import Kind, Problem, Words
from shared.http.route import UPGRADE, Call, Content, Cookie, Input, Reply, Route, Routes
from shared.http.security import Security

TAKEN = Kind(
    "taken", 409, Words("Somebody has it.", "Уже занято."), Words("Choose another.", "Выберите другое.")
)
PLANTED = "planted-secret"


@dataclass(frozen=True)
class Caller:
    """A principal of this test."""

    id: str
    rights: frozenset[str]


class ThingParams(Input):
    thing: UUID
    limit: int = Field(20, ge=1, le=100, description="How many at most.")
    tags: tuple[str, ...] = ()
    since: float | None = None
    state: Literal["open", "closed"] | None = None


class Part(Input):
    kind: Literal["text"]
    text: str = Field(max_length=100)


class NewThing(Input):
    name: str = Field(min_length=1, max_length=50)
    size: int = 0
    part: Annotated[Part, Field(description="A part")] | None = None


class Thing(BaseModel):
    """A thing."""

    name: str
    size: int
    by: str
    tags: tuple[str, ...] = ()


async def read_thing(call: Call[ThingParams, None]) -> Thing:
    """Reads it."""
    return Thing(
        name=str(call.params.thing), size=call.params.limit, by=call.principal.id, tags=call.params.tags
    )


async def make_thing(call: Call[None, NewThing]) -> Reply[Thing]:
    if call.body.name == "taken":
        raise Problem(TAKEN, headers={"X-Held": "yes"})
    thing = Thing(name=call.body.name, size=call.body.size, by=call.principal.id)
    cookies = [Cookie("last", "1", max_age=60), Cookie("gone", max_age=0)]
    return Reply(
        thing, status=202 if call.body.size else 201, headers={"Location": "/things/1"}, cookies=cookies
    )


async def drop_thing(call: Call[ThingParams, None]) -> None:
    assert isinstance(call.params.thing, UUID)


async def hello(call: Call[None, None]) -> web.Response:
    return web.Response(
        text=f"hello {call.language}", headers={"Content-Security-Policy": "default-src 'self'"}
    )


async def broken(call: Call[None, None]) -> Thing:
    raise KeyError(f"{PLANTED} in an exception")


async def away(call: Call[None, None]) -> Thing:
    raise Unavailable("the database at postgresql://u:hunter2@h/x is away")


async def wrong_answer(call: Call[None, None]) -> Thing:
    return UndeclaredThing()  # type: ignore[return-value]  # the mistake under test


async def slow(call: Call[None, None]) -> Thing:
    await asyncio.sleep(0.3)
    return Thing(name="slow", size=0, by="")


async def echo(call: Call[None, None]) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(call.request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
    return socket


class UndeclaredThing(BaseModel):
    """What no route declares."""


async def authenticate(request: web.Request) -> Caller | None:
    who = request.headers.get("X-Caller")
    return None if who is None else Caller(who, frozenset({"things"} if who == "owner" else ()))


ROWS: Routes = [
    Route("GET", "/things/{thing}", "read_thing", "session", ThingParams, None, Thing,
          handler=read_thing, summary="One thing"),
    Route("POST", "/things", "make_thing", "things", None, NewThing, Thing, handler=make_thing,
          summary="Make a thing", errors=(TAKEN,), status=201, other_statuses=(202,), body_limit=10_000),
    Route("DELETE", "/things/{thing:[0-9a-f-]+}", "drop_thing", "things", ThingParams, handler=drop_thing,
          summary="Drop it"),
    Route("GET", "/hello", "hello", "public", returns=Content("text/plain"), handler=hello, summary="Hello"),
    Route("GET", "/broken", "broken", "public", returns=Thing, handler=broken, summary="Fails"),
    Route("GET", "/away", "away", "public", returns=Thing, handler=away, summary="Without a database"),
    Route("GET", "/wrong", "wrong_answer", "public", returns=Thing, handler=wrong_answer, summary="Lies"),
    Route("GET", "/slow", "slow", "public", returns=Thing, handler=slow, summary="Takes a while"),
    Route("GET", "/echo", "echo", "session", returns=UPGRADE, handler=echo, summary="A WebSocket"),
]  # fmt: skip


def example_app(security: Security | None = None) -> web.Application:
    schemes = {"session": {"type": "apiKey", "in": "header", "name": "X-Caller"}}
    return build(
        ROWS,
        authenticate=authenticate,
        title="Example",
        version="1",
        security=security,
        security_schemes=schemes,
    )
