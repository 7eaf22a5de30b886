"""How a reading room and its workers talk: a length of eight bytes, then a pickled value.

Both ends are this program, and the pipes between them are nobody else's.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from gateways.email.mail import Mail

HEAD: Final = struct.Struct("!Q")
READY: Final = b"\x01"
"""The first byte of a worker: from now on its time is that of the mails."""


@dataclass(frozen=True, slots=True)
class Request:
    raw: bytes
    believed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """`place`: the exception and the line of our program, where that is what failed."""

    reason: str
    words: str
    place: str | None = None


def request(raw: bytes, believed: Collection[str]) -> bytes:
    return frame(Request(raw, tuple(believed)))


def frame(value: Request | Mail | Refused) -> bytes:
    body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return HEAD.pack(len(body)) + body


def value(body: bytes) -> Any:
    return pickle.loads(body)  # noqa: S301  from our own process, over a pipe that we made
