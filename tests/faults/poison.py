"""Twenty kinds of message that cannot be handled, each with what its parking must give as reason and error.

Most are bytes that do not follow the contract. The last two are well-formed and meet a bug of ours, which
the test plants by `SWITCHBOARD_FAULT_ON`: one raises, one ends the process.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.clock import uuid7
from shared.contract import ids
from shared.contract.content import text_content
from shared.contract.envelope import wrap
from shared.contract.inbound import MessageHeard
from shared.contract.people import DialogRef, Identity

RAISES = "poison-raises"
KILLS = "poison-kills"


@dataclass(frozen=True, slots=True)
class Poison:
    kind: str
    body: bytes
    error: str
    """How the error of its parking begins."""
    reason: str = "undecodable"
    dialog_id: UUID | None = None
    """Of one that is handled after its bug is fixed."""
    text: str = ""


def heard(chat: str, external_id: str, text: str, account: str = "main") -> MessageHeard:
    """A message of a web chat visitor, as its gateway would tell it."""
    dialog = ids.dialog_id("webchat", account, chat)
    return MessageHeard(
        dialog=DialogRef(dialog_id=dialog, channel="webchat", account=account, chat=chat),
        message_id=ids.message_id("webchat", account, chat, external_id),
        external_id=external_id,
        sender=Identity(channel="webchat", address=chat),
        content=text_content(text),
        received_at=datetime.now(UTC),
    )


def enveloped(fact: MessageHeard) -> bytes:
    return wrap(
        fact,
        id=fact.message_id,
        source="webchat/main",
        time=fact.received_at,
        subject=str(fact.dialog.dialog_id),
    ).encode()


def _broken(change: Callable[[dict[str, Any]], Any]) -> bytes:
    """A good message with one thing changed."""
    document = json.loads(enveloped(heard(uuid7().hex, "m", "poison")))
    change(document)
    return json.dumps(document).encode()


def _set(*path: str | int, value: Any) -> bytes:
    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        if value is ...:
            del place[path[-1]]
        else:
            place[path[-1]] = value

    return _broken(change)


def undecodable() -> Iterator[Poison]:
    """Bytes that no version of the router can read."""
    good = enveloped(heard(uuid7().hex, "m", "poison"))
    location = {"kind": "location", "latitude": 1000, "longitude": 0}
    two_texts = [{"kind": "text", "text": "a"}, {"kind": "text", "text": "b"}]
    yield Poison("empty body", b"", "body")
    yield Poison("not JSON", b"hello", "body")
    yield Poison("bad UTF-8", good.replace(b"poison", b"\xff\xfe\xfa"), "body")
    yield Poison("null", b"null", "body")
    yield Poison("a list", b"[1,2]", "body")
    yield Poison("gzip", gzip.compress(good), "body")
    yield Poison("cut in the middle", good[: len(good) // 2], "body")
    yield Poison("nested 100,000 deep", b'{"type":"inbound.message.v1","data":' + b"[" * 100_000, "body")
    yield Poison("no type", _set("type", value=...), "type")
    yield Poison("another envelope version", _set("specversion", value="2.0"), "specversion")
    yield Poison("no data", _set("data", value=...), "data")
    yield Poison("an id that is none", _set("id", value="nobody"), "id")
    yield Poison("a time without a zone", _set("time", value="2026-01-31T10:00:00"), "time")
    yield Poison("no content", _set("data", "content", value=...), "data.content")
    yield Poison("two texts", _set("data", "content", "parts", value=two_texts), "data.content")
    yield Poison("a place off the earth", _set("data", "content", "parts", value=[location]), "data.content")
    yield Poison(
        "a number of 10,000 digits",
        good.replace(b'"backfill"', b'"sequence":' + b"9" * 10_000 + b',"x"'),
        "body",
    )
    yield Poison("a lone surrogate", good.replace(b"poison", rb"\ud800"), "body")


def stumbling(chat: str) -> Iterator[Poison]:
    """Well-formed messages that meet a planted bug of ours."""
    bugs = (
        ("our bug raises", RAISES, "failed", "Traceback"),
        ("our bug ends the process", KILLS, "crashed", "the process ended during each of"),
    )
    for kind, mark, reason, error in bugs:
        text = f"{kind}, then it is mended"
        fact = heard(f"{chat}-{mark}", mark, text)
        yield Poison(kind, enveloped(fact), error, reason, fact.dialog.dialog_id, text)
