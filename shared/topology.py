"""Every exchange, queue, binding and limit of the broker, on one page.

Nobody else spells a queue name or a routing key. Arguments of a queue are immutable, so its name
carries a version: change an argument, raise the version. Everything is declared as arguments; no
policy and no plugin is needed, on RabbitMQ 3.10 and 4.x alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

INBOUND: Final = "inbound"
COMMANDS: Final = "commands"
OUTBOUND: Final = "outbound"
EVENTS: Final = "events"
FEED: Final = "feed"
LIVE: Final = "live"
PARKING: Final = "parking"

DELIVERY_LIMIT: Final = 50
"""The broker's own last net. Our attempts end at five; what the broker gives up on is parked too."""

MAX_BODY_BYTES: Final = 256 * 1024
"""Longer texts, HTML and raw payloads travel as blobs."""


@dataclass(frozen=True, slots=True)
class Exchange:
    name: str
    routing_key: str
    publishers: str
    consumers: str
    delivery: str


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    bindings: tuple[tuple[str, str], ...]
    single_active: bool = True

    @property
    def arguments(self) -> Mapping[str, str | int | bool]:
        """A quorum queue with an explicit delivery limit, whose dead letters go to `parking`."""
        arguments: dict[str, str | int | bool] = {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-single-active-consumer": self.single_active,
        }
        if self.name != PARKED.name:
            arguments |= {
                "x-dead-letter-exchange": PARKING,
                "x-dead-letter-routing-key": self.name,
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",
            }
        return MappingProxyType(arguments)


_CONFIRMED: Final = "persistent, mandatory, confirmed"

EXCHANGES: Final = (
    Exchange(INBOUND, "<fact>.<channel>.<account>", "channel gateways", "router.inbound.v1", _CONFIRMED),
    Exchange(
        COMMANDS,
        "<noun>.<verb> ; account.<verb>.<channel>.<account>",
        "desk, command lines, bots, other services",
        "by noun: router.commands.v1, store.commands.v1",
        _CONFIRMED,
    ),
    Exchange(OUTBOUND, "<channel>.<account>", "router", "outbound.<channel>.<account>.v1", _CONFIRMED),
    Exchange(
        EVENTS,
        "<entity>.<what>.v1",
        "router, store (contacts)",
        "store.events.v1 ; router.contacts.v1 ; anyone",
        "persistent, confirmed",
    ),
    Exchange(FEED, "<entity>.<what>", "store writer", "desks (exclusive queues)", "transient"),
    Exchange(LIVE, "<what>.<subject>", "gateways, desks", "gateways, desks (exclusive queues)", "transient"),
    Exchange(PARKING, "<queue>", "whoever gives up on a message", "parking.v1", "persistent, confirmed"),
)

ROUTER_NOUNS: Final = (
    "conversation",
    "message",
    "operator",
    "group",
    "routing",
    "presence",
    "statuses",
)
"""Nouns of the commands that the router decides."""

STORE_NOUNS: Final = ("contact", "note", "parked", "template")
"""Nouns of the commands that the store decides."""

ROUTER_COMMANDS: Final = Queue("router.commands.v1", tuple((COMMANDS, f"{noun}.*") for noun in ROUTER_NOUNS))
ROUTER_INBOUND: Final = Queue("router.inbound.v1", ((INBOUND, "#"),))
ROUTER_CONTACTS: Final = Queue("router.contacts.v1", ((EVENTS, "contact.facts.v1"),))
STORE_COMMANDS: Final = Queue("store.commands.v1", tuple((COMMANDS, f"{noun}.*") for noun in STORE_NOUNS))
STORE_EVENTS: Final = Queue("store.events.v1", ((EVENTS, "#"),))
PARKED: Final = Queue("parking.v1", ((PARKING, "#"),))

QUEUES: Final = (ROUTER_COMMANDS, ROUTER_INBOUND, ROUTER_CONTACTS, STORE_COMMANDS, STORE_EVENTS, PARKED)
"""The fixed durable queues; every service declares all of them when it starts."""

_WORD = re.compile(r"[a-z0-9_]{1,40}")


def word(text: str) -> str:
    """`text` itself, if it may stand in a routing key; else `ValueError`."""
    if not _WORD.fullmatch(text):
        raise ValueError(f"{text!r} is no word of a routing key: use 1 to 40 of a-z, 0-9 and _")
    return text


def account_queue(channel: str, account: str) -> Queue:
    """The queue of what is to be sent through one account; router and gateway both declare it."""
    name = f"outbound.{word(channel)}.{word(account)}.v1"
    return Queue(name, ((OUTBOUND, outbound_key(channel, account)),))


def account_commands_queue(channel: str, account: str) -> Queue:
    """The queue of the commands to one account's gateway."""
    name = f"account.commands.{word(channel)}.{word(account)}.v1"
    return Queue(name, ((COMMANDS, f"account.*.{channel}.{account}"),))


def inbound_key(fact: str, channel: str, account: str) -> str:
    """`<fact>.<channel>.<account>`: the key of a fact that a gateway heard."""
    return f"{word(fact)}.{word(channel)}.{word(account)}"


def outbound_key(channel: str, account: str) -> str:
    """`<channel>.<account>`: the key of what the router gives an account to send."""
    return f"{word(channel)}.{word(account)}"


def command_key(type_: str) -> str:
    """`conversation.accept.v1` → `conversation.accept`."""
    noun, verb, _version = type_.split(".")
    return f"{word(noun)}.{word(verb)}"


def event_key(type_: str) -> str:
    """Events travel under their own type: `conversation.assigned.v1`."""
    return type_


def feed_key(entity: str, what: str) -> str:
    """`<entity>.<what>` of a row of the feed."""
    return f"{word(entity)}.{word(what)}"


def live_key(what: str, subject: str) -> str:
    """`<what>.<subject>` of what is worthless after ten seconds."""
    return f"{word(what)}.{word(subject)}"


def parking_key(queue: str) -> str:
    """Parked messages travel under the name of the queue that they were taken from."""
    return queue
