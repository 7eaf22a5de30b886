"""Names of mails: Message-IDs bounded, ours unguessable, and our token behind a plus. Pure.

    ours: <sb.0198….3f9a…@shop.example>, our message id and an HMAC of it under the mailbox's own random key
    support+t-5d41…@shop.example, an HMAC of the thread's name

The key is random and kept in the gateway's database: an HMAC under a password, in every mail, would let
anybody try passwords at home.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final
from uuid import UUID

LONGEST: Final = 200
"""Characters of a name as the tables keep it."""
_TOKEN: Final = 24
_OURS: Final = re.compile(r"sb\.([0-9a-f]{32})\.([0-9a-f]{24})@")
_PLUS: Final = re.compile(r"t-([0-9a-f]{24})")


def bounded(message_id: str) -> str:
    """A Message-ID as a key: as it is, or a hash where it is too long for an index."""
    if len(message_id) <= LONGEST:
        return message_id
    return "sha256:" + sha256(message_id.encode("utf-8", "replace")).hexdigest()


def own_id(key: bytes, message: UUID, domain: str) -> str:
    """The Message-ID of a message of ours, the same for ever, without brackets."""
    return f"sb.{message.hex}.{_hmac(key, message.bytes)}@{domain}"


def message_of(key: bytes, name: str) -> UUID | None:
    """The message of ours that has this Message-ID; none where nobody with the key made it."""
    found = _OURS.match(name)
    if found is None:
        return None
    message = UUID(hex=found[1])
    return message if hmac.compare_digest(found[2], _hmac(key, message.bytes)) else None


def token_of(key: bytes, chat: str) -> str:
    """What stands behind the plus for the thread of this name."""
    return _hmac(key, chat.encode("utf-8", "replace"))


def plus_address(address: str, token: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}+t-{token}@{domain}"


def tokens_in(address: str, addresses: Iterable[str]) -> list[str]:
    """The tokens in addresses of ours, in their order."""
    local, _, domain = address.rpartition("@")
    found: list[str] = []
    for one in addresses:
        name, _, host = one.lower().rpartition("@")
        base, plus, behind = name.partition("+")
        token = _PLUS.fullmatch(behind)
        if plus and token and base == local and host == domain:
            found.append(token[1])
    return found


def is_ours(address: str, other: str) -> bool:
    """Whether `other` is the mailbox's own address, with or without something behind a plus."""
    local, _, domain = other.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}" == address


def _hmac(key: bytes, message: bytes) -> str:
    return hmac.new(key, message, sha256).hexdigest()[:_TOKEN]
