"""A tap on every exchange: each real message is read by the contract, and remembered.

    async with Tap(amqp_url) as tap: …
    tap.wrong == []        # what did not follow the contract, with its place
    tap.seen["message.received.v1"]

A message of ours must not only decode: a field that the contract does not name, at any depth, is wrong.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, AbstractRobustConnection
from pydantic import BaseModel, ValidationError

from shared import topology
from shared.contract.commands import COMMANDS
from shared.contract.envelope import Catalogue, Data, Envelope, Unknown
from shared.contract.events import EVENTS, ConversationAssigned, OperatorChanged
from shared.contract.feed import FeedHead, FeedRow
from shared.contract.inbound import FACTS
from shared.contract.live import LIVE_HINTS
from shared.contract.outbound import ACTS
from shared.failure import Undecodable

_CATALOGUES = {
    topology.INBOUND: Catalogue(*FACTS),
    topology.COMMANDS: Catalogue(*COMMANDS),
    topology.OUTBOUND: Catalogue(*ACTS),
    topology.EVENTS: Catalogue(*EVENTS),
}
_HINTS = {hint.TYPE: hint for hint in LIVE_HINTS}
EXCHANGES = tuple(exchange.name for exchange in topology.EXCHANGES)
_OF_MANY = (OperatorChanged.TYPE, ConversationAssigned.TYPE)
"""Events of which one cause may bring forth one for each of many."""
DECISIONS = ("message.received.v1", "message.queued.v1")
"""Events that only a working router makes: its answer to words of either side."""


@dataclass(frozen=True, slots=True)
class Tapped:
    exchange: str
    routing_key: str
    envelope: Envelope[Data]
    at: float
    """Monotonic seconds."""


class Tap:
    """Listens on its own queue, which outlives a broken connection and a killed broker."""

    def __init__(self, url: str, exchanges: Sequence[str] = EXCHANGES) -> None:
        self._url = url
        self._exchanges = exchanges
        self._connection: AbstractRobustConnection | None = None
        self.seen: defaultdict[str, list[Tapped]] = defaultdict(list)
        self.feed: list[FeedRow] = []
        self.parked = 0
        self.wrong: list[str] = []
        self._decided: list[datetime] = []

    async def __aenter__(self) -> Self:
        self._connection = await aio_pika.connect_robust(self._url, heartbeat=10, reconnect_interval=0.5)
        channel = await self._connection.channel()
        await channel.set_qos(prefetch_count=1000)
        queue = await channel.declare_queue("tests.tap", durable=True, arguments={"x-queue-type": "quorum"})
        for exchange in self._exchanges:
            await channel.declare_exchange(exchange, "topic", durable=True)
            await queue.bind(exchange, "#")
        await queue.consume(self._take)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def _take(self, message: AbstractIncomingMessage) -> None:
        exchange, key = message.exchange or "", message.routing_key or ""
        try:
            self._read(exchange, key, message)
        except (Undecodable, ValidationError, AssertionError, KeyError) as error:
            self.wrong.append(f"{exchange} {key}: {error}")
        await message.ack()

    def _read(self, exchange: str, key: str, message: AbstractIncomingMessage) -> None:
        if exchange == topology.PARKING:
            self.parked += 1
        elif exchange == topology.FEED:
            self._read_feed(key, message.body)
        elif exchange == topology.LIVE:
            hint = _HINTS[message.type or ""].model_validate_json(message.body)
            assert not list(unknown_fields(hint)), "fields that the contract does not name"
        else:
            envelope = _CATALOGUES[exchange].decode(message.body, message.type or "")
            assert not isinstance(envelope.data, Unknown), f"type {envelope.type} is in no catalogue"
            assert str(envelope.id) == message.message_id, "the AMQP message_id is not the envelope's id"
            assert message.type == envelope.type, "the AMQP type is not the envelope's"
            assert message.delivery_mode == 2, "it is not persistent"
            assert len(message.body) < topology.MAX_BODY_BYTES, "the body is too large"
            unknown = list(unknown_fields(envelope))
            assert not unknown, f"fields that the contract does not name: {unknown}"
            self.seen[envelope.type].append(Tapped(exchange, key, envelope, time.monotonic()))
            if envelope.type in DECISIONS:
                self._decided.append(envelope.time)

    def _read_feed(self, key: str, body: bytes) -> None:
        if key == "feed.head":
            FeedHead.model_validate_json(body)
            return
        row = FeedRow.model_validate_json(body)
        assert not list(unknown_fields(row)), "fields that the contract does not name"
        self.feed.append(row)

    def decided_since(self, since: datetime) -> datetime | None:
        """When the first decision after `since` was made, by the router's clock."""
        return min((time for time in reversed(self._decided[-5000:]) if time > since), default=None)

    def decided_twice(self) -> list[str]:
        """Causes that brought forth two decisions: other events than before under the same cause. (One
        renewal of presence is about many operators, one move about many conversations: those are counted for
        each of them.)"""
        events: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
        for type_, all_ in self.seen.items():
            for tapped in all_:
                cause = getattr(tapped.envelope.data, "cause", None)
                whose = tapped.envelope.subject or "" if type_ in _OF_MANY else ""
                if tapped.exchange == topology.EVENTS and cause is not None:
                    events[(str(cause), type_, whose)].add(str(tapped.envelope.id))
        return [
            f"{type_} by {cause}: {sorted(ids)}" for (cause, type_, _), ids in events.items() if len(ids) > 1
        ]


def unknown_fields(value: Any, place: str = "") -> Iterator[str]:
    """The places of fields that a model kept without knowing them."""
    if isinstance(value, BaseModel):
        yield from (f"{place}.{name}" for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from unknown_fields(getattr(value, name), f"{place}.{name}")
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from unknown_fields(item, f"{place}[{index}]")
