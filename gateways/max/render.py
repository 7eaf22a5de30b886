"""Our message as requests of MAX. Pure.

POST /uploads?type=image → {"url": "https://…"}; the file as `data` to that address → {"photos": {…}}
POST /messages?chat_id=182 {"text": "Добрый день", "attachments": [{"type": "image", "payload": {…}}],
                            "link": {"type": "reply", "mid": "mid.1a"}, "format": "html"}

One message of ours may be several of MAX's: a long text is divided; pictures and videos go together below the
last words; a file, a recording, a place, a card and a sticker each stand alone, as MAX wants it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote

from gateways.kit.division import divide
from gateways.kit.formatting import Tree, Words, parse, visible
from gateways.kit.request import Request
from gateways.kit.text import clean_text
from gateways.max.keyboard import keyboard
from gateways.max.markup import html, is_plain
from gateways.max.people import USER
from gateways.max.vcard import vcard
from shared.contract.content import ContactCard, Content, File, Location, Part, Sticker, Text
from shared.contract.envelope import Data, Envelope
from shared.contract.outbound import DeleteMessage, EditMessage, SendMessage
from shared.failure import Rejected
from shared.files.names import safe_name

LIMIT: Final = 4000
"""Of one message there, its marks counted."""
TEXT_LENGTH: Final = 4 * LIMIT
MIB: Final = 1024 * 1024
IMAGE_BYTES: Final = 50 * MIB
VIDEO_BYTES: Final = 250 * MIB
AUDIO_BYTES: Final = 256 * MIB
FILES: Final = 10

Kind: TypeAlias = Literal["image", "video", "audio", "file"]

_TOGETHER: Final = ("image", "video")
_TYPES: Final[Mapping[Kind, tuple[frozenset[str], int]]] = {
    "image": (
        frozenset(f"image/{name}" for name in ("jpeg", "png", "gif", "tiff", "bmp", "heic")), IMAGE_BYTES,
    ),
    "video": (
        frozenset(("video/mp4", "video/quicktime", "video/x-matroska", "video/webm")), VIDEO_BYTES,
    ),
}  # fmt: skip
"""What MAX shows as such; any other goes as a file."""
_KINDS: Final[Mapping[str, Kind]] = {
    "image": "image", "sticker": "image", "video": "video",
    "voice": "audio", "audio": "audio", "file": "file",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is put to MAX before the message that names it."""

    kind: Kind
    file: File


Attached: TypeAlias = Upload | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """One message there."""

    text: str = ""
    formatted: bool = False
    attached: tuple[Attached, ...] = ()
    buttons: Mapping[str, Any] | None = None
    link: Mapping[str, str] | None = None

    @property
    def uploads(self) -> tuple[Upload, ...]:
        return tuple(one for one in self.attached if isinstance(one, Upload))


def pieces(message: SendMessage) -> list[Piece]:
    """What a message becomes, in order; raises `Rejected` for what can never be sent."""
    content = message.content
    made = _texts(content)
    for group in _groups(content.parts):
        if made and not made[-1].attached:
            made[-1] = replace(made[-1], attached=group)
        else:
            made.append(Piece(attached=group))
    if not made:
        raise Rejected("text_empty", "There is nothing to send.")
    if content.buttons:
        made[-1] = replace(made[-1], buttons=keyboard(content.buttons))
    if message.quoted_external_id:
        made[0] = replace(made[0], link={"type": "reply", "mid": message.quoted_external_id})
    return made


def _texts(content: Content) -> list[Piece]:
    part = next((one for one in content.parts if isinstance(one, Text)), None)
    if part is None or not part.text:
        return []
    if len(part.text) > TEXT_LENGTH:
        raise Rejected("text_too_long", f"A message to MAX is at most {TEXT_LENGTH} characters.")
    text = clean_text(part.text)
    tree: Tree = parse(text) if part.format == "marks" else (Words(text),)
    if is_plain(tree):
        divided = divide(tree, LIMIT, "utf16", _plain)
        return [Piece(_plain(one)) for one in _shown_ones(divided)]
    return [Piece(html(one), formatted=True) for one in _shown_ones(divide(tree, LIMIT, "utf16", html))]


def _shown_ones(divided: Sequence[Tree]) -> Sequence[Tree]:
    """Without what is blank alone: MAX refuses an empty message, and the others would be there already."""
    return [one for one in divided if visible(one).strip()] or divided[:1]


def _plain(tree: Tree) -> str:
    return "".join(node.text for node in tree if isinstance(node, Words))


def _groups(parts: Sequence[Part]) -> list[tuple[Attached, ...]]:
    """What may go together, pictures and videos first."""
    attached = [_attached(part) for part in parts if part.kind != "text"]
    shown = tuple(one for one in attached if isinstance(one, Upload) and one.kind in _TOGETHER)
    alone = [(one,) for one in attached if not (isinstance(one, Upload) and one.kind in _TOGETHER)]
    return [shown, *alone] if shown else list(alone)


def _attached(part: Part) -> Attached:
    match part:
        case Location(latitude=latitude, longitude=longitude):
            return {"type": "location", "latitude": latitude, "longitude": longitude}
        case ContactCard():
            return {"type": "contact", "payload": _contact(part)}
        case Sticker(external_id=str(code)):
            return {"type": "sticker", "payload": {"code": code}}
    file = getattr(part, "file", None)
    if file is None or part.kind not in _KINDS:
        raise Rejected("not_possible", f"MAX has nothing to show it by: {part.kind}.")
    return Upload(_kind(_KINDS[part.kind], file), file)


def _kind(wanted: Kind, file: File) -> Kind:
    known = _TYPES.get(wanted)
    if known is None:
        return "file" if wanted == "audio" and (file.size_bytes or 0) > AUDIO_BYTES else wanted
    return wanted if file.mime_type in known[0] and (file.size_bytes or 0) <= known[1] else "file"


def _contact(contact: ContactCard) -> dict[str, Any]:
    phone = contact.phones[0] if contact.phones else None
    return {"name": clean_text(contact.name), "vcf_info": vcard(contact), "vcf_phone": phone}


def request(chat: str, piece: Piece, names: Sequence[Mapping[str, Any]]) -> Request:
    """The request of a piece; `names`: what MAX said of its uploads, in their order."""
    named = iter(names)
    attachments = [
        {"type": one.kind, "payload": dict(next(named))} if isinstance(one, Upload) else dict(one)
        for one in piece.attached
    ]
    if piece.buttons is not None:
        attachments.append(dict(piece.buttons))
    body: dict[str, Any] = {
        "text": piece.text or None,
        "attachments": attachments or None,
        "link": None if piece.link is None else dict(piece.link),
    }
    return Request("POST", f"/messages?{_receiver(chat)}", body | _format(piece))


def _receiver(chat: str) -> str:
    if chat.startswith(USER):
        return f"user_id={quote(chat.removeprefix(USER), safe='')}"
    return f"chat_id={quote(chat, safe='-')}"


def _format(piece: Piece) -> dict[str, str]:
    return {"format": "html"} if piece.formatted else {}


def upload_request(upload: Upload) -> Request:
    return Request("POST", f"/uploads?type={upload.kind}", {})


def edits(act: EditMessage) -> list[Request]:
    """The new words in the messages that hold the old ones; those that are left over are deleted.

    Attachments stay as they are. Raises `Rejected` where the words need more messages than there are.
    """
    texts = _texts(act.content) or [Piece()]
    without_words = max(0, len(_groups(act.content.parts)) - 1)
    before = max(1, len(act.external_ids) - without_words)
    if len(texts) > before:
        raise Rejected("text_too_long", "The new words need more messages than the old ones had.")
    changed = [
        Request(
            "PUT", _message(name), {"text": piece.text, "attachments": None, "link": None} | _format(piece)
        )
        for name, piece in zip(act.external_ids, texts, strict=False)
    ]
    return changed + [deletion(name) for name in act.external_ids[len(texts) : before]]


def deletion(external_id: str) -> Request:
    return Request("DELETE", _message(external_id), {})


def _message(external_id: str) -> str:
    return f"/messages?message_id={quote(external_id, safe='')}"


def render_message(act: Envelope[Data]) -> Sequence[Mapping[str, Any]]:
    """The requests of an act as plain data; what MAX makes of an upload is known to it alone."""
    match act.data:
        case SendMessage() as message:
            return [one for piece in pieces(message) for one in _shown(message.dialog.chat, piece)]
        case EditMessage() as edit:
            return [one.shown() for one in edits(edit)]
        case DeleteMessage(external_ids=names):
            return [deletion(name).shown() for name in names]
    raise Rejected("not_possible", f"MAX has no {act.type}.")


def _shown(chat: str, piece: Piece) -> list[dict[str, Any]]:
    uploads = [
        {**upload_request(one).shown(), "form": {"data": safe_name(one.file.name)}} for one in piece.uploads
    ]
    names = [{"token": f"<uploaded {safe_name(one.file.name)}>"} for one in piece.uploads]
    return [*uploads, request(chat, piece, names).shown()]
