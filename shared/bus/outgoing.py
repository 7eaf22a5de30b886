"""A message on its way to the broker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is published: `persistent` ones are mandatory and confirmed, others may be lost.

    `message_id` is what a returned message is recognised by: never empty for a persistent one.
    """

    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    type: str = ""
    persistent: bool = True
    reply_to: str | None = None
    correlation_id: str | None = None
    headers: Mapping[str, str | int | bytes] | None = None
