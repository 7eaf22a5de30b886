"""A visitor's message is sent when it is safe here, and delivered when the broker has it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.webchat.conftest import Start
from tests.support.relay import Relay
from tests.support.waiting import eventually
from tests.support.webchat import ORIGIN, SITE_KEY, Replica, Router
from tests.support.websocket import WebSocket, connect

pytestmark = pytest.mark.feature("CH1", "MS9")


async def greeted(replica: Replica, token: str | None = None) -> tuple[WebSocket, dict[str, Any]]:
    wire = await connect(f"{replica.url}?site={SITE_KEY}", origin=ORIGIN)
    wire.send(json.dumps({"t": "hello", "site": SITE_KEY, "token": token}))
    return wire, json.loads(await wire.receive())


async def told(wire: WebSocket, kind: str) -> dict[str, Any]:
    """The next frame of this kind."""
    while True:
        frame: dict[str, Any] = json.loads(await wire.receive())
        if frame["t"] == kind:
            return frame


async def test_delivered_is_what_the_broker_has(start: Start, router: Router, amqp_url: str) -> None:
    async with Relay(amqp_url) as broker:
        replica = await start(AMQP_URL=broker.url)
        wire, welcome = await greeted(replica)
        assert welcome["state"] == {"read": 0, "got": 0}
        wire.send(json.dumps({"t": "msg", "cid": "a-first-message-1", "text": "Hello"}))
        assert (await told(wire, "ack"))["seq"] == 1
        assert (await told(wire, "got"))["up_to"] == 1
        _, again = await greeted(replica, welcome["token"])
        assert again["state"] == {"read": 0, "got": 1}

        await broker.cut()
        wire.send(json.dumps({"t": "msg", "cid": "a-second-message", "text": "Anybody?"}))
        assert (await told(wire, "ack"))["seq"] == 2
        _, cut_off = await greeted(replica, welcome["token"])
        assert cut_off["state"] == {"read": 0, "got": 1}
        await broker.mend()
        assert (await told(wire, "got"))["up_to"] == 2
        await eventually(lambda: len(router.of_type("inbound.message.v1")) == 2)
