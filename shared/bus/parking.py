"""Giving up on one message: it goes to `parking` whole, with the reason, and its queue goes on.

The raw bytes are the body; what is needed to publish them again stands in headers. What the broker itself
gives up on (its delivery limit) arrives there too, with the broker's own headers, and reads the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID, uuid5

from shared.bus.consumer import Delivery
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.failure import Unavailable, Unroutable
from shared.metrics import PARKED
from shared.topology import PARKING, parking_key

ERROR_CHARACTERS: Final = 8000
"""Headers must fit one frame: the end of a longer traceback is what is kept."""

_NAMESPACE: Final = UUID("5d2a1c53-8a0c-5d0e-9a55-0c2f4be7f4d1")


@dataclass(frozen=True, slots=True)
class Parked:
    """A message that somebody gave up on. `reason` is one word, `error` is for who repairs it."""

    queue: str
    reason: str
    error: str
    exchange: str
    routing_key: str
    headers: Mapping[str, Any]
    body: bytes
    message_id: str
    parked_at: datetime
    type: str = ""


def parking_message(delivery: Delivery, reason: str, error: str) -> Outgoing:
    """The message that parks a delivery."""
    return _parking(delivery.queue, delivery, reason, error)


def parking_returned(message: Outgoing, reason: str, error: str) -> Outgoing:
    """The message that parks one of our own that the broker returned; its `queue` is its exchange."""
    return _parking(message.exchange, message, reason, error)


async def park(publisher: Publisher, delivery: Delivery, reason: str, error: str) -> None:
    """Parks a delivery; returns after the broker's confirm, then it may be settled. Raises `Unavailable`."""
    try:
        await publisher.publish(parking_message(delivery, reason, error))
    except Unroutable as returned:
        raise Unavailable(f"there is no parking queue: {returned}") from returned


def read_parked(delivery: Delivery) -> Parked:
    """What a delivery from the parking queue says, whoever put it there."""
    headers = dict(delivery.headers)
    at = headers.get("x-parked-at")
    return Parked(
        queue=_text(headers.get("x-queue")) or delivery.routing_key,
        reason=_text(headers.get("x-reason")) or "delivery_limit",
        error=_text(headers.get("x-error"))
        or f"the broker gave up: {headers.get('x-death', 'no reason given')}"[:500],
        exchange=_text(headers.get("x-exchange")) or _death(headers, "exchange"),
        routing_key=_text(headers.get("x-routing-key")) or _death(headers, "routing-keys"),
        headers=headers,
        body=delivery.body,
        message_id=_text(headers.get("x-message-id")) or delivery.message_id,
        parked_at=datetime.fromisoformat(at) if isinstance(at, str) else datetime.now(UTC),
        type=_text(headers.get("x-type")) or delivery.type,
    )


def _parking(queue: str, what: Delivery | Outgoing, reason: str, error: str) -> Outgoing:
    PARKED.labels(queue, reason).inc()
    same = blake2b(b"\0".join((queue.encode(), what.message_id.encode(), what.body)), digest_size=16)
    return Outgoing(
        exchange=PARKING,
        routing_key=parking_key(queue),
        body=what.body,
        message_id=str(uuid5(_NAMESPACE, same.hexdigest())),  # parked again after a crash, it is the same
        type=what.type,
        headers={
            "x-queue": queue,
            "x-reason": reason,
            "x-error": error[-ERROR_CHARACTERS:],
            "x-exchange": what.exchange,
            "x-routing-key": what.routing_key,
            "x-message-id": what.message_id,
            "x-type": what.type,
            "x-parked-at": datetime.now(UTC).isoformat(),
        },
    )


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


def _death(headers: Mapping[str, Any], name: str) -> str:
    """A field of the broker's oldest record of why it gave the message up."""
    deaths = headers.get("x-death")
    if not isinstance(deaths, list) or not deaths:
        return ""
    value = deaths[-1].get(name)
    return _text(value[0] if isinstance(value, list) and value else value)
