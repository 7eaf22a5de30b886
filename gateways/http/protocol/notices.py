"""What an integrator is told: `POST` to the account's `webhook`, one of these at a time, in order in a chat.

Drop what came before: `id` is the same however often we ask. Fields are added as time goes; pass by those
that you do not know, and answer 200 to a `type` that you do not know.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.contract.content import Button, Forwarded


class Told(BaseModel):
    """Root of what goes out."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class FileTold(Told):
    url: str
    """Good for a day. Where the account has no `public_url` it begins with the path, at our address."""
    name: str
    mime_type: str
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None


class TextTold(Told):
    kind: Literal["text"] = "text"
    text: str
    format: Literal["plain", "marks"] = "plain"
    """`marks`: *bold*, _italic_, ~struck~, `code`, [words](address)."""
    plain: str
    """The same without any marks."""


class MediaTold(Told):
    kind: Literal["image", "file", "voice", "video", "audio"]
    file: FileTold


class StickerTold(Told):
    kind: Literal["sticker"] = "sticker"
    emoji: str | None = None
    external_id: str | None = None
    file: FileTold | None = None


class LocationTold(Told):
    kind: Literal["location"] = "location"
    latitude: float
    longitude: float
    title: str | None = None
    address: str | None = None


class CardTold(Told):
    kind: Literal["contact"] = "contact"
    name: str
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


class TemplateTold(Told):
    kind: Literal["template"] = "template"
    name: str
    language: str
    parameters: tuple[str, ...] = ()
    text: str | None = None


PartTold: TypeAlias = Annotated[
    TextTold | MediaTold | StickerTold | LocationTold | CardTold | TemplateTold, Field(discriminator="kind")
]


class QuoteTold(Told):
    message: str | None = None
    """The message's id: yours, or ours where we have told it."""
    text: str | None = None


class Notice(Told):
    """Root of what concerns a chat."""

    id: UUID
    """Deduplicate by it; it stands in the header Idempotency-Key too."""
    account: str
    chat: str
    chat_kind: Literal["personal", "group"] = "personal"
    context: dict[str, Any] = Field(default_factory=dict)
    """What you said last of the chat."""


class MessageTold(Notice):
    """Send this to the client. Answer with `external_ids`, your ids of what became of it."""

    type: Literal["message"] = "message"
    author: str | None = None
    """The public name of who writes."""
    origin: Literal["operator", "bot", "system", "client", "external"] = "operator"
    bulk: bool = False
    resend_of: UUID | None = None
    """A message of ours that failed, which this one repeats."""
    at: datetime
    parts: tuple[PartTold, ...] = ()
    quote: QuoteTold | None = None
    forwarded_from: Forwarded | None = None
    buttons: tuple[Button, ...] = ()
    album_id: str | None = None
    subject: str | None = None


class EditTold(Notice):
    """The message is to say this from now on."""

    type: Literal["edit"] = "edit"
    message: UUID
    external_ids: tuple[str, ...] = ()
    parts: tuple[PartTold, ...] = ()
    buttons: tuple[Button, ...] = ()


class DeletionTold(Notice):
    type: Literal["deletion"] = "deletion"
    message: UUID
    external_ids: tuple[str, ...] = ()


class ReactionTold(Notice):
    """All our reactions to a message now."""

    type: Literal["reaction"] = "reaction"
    message: str
    emoji: tuple[str, ...]


class ReadTold(Notice):
    """An operator has read everything up to this message of the client."""

    type: Literal["read"] = "read"
    message: str


class ClosingTold(Notice):
    """The conversation was closed."""

    type: Literal["closing"] = "closing"


class TypingTold(Notice):
    """An operator writes, or has stopped. It is said once, and worth nothing after ten seconds."""

    type: Literal["typing"] = "typing"
    on: bool


class Ping(Told):
    """Is anybody there? Answer 200."""

    type: Literal["ping"] = "ping"
    id: UUID
    account: str


NoticeTold: TypeAlias = Annotated[
    MessageTold | EditTold | DeletionTold | ReactionTold | ReadTold | ClosingTold | TypingTold | Ping,
    Field(discriminator="type"),
]


class TakenTold(Told):
    """What the webhook may answer with 2xx; without it our own id is the name of the message."""

    external_ids: tuple[str, ...] = ()
    sequence: int | None = None
    """Your order in the chat, where you have one."""


class RefusedTold(Told):
    """What the webhook may answer with 4xx: the message failed, and operators read `words`."""

    code: str | None = None
    """snake_case; `contact_blocked` and `contact_gone` are known to the workplace."""
    words: str | None = None
