"""What an integrator's message says, as our content. Pure: files are stored already, or to be fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import UUID

from gateways.http.protocol.content import (
    ButtonGiven,
    CardGiven,
    ContentGiven,
    FileGiven,
    LocationGiven,
    MediaGiven,
    PartGiven,
    StickerGiven,
    TextGiven,
)
from gateways.kit.media import Wanted, Way, attachment_id
from shared.contract.content import (
    Audio,
    Button,
    ContactCard,
    Content,
    Document,
    File,
    Forwarded,
    Image,
    Location,
    Part,
    Pressed,
    Quote,
    Sticker,
    Text,
    Unsupported,
    Video,
    Voice,
)
from shared.files.kinds import UNKNOWN
from shared.files.names import safe_name

_OF_KIND: Mapping[str, type[Image | Document | Voice | Video | Audio]] = {
    "image": Image,
    "file": Document,
    "voice": Voice,
    "video": Video,
    "audio": Audio,
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A file whose bytes are safe: what they are by their content; a picture has sides."""

    name: str
    mime_type: str
    size_bytes: int
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Filing:
    """Where the files of one message are. `webhook`: the integrator's own address, which we may reach."""

    message: UUID
    stored: Mapping[UUID, Stored]
    webhook: str | None = None
    wanted: list[Wanted] = field(default_factory=list)

    def file(self, place: int, given: FileGiven) -> File:
        """The file at a place of the message; one behind an address is noted in `wanted`."""
        identity = attachment_id(self.message, place)
        kept = self.stored.get(identity)
        if kept is not None:
            return File(
                attachment_id=identity,
                name=safe_name(given.name or kept.name),
                mime_type=kept.mime_type,
                size_bytes=kept.size_bytes,
                width=kept.width or given.width,
                height=kept.height or given.height,
                duration_seconds=given.duration_seconds,
                state="stored",
            )
        file = File(
            attachment_id=identity,
            name=safe_name(given.name or _last(given.url or "")),
            mime_type=given.mime_type or UNKNOWN,
            size_bytes=given.size_bytes,
            width=given.width,
            height=given.height,
            duration_seconds=given.duration_seconds,
        )
        if given.url is not None:
            self.wanted.append(Wanted(self.message, file, given.url, self._way(given.url)))
        return file

    def _way(self, url: str) -> Way:
        """What lies beside the webhook is the integrator's; any other address may be a client's words."""
        return (
            "provider" if self.webhook is not None and _origin(url) == _origin(self.webhook) else "anywhere"
        )


def uploads(content: ContentGiven, message: UUID) -> Iterator[tuple[UUID, FileGiven]]:
    """The files of a message whose bytes are in the request, with the ids that they get."""
    for place, part in enumerate(content.parts):
        if (
            isinstance(part, MediaGiven | StickerGiven)
            and part.file is not None
            and part.file.upload is not None
        ):
            yield attachment_id(message, place), part.file


def content(given: ContentGiven, filing: Filing) -> Content:
    """The whole of it."""
    quote, forwarded, pressed = given.quote, given.forwarded_from, given.pressed
    return Content(
        parts=tuple(_part(place, part, filing) for place, part in enumerate(given.parts)),
        quote=None
        if quote is None
        else Quote(external_id=quote.message, author=quote.author, text=quote.text),
        forwarded_from=None
        if forwarded is None
        else Forwarded(author=forwarded.author, sent_at=forwarded.sent_at, external_id=forwarded.message),
        buttons=tuple(_button(one) for one in given.buttons),
        pressed=None
        if pressed is None
        else Pressed(label=pressed.label, payload=pressed.payload, external_id=pressed.message),
        technical=given.technical,
        album_id=given.album_id,
        subject=given.subject,
    )


def _part(place: int, given: PartGiven, filing: Filing) -> Part:
    match given:
        case TextGiven():
            return Text(text=given.text, format=given.format)
        case MediaGiven():
            file = filing.file(place, given.file)
            drawn = given.kind != "image" or file.state != "stored" or file.mime_type.startswith("image/")
            return (_OF_KIND[given.kind] if drawn else Document)(file=file)
        case StickerGiven():
            return Sticker(
                emoji=given.emoji, file=None if given.file is None else filing.file(place, given.file)
            )
        case LocationGiven():
            return Location(**given.model_dump(exclude={"kind"}))
        case CardGiven():
            return ContactCard(name=given.name, phones=tuple(given.phones), emails=tuple(given.emails))
    return Unsupported(raw=given.raw, words=given.words)


def _button(given: ButtonGiven) -> Button:
    return Button(**given.model_dump())


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def _last(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]
