"""Identity: how every name of a dialog, a message and an effect is made, byte for byte.

Two programs that hear the same thing give it the same id, so a repeat is recognised by a unique key
and nothing has to be looked up. The golden values stand in the contract's tests.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final, NewType
from uuid import UUID, uuid5

DialogId = NewType("DialogId", UUID)
MessageId = NewType("MessageId", UUID)
ConversationId = NewType("ConversationId", UUID)
ContactId = NewType("ContactId", UUID)
OperatorId = NewType("OperatorId", UUID)
GroupId = NewType("GroupId", UUID)
AttachmentId = NewType("AttachmentId", UUID)

NAMESPACE: Final = UUID("12516855-2be5-52bf-8727-c5a1545023d0")

_EARLIEST: Final = datetime(2010, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)


def key(parts: Sequence[str]) -> bytes:
    """The canonical bytes of a list of strings: compact JSON in UTF-8.

    Raises `UnicodeEncodeError` for a lone surrogate: gateways clean what they hear before they name it.
    """
    return json.dumps(list(parts), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def dialog_id(channel: str, account: str, chat: str) -> DialogId:
    """The endless thread with one external chat; `chat` is its canonical external id."""
    return DialogId(uuid5(NAMESPACE, key([channel, account, chat]).decode()))


def message_id(
    channel: str, account: str, chat: str, external_id: str, sent_at: datetime | None = None
) -> MessageId:
    """The id of an inbound message: a valid UUIDv7 that every delivery of the message shares.

    `sent_at` is a field of the provider that never changes between deliveries, in whole seconds; without
    one, or outside 2010–2099, the time bits are zero. Nobody sorts or pages by this id.
    """
    seconds = 0
    if sent_at is not None and _EARLIEST <= sent_at < _LATEST:
        seconds = int(sent_at.timestamp())
    random = blake2b(key([channel, account, chat, external_id]), digest_size=16).digest()
    return MessageId(_version7(seconds * 1000, random))


def fact_id(kind: str, target: str, discriminator: str) -> UUID:
    """The id of any other fact: an edit, a receipt, a reaction, a press."""
    return uuid5(NAMESPACE, key(["fact", kind, target, discriminator]).decode())


def effect_id(cause: UUID, ordinal: int) -> UUID:
    """The id of the `ordinal`-th effect of the input `cause`, from 0."""
    digest = blake2b(
        cause.bytes + ordinal.to_bytes(4, "big"), digest_size=16, person=b"switchb-effect"
    ).digest()
    return UUID(int=_stamped(int.from_bytes(digest, "big"), 8))


def conversation_id(dialog: UUID, cause: UUID) -> ConversationId:
    """The id of the conversation that the input `cause` opens in a dialog."""
    return ConversationId(uuid5(NAMESPACE, key(["conversation", str(dialog), str(cause)]).decode()))


def contact_id(channel: str, address: str) -> ContactId:
    """The id of the contact that is born with this identity."""
    return ContactId(uuid5(NAMESPACE, key(["contact", channel, address]).decode()))


def _version7(milliseconds: int, random: bytes) -> UUID:
    number = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(random, "big") & (1 << 80) - 1
    return UUID(int=_stamped(number, 7))


def _stamped(number: int, version: int) -> int:
    """`number` with the version and variant bits of RFC 9562."""
    number = number & ~(0xF << 76) | version << 76
    return number & ~(0x3 << 62) | 0x2 << 62
