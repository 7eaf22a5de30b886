"""What a message is made of, as an integrator writes it.

    {"parts": [{"kind": "text", "text": "Hello"}, {"kind": "image", "file": {"upload": "photo"}}]}

A file is the field of the form that holds it (`upload`), or an address from which we fetch it (`url`).
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field

from gateways.http.abilities import TEXT_LENGTH
from gateways.http.protocol.people import Id, Line, Moment
from shared.http.route import Input

Words = Annotated[str, Field(max_length=TEXT_LENGTH)]
MOST_PARTS: Final = 20


class FileGiven(Input):
    """A file of a message: bytes in the same request, or an address."""

    upload: Line | None = Field(
        default=None, min_length=1, description="the field of the form with the bytes"
    )
    url: str | None = Field(
        default=None,
        max_length=2000,
        pattern=r"^https?://\S+$",
        description="from where we fetch it, within a day",
    )
    name: Line = ""
    mime_type: str | None = Field(default=None, pattern=r"^[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,99}$")
    size_bytes: int | None = Field(default=None, ge=0)
    width: int | None = Field(default=None, ge=1, le=100_000)
    height: int | None = Field(default=None, ge=1, le=100_000)
    duration_seconds: float | None = Field(default=None, ge=0, le=1_000_000)


class TextGiven(Input):
    kind: Literal["text"]
    text: Words
    format: Literal["plain", "marks"] = Field(
        default="plain", description="marks: *bold*, _italic_, ~struck~, `code`, [words](address)"
    )


class MediaGiven(Input):
    kind: Literal["image", "file", "voice", "video", "audio"]
    file: FileGiven


class StickerGiven(Input):
    kind: Literal["sticker"]
    emoji: Annotated[str, Field(max_length=40)] | None = None
    file: FileGiven | None = None


class LocationGiven(Input):
    kind: Literal["location"]
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    title: Line | None = None
    address: Annotated[str, Field(max_length=500)] | None = None


class CardGiven(Input):
    kind: Literal["contact"]
    name: Line
    phones: list[Line] = Field(default=[], max_length=20)
    emails: list[Line] = Field(default=[], max_length=20)


class UnsupportedGiven(Input):
    """Anything that the protocol has no part for: operators see the words, and that there is more."""

    kind: Literal["unsupported"]
    words: Annotated[str, Field(min_length=1, max_length=200, description="what it is: a poll, a payment")]
    raw: Any = Field(default=None, description="kept as it is, at most 64 KB")


PartGiven: TypeAlias = Annotated[
    TextGiven | MediaGiven | StickerGiven | LocationGiven | CardGiven | UnsupportedGiven,
    Field(discriminator="kind"),
]


class QuoteGiven(Input):
    """The message that this one answers: its id, or ours from the webhook."""

    message: Id | None = None
    author: Line | None = None
    text: Words | None = None


class ForwardGiven(Input):
    author: Line | None = None
    sent_at: Moment | None = None
    message: Id | None = None


class ButtonGiven(Input):
    kind: Literal["reply", "press", "link", "phone", "location"]
    label: Line
    payload: Annotated[str, Field(max_length=2000)] | None = None
    url: Annotated[str, Field(max_length=2000)] | None = None
    row: int = Field(default=0, ge=0, le=100)


class PressGiven(Input):
    """The button that the client pressed with this message."""

    label: Line | None = None
    payload: Annotated[str, Field(max_length=2000)] | None = None
    message: Id | None = None


class ContentGiven(Input):
    """Everything that one message says."""

    parts: list[PartGiven] = Field(default=[], max_length=MOST_PARTS)
    quote: QuoteGiven | None = None
    forwarded_from: ForwardGiven | None = None
    buttons: list[ButtonGiven] = Field(default=[], max_length=100)
    pressed: PressGiven | None = None
    technical: bool = Field(default=False, description="a click or a deep link: it opens no conversation")
    album_id: Id | None = None
    subject: Annotated[str, Field(max_length=500)] | None = None
