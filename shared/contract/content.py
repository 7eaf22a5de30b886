"""What a message is made of: parts, and what stands beside them.

    {"parts": [{"kind": "text", "text": "Добрый день"}, {"kind": "image", "file": {…}}], "quote": {…}}

At most one part is text. A kind that we do not know becomes `Unsupported` with what came as `raw`: it is
shown and kept, never dropped and never an exception.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator

from shared.contract.wire import Utc, Wire

Origin: TypeAlias = Literal["client", "operator", "bot", "system", "external"]
"""Who wrote it; `external`: one of us, past us, in the provider's own program."""


class File(Wire):
    """An attachment. Its bytes never travel through the broker: `attachment_id` names them in the blobs."""

    attachment_id: UUID
    name: str = Field(default="", max_length=400)
    mime_type: str = "application/octet-stream"
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    state: Literal["pending", "stored", "failed", "expired"] = "pending"
    words: str | None = None
    """Why it failed, for the operator."""


class Text(Wire):
    kind: Literal["text"] = "text"
    text: str
    format: Literal["plain", "marks"] = "plain"
    """`marks`: *bold*, _italic_, ~struck~, `code` and [words](address), rendered per provider."""


class Image(Wire):
    kind: Literal["image"] = "image"
    file: File


class Document(Wire):
    kind: Literal["file"] = "file"
    file: File


class Voice(Wire):
    kind: Literal["voice"] = "voice"
    file: File


class Video(Wire):
    kind: Literal["video"] = "video"
    file: File


class Audio(Wire):
    kind: Literal["audio"] = "audio"
    file: File


class Sticker(Wire):
    kind: Literal["sticker"] = "sticker"
    file: File | None = None
    emoji: str | None = None
    external_id: str | None = None
    """The provider's or the company's id of the sticker."""


class Location(Wire):
    kind: Literal["location"] = "location"
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    title: str | None = None
    address: str | None = None


class ContactCard(Wire):
    kind: Literal["contact"] = "contact"
    name: str
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


class Template(Wire):
    """A message that the provider approved beforehand (MS7)."""

    kind: Literal["template"] = "template"
    name: str
    language: str
    parameters: tuple[str, ...] = ()
    text: str | None = None
    """What the client reads, parameters filled in."""


class Unsupported(Wire):
    kind: Literal["unsupported"] = "unsupported"
    raw: Any = None
    words: str | None = None
    """What it probably is: "a poll", "a payment"."""


_KINDS = {"text", "image", "file", "voice", "video", "audio", "sticker", "location", "contact", "template"}


def _known_kind(value: Any) -> Any:
    """A part of an unknown kind as `Unsupported`."""
    if isinstance(value, dict) and value.get("kind") not in _KINDS and value.get("kind") != "unsupported":
        return {"kind": "unsupported", "raw": value}
    return value


def _kind(value: Any) -> str:
    return str(value.get("kind") if isinstance(value, dict) else value.kind)


Part: TypeAlias = Annotated[
    Annotated[Text, Tag("text")]
    | Annotated[Image, Tag("image")]
    | Annotated[Document, Tag("file")]
    | Annotated[Voice, Tag("voice")]
    | Annotated[Video, Tag("video")]
    | Annotated[Audio, Tag("audio")]
    | Annotated[Sticker, Tag("sticker")]
    | Annotated[Location, Tag("location")]
    | Annotated[ContactCard, Tag("contact")]
    | Annotated[Template, Tag("template")]
    | Annotated[Unsupported, Tag("unsupported")],
    Discriminator(_kind),
    BeforeValidator(_known_kind),
]


class Quote(Wire):
    """The message that this one answers (MS2), by its external id in the same dialog."""

    external_id: str | None = None
    message_id: UUID | None = None
    author: str | None = None
    text: str | None = None
    """What the provider says the quoted words were; the store prefers its own."""


class Forwarded(Wire):
    author: str | None = None
    sent_at: Utc | None = None
    external_id: str | None = None


class Button(Wire):
    """A button under a message (MS1): `reply` sends its words, `press` its payload, `link` opens."""

    kind: Literal["reply", "press", "link", "phone", "location"]
    label: str
    payload: str | None = None
    url: str | None = None
    row: int = 0


class Pressed(Wire):
    """The client pressed a button."""

    label: str | None = None
    payload: str | None = None
    external_id: str | None = None
    """The message that carried the button."""


class Html(Wire):
    """The HTML of a mail: a blob, never a body on the bus."""

    attachment_id: UUID
    size_bytes: int


class Address(Wire):
    address: str
    name: str | None = None


LetterKind: TypeAlias = Literal[
    "message", "auto_reply", "bulk", "bounce", "delay", "delivery_receipt", "read_receipt", "unreadable"
]
"""What a mail is; whatever is not a `message` was written by a program."""
LetterMark: TypeAlias = Literal[
    "other_sender",
    "forged_sender",
    "new_subject",
    "old_conversation",
    "remote_content",
    "signed",
    "encrypted",
    "invitation",
    "cut",
]
"""What an operator is told of a mail. `other_sender`: it came into the thread from an address new to it.
`forged_sender`: the receiving server could not prove the sender. `new_subject`: the thread is an old one, its
subject is new. `old_conversation`: it answers one that was over. `remote_content`: the HTML names pictures
elsewhere, left out until asked for. `cut`: the text is longer than a message may be; the mail is whole."""


class Letter(Wire):
    """What a mail has beside what every message has."""

    kind: LetterKind = "message"
    to: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    quoted: str | None = None
    """The older mails below or between the words, which stand in the text part without them."""
    signature: str | None = None
    raw: File | None = None
    """The mail as it came."""
    marks: tuple[LetterMark, ...] = ()


class Content(Wire):
    """Everything that one message says, both ways."""

    parts: tuple[Part, ...] = ()
    quote: Quote | None = None
    forwarded_from: Forwarded | None = None
    buttons: tuple[Button, ...] = ()
    pressed: Pressed | None = None
    technical: bool = False
    """A click or a deep link, which opens nothing and stops no timer (LC15)."""
    album_id: str | None = None
    subject: str | None = None
    cc: tuple[Address, ...] = ()
    html: Html | None = None
    letter: Letter | None = None

    @field_validator("parts")
    @classmethod
    def _one_text(cls, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        if sum(1 for part in parts if part.kind == "text") > 1:
            raise ValueError("a message has at most one part of text")
        return parts

    @property
    def text(self) -> str:
        """The words of the message, or an empty string."""
        return next((part.text for part in self.parts if isinstance(part, Text)), "")


def text_content(text: str) -> Content:
    """The content of a message of words alone."""
    return Content(parts=(Text(text=text),))
