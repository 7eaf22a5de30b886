"""What an account is asked to do, as entries of the journal and as verbs of its channel.

==================  ==============  =================  =========================================
act                 part of entry   verb               announced by
==================  ==============  =================  =========================================
`SendMessage`       0               `send`             every channel
`EditMessage`       `ACT`           `edit`             `edit`
`DeleteMessage`     `ACT`           `delete`           `delete`
`MarkRead`          `ACT`           `mark_read`        `mark_read`
`CloseChat`         `ACT`           `close_chat`       `closes`
`React`             `ACT`           `react`            `reactions`
`WithdrawMessage`   `WITHDRAWAL`    none: the journal  every channel
==================  ==============  =================  =========================================

A message is known by its own id, a withdrawal by the id of the message that it is about, any other act by
the id of its envelope. All but sending may be repeated: the second time changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from gateways.kit.channel import Channel, Sent
from gateways.kit.journal import ACT, WITHDRAWAL, Entry
from shared.contract.capabilities import Capabilities
from shared.contract.envelope import Catalogue, Data, Envelope
from shared.contract.outbound import (
    ACTS,
    Act,
    CloseChat,
    DeleteMessage,
    EditMessage,
    MarkRead,
    React,
    SendMessage,
    WithdrawMessage,
)
from shared.db.types import to_micros


@dataclass(frozen=True, slots=True)
class Verb:
    """A method of a channel, and the capability that announces it; none: every channel has it."""

    name: str
    capability: str | None


VERBS: Final[Mapping[type[Data], Verb]] = {
    SendMessage: Verb("send", None),
    EditMessage: Verb("edit", "edit"),
    DeleteMessage: Verb("delete", "delete"),
    MarkRead: Verb("mark_read", "mark_read"),
    CloseChat: Verb("close_chat", "closes"),
    React: Verb("react", "reactions"),
}

_CATALOGUE: Final = Catalogue(*ACTS)


def read(body: bytes, type_: str) -> Envelope[Data]:
    """What came from the outbound queue; raises `Undecodable`."""
    return _CATALOGUE.decode(body, type_)


def entry_of(envelope: Envelope[Data], account: str, body: bytes) -> Entry | None:
    """The act as an entry of the journal; none for one that a newer router knows and we do not."""
    act = envelope.data
    if not isinstance(act, Act):
        return None
    identity, part, bulk = envelope.id, ACT, False
    if isinstance(act, SendMessage):
        identity, part, bulk = act.message_id, 0, act.priority == "bulk"
    elif isinstance(act, WithdrawMessage):
        identity, part = act.message_id, WITHDRAWAL
    return Entry(identity, account, act.dialog.dialog_id, bulk, body, to_micros(act.not_after), part)


def decode(entry: Entry) -> Envelope[Act]:
    """The act as it came; it was decoded before it was written, so this does not fail."""
    return cast(Envelope[Act], _CATALOGUE.decode(entry.body, SendMessage.TYPE if entry.part == 0 else ""))


def names_needed(act: Act) -> bool:
    """Whether it is about a message whose names at the provider only the journal knows."""
    return isinstance(act, EditMessage | DeleteMessage) and not act.external_ids


def named(envelope: Envelope[Act], names: tuple[str, ...]) -> Envelope[Act]:
    """The act with the provider's names of the message that it is about."""
    if not names or not names_needed(envelope.data):
        return envelope
    return envelope.model_copy(update={"data": envelope.data.model_copy(update={"external_ids": names})})


def cannot(capabilities: Capabilities, act: Act) -> str | None:
    """The capability that the act needs and the channel does not have."""
    needed = VERBS[type(act)].capability
    return None if needed is None or getattr(capabilities, needed) else needed


async def carry_out(channel: Channel, envelope: Envelope[Act]) -> Sent | None:
    """Calls the verb of the channel."""
    verb: Any = getattr(channel, VERBS[type(envelope.data)].name)
    done: Sent | None = await verb(envelope)
    return done


def require_verbs(channel: Channel) -> None:
    """Raises `TypeError` for a channel that announces what it has no verb for."""
    for verb in VERBS.values():
        announced = verb.capability is None or getattr(channel.capabilities, verb.capability)
        if announced and not hasattr(channel, verb.name):
            raise TypeError(f"{type(channel).__name__} announces {verb.capability} and has no {verb.name}")
