"""What a visitor did, as facts for the router. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from gateways.kit.intake import heard
from gateways.kit.spool import SpoolRow
from gateways.webchat.entries import Body, Entry
from gateways.webchat.frames import Contact
from gateways.webchat.mailbox import CHANNEL
from shared.clock import uuid7
from shared.contract.content import (
    Audio,
    Content,
    Document,
    File,
    Image,
    Part,
    Quote,
    Sticker,
    Text,
    Video,
    Voice,
)
from shared.contract.ids import fact_id
from shared.contract.inbound import ChatClosed, MessageHeard, ReadUpTo, Visited
from shared.contract.people import DialogRef, Identity, Visit
from shared.db.types import from_micros

_PARTS: Final[dict[str, type[Image | Document | Voice | Video | Audio]]] = {
    "image": Image,
    "file": Document,
    "voice": Voice,
    "video": Video,
    "audio": Audio,
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a visitor's chat is, and who they are; made once for each connection."""

    ref: DialogRef
    identity: Identity

    @property
    def dialog_id(self) -> UUID:
        return self.ref.dialog_id


@dataclass(frozen=True, slots=True)
class Heard:
    """What turns a row of the visitor's into a fact."""

    visitor: Visitor
    traceparent: str
    visit: Visit | None
    received_at: datetime

    def fact(self, entry: Entry) -> SpoolRow:
        if entry.kind == "closed":
            return closed_chat(self.visitor, entry, traceparent=self.traceparent)
        return heard_message(
            self.visitor,
            entry,
            traceparent=self.traceparent,
            visit=self.visit,
            received_at=self.received_at,
        )


def visitor_at(account: str, visitor: str, dialog: UUID, language: str | None) -> Visitor:
    """The visitor's dialog and identity; nothing that a page claims about a person is believed here."""
    ref = DialogRef(dialog_id=dialog, channel=CHANNEL, account=account, chat=visitor)
    return Visitor(ref, Identity(channel=CHANNEL, address=visitor, language=language))


def heard_message(
    visitor: Visitor, entry: Entry, *, traceparent: str, visit: Visit | None, received_at: datetime
) -> SpoolRow:
    """The fact that this entry of the mailbox is: its number is its order, its time never changes."""
    fact = MessageHeard.model_construct(
        dialog=visitor.ref,
        provider={},
        message_id=entry.message_id,
        external_id=str(entry.cid),
        sender=visitor.identity,
        origin="client",
        content=_content(entry),
        sent_at=from_micros(entry.at),
        received_at=received_at,
        sequence=entry.seq,
        backfill=False,
        visit=visit,
        dialog_title=None,
    )
    return heard(fact, identity=entry.message_id, time=received_at, traceparent=traceparent)


def closed_chat(visitor: Visitor, entry: Entry, *, traceparent: str) -> SpoolRow:
    """The visitor closed the chat (LC8)."""
    at = from_micros(entry.at)
    fact = ChatClosed.model_construct(dialog=visitor.ref, provider={}, at=at)
    identity = fact_id("closing", str(entry.dialog_id), str(entry.seq))
    return heard(fact, identity=identity, time=at, traceparent=traceparent)


def visited(
    visitor: Visitor,
    *,
    at: datetime,
    traceparent: str,
    visit: Visit | None = None,
    contact: Contact | None = None,
    fields: dict[str, str] | None = None,
    identity: Identity | None = None,
    once: str | None = None,
) -> SpoolRow:
    """What a visitor told beside messages; `once`: what makes it the same when it is told again.

    A contact is their own claim: nobody vouches for it.
    """
    if contact is not None and (contact.name or contact.phone or contact.email):
        identity = Identity(
            channel=CHANNEL,
            address=visitor.identity.address,
            name=contact.name,
            phone=contact.phone,
            email=contact.email,
            language=visitor.identity.language,
        )
    fact = Visited(
        dialog=visitor.ref,
        visit=visit,
        identity=identity,
        fields=fields or {},
        consent=contact.consent if contact is not None else None,
    )
    fact_identity = uuid7(at) if once is None else fact_id("visit", str(visitor.dialog_id), once)
    return heard(fact, identity=fact_identity, time=at, traceparent=traceparent)


def receipt(
    visitor: Visitor, state: Literal["delivered", "read"], up_to: int, *, at: datetime, traceparent: str
) -> SpoolRow:
    """Everything of ours up to this number has arrived or been read; two tabs that say so are one fact."""
    fact = ReadUpTo.model_construct(dialog=visitor.ref, provider={}, state=state, up_to=str(up_to), at=at)
    identity = fact_id("receipt", str(visitor.dialog_id), f"{state}:{up_to}")
    return heard(fact, identity=identity, time=at, traceparent=traceparent)


def _content(entry: Entry) -> Content:
    body = entry.body
    parts: tuple[Part, ...] = ()
    if entry.text:
        parts = (Text.model_construct(kind="text", text=entry.text, format="plain"),)
    return Content.model_construct(
        parts=parts if body is None else parts + _beside(body),
        quote=None if body is None else _quote(body.get("quote")),
        forwarded_from=None,
        buttons=(),
        pressed=None,
        technical=False,
        album_id=None,
        subject=None,
        cc=(),
        html=None,
    )


def _beside(body: Body) -> tuple[Part, ...]:
    """The parts that are not words."""
    files: list[Part] = [_PARTS[one["kind"]](file=_file(one)) for one in body.get("files", ())]
    sticker = body.get("sticker")
    return (*files, Sticker(emoji=sticker["emoji"])) if sticker else tuple(files)


def _file(one: dict[str, Any]) -> File:
    return File(
        attachment_id=UUID(one["id"]),
        name=one["name"],
        mime_type=one["mime"],
        size_bytes=one["size"],
        width=one.get("w"),
        height=one.get("h"),
        duration_seconds=one.get("seconds"),
        state="stored",
    )


def _quote(quote: dict[str, Any] | None) -> Quote | None:
    if not quote:
        return None
    return Quote(external_id=quote.get("of"), author=quote.get("name"), text=quote.get("text"))
