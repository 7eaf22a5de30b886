"""Every route and every command for every asker, generated from the tables that are served.

A route or a command that access_table.py does not list fails; so does a word of a conversation that reaches
somebody who may not see it, in any answer at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID, uuid4

import aiohttp
import pytest

from gateways.desk.api import rows as desk_rows
from gateways.desk.api.desk import Desk
from shared.bus.call import Caller
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.clock import SystemClock, uuid7
from shared.contract.commands import COMMANDS as ALL_COMMANDS
from shared.contract.commands import AcceptConversation, Answer, Command, OfConversation, WriteNote
from shared.contract.envelope import wrap
from shared.http.route import Route
from store.api.application import rows as store_rows
from tests.acceptance.access_object import Object, is_about_one, path_of
from tests.acceptance.access_table import (
    ASKERS,
    COMMANDS,
    DESK,
    OK,
    STORE,
    TAKEN_BEFORE,
    body_of,
    command_of,
)
from tests.acceptance.access_town import Town, sign_in, town
from tests.acceptance.access_withdrawal import withdrawn
from tests.support.live_client import LiveClient

HIDDEN_FROM = ("nobody", "foreign_account", "foreign_group")
OPENAPI = "openapi"


@pytest.mark.feature("AD2")
@pytest.mark.timeout(240)
async def test_every_route_and_command_for_every_asker(
    amqp_url: str, database_url: Callable[[str], str]
) -> None:
    async with town(amqp_url, database_url) as this:
        wrong = await desk_cells(this)
        wrong += await store_cells(this)
        wrong += await command_cells(this)
        wrong += await live_cells(this)
        took = await withdrawn(this)
        assert not wrong, "\n" + "\n".join(wrong)
        assert not this.stack.complaints(), this.stack.complaints()
    print(f"{len(ASKERS)} askers × {len(DESK)} routes of the desk, {len(STORE)} of the store,", end=" ")
    print(f"{len(COMMANDS)} commands; nothing leaked; an account was withdrawn within", end=" ")
    print(", ".join(f"{seconds * 1000:.0f} ms" for seconds in took))


async def desk_cells(this: Town) -> list[str]:
    """Each row of the desk for each asker; then each write without the page's header."""
    rows = [*desk_rows(cast(Desk, None))]
    assert {row.name for row in rows} | {OPENAPI} == set(DESK), "routes that the table does not list"
    wrong: list[str] = []
    shared = await this.open_with_file()
    operator = this.askers["operator"].operator_id
    for row in sorted(rows, key=lambda row: row.name == "sign_out"):
        one = await this.open() if is_about_one(row) and row.method != "GET" else shared
        for asker, expected in zip(ASKERS, DESK[row.name], strict=True):
            path = f"/api{path_of(row, one, operator)}"
            status, text, _ = await this.ask(asker, row.method, path, body_of(row.name, operator))
            wrong += differs(f"desk {row.method} {row.path}", asker, expected, status)
            wrong += leaks(f"desk {row.method} {row.path}", asker, text, one, shared)
            if row.method != "GET":
                bare = await this.ask(asker, row.method, path, body_of(row.name, operator), headers={})
                wrong += differs(f"desk {row.method} {row.path} of another site", asker, 403, bare[0])
        if is_about_one(row):
            wrong += await same_as_nothing(this, row, one)
    for asker in this.askers:
        await sign_in(this, asker)
    return wrong


async def same_as_nothing(this: Town, row: Route[Any, Any], one: Object) -> list[str]:
    """What one may not see is told like what does not exist, word for word."""
    wrong = []
    operator = this.askers["operator"].operator_id
    for asker in HIDDEN_FROM[1:]:
        told = []
        for other in (one, Object(str(uuid4()), str(uuid4()))):
            path = f"/api{path_of(row, other, operator)}"
            _, _, body = await this.ask(asker, row.method, path, body_of(row.name, operator))
            told.append({name: value for name, value in body.items() if name != "trace_id"})
        if told[0] != told[1]:
            wrong.append(f"{row.name} for {asker}: {told[0]} is not {told[1]}")
    return wrong


async def store_cells(this: Town) -> list[str]:
    rows = [*store_rows(cast(Any, None))]
    assert {row.name for row in rows} | {OPENAPI} == set(STORE), "routes that the table does not list"
    wrong: list[str] = []
    one = await this.open_with_file()
    for row in rows:
        for asker, expected in zip(ASKERS, STORE[row.name], strict=True):
            status, text = await this.ask_store(asker, row.method, path_of(row, one, ""))
            wrong += differs(f"store {row.method} {row.path}", asker, expected, status)
            wrong += leaks(f"store {row.method} {row.path}", asker, text, one)
    return wrong


async def command_cells(this: Town) -> list[str]:
    """Each command, sent as the desk would for the asker: the router and the store decide again."""
    models = [cast(type[Command], model) for model in ALL_COMMANDS]
    assert set(models) == set(COMMANDS), "commands that the table does not list"
    operator = this.askers["operator"].operator_id
    wrong: list[str] = []
    async with Broker(this.stack.amqp_url, name="matrix") as broker:
        caller = Caller(broker, Publisher(broker))
        for model in models:
            one = await this.open() if issubclass(model, OfConversation | WriteNote) else None
            conversation = UUID(one.conversation_id) if one else uuid4()
            dialog = UUID(one.dialog_id) if one else uuid4()
            if model in TAKEN_BEFORE:
                taken = command_of(AcceptConversation, this.actor("operator"), conversation, dialog, operator)
                assert (await send(caller, taken, dialog)).ok
            for asker, expected in zip(ASKERS, COMMANDS[model], strict=True):
                command = command_of(model, this.actor(asker), conversation, dialog, operator)
                answer = await send(caller, command, dialog)
                got = OK if answer.refusal is None else answer.refusal.code
                wrong += differs(f"command {model.TYPE}", asker, expected, got)
                if one is not None:
                    wrong += leaks(f"command {model.TYPE}", asker, str(answer.result), one)
    return wrong


async def send(caller: Caller, command: Command, dialog: UUID) -> Answer:
    envelope = wrap(command, id=uuid7(), source="desk", time=SystemClock().now(), subject=str(dialog))
    return await caller.call(envelope)


async def live_cells(this: Town) -> list[str]:
    """The whole feed from its beginning, as each of them is shown it."""
    wrong: list[str] = []
    one = await this.open()
    for asker, signer in this.askers.items():
        async with LiveClient(this.stack.desk_url, signer.login, signer.password) as client:
            client.cursor = 0
            seq = (await client.call("GET", "/api/folders"))["seq"]
            frames = await replay(this, client, seq)
        shown = one.leaks_into(frames)
        if shown != (asker not in HIDDEN_FROM):
            wrong.append(f"live for {asker}: {'leaks' if shown else 'shows nothing'}")
    return wrong


async def replay(this: Town, client: LiveClient, seq: int) -> str:
    """Every frame from the first row to `seq`."""
    ticket = (await client.call("POST", "/api/ticket"))["ticket"]
    address = f"{this.stack.desk_url}/api/live?ticket={ticket}"
    headers = {"Origin": this.stack.desk_url}
    frames = []
    async with aiohttp.ClientSession() as session, session.ws_connect(address, headers=headers) as socket:
        await socket.send_json({"t": "resume", "seq": 0, "access": client.access})
        async with asyncio.timeout(20):
            async for message in socket:
                frames.append(message.data)
                frame = message.json()
                if frame["t"] == "head" and frame["seq"] >= seq:
                    break
    return "\n".join(frames)


def differs(what: str, asker: str, expected: Any, got: Any) -> list[str]:
    return [] if got == expected else [f"{what} for {asker}: {got}, not {expected}"]


def leaks(what: str, asker: str, text: str, *objects: Object) -> list[str]:
    hidden = asker in HIDDEN_FROM and any(one.leaks_into(text) for one in objects)
    return [f"{what} leaks to {asker}: {text[:300]}"] if hidden else []
