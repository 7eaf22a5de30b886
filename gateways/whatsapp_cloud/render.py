"""Our message as requests of Meta. Pure.

POST /media, a form with the file → {"id": "1080000000001"}
POST /messages {"messaging_product": "whatsapp", "to": "79990000001", "type": "text",
                "text": {"body": "Здравствуйте", "preview_url": true},
                "context": {"message_id": "wamid.HBg1"}, "biz_opaque_callback_data": "<our message id>"}

One message of ours becomes several of Meta's where it has several files or long words; the words stand under
the first file that takes any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from gateways.kit.division import divide
from gateways.kit.formatting import Tree, Words, parse, whatsapp
from gateways.kit.request import Request
from gateways.kit.text import clean_text
from gateways.whatsapp_cloud import buttons as pressing
from gateways.whatsapp_cloud.files import attached, form_of
from gateways.whatsapp_cloud.templates import Shape, components
from shared.contract.content import ContactCard, File, Location, Part, Sticker, Template
from shared.contract.envelope import Data, Envelope
from shared.contract.outbound import MarkRead, React, SendMessage
from shared.contract.people import DialogRef
from shared.failure import Rejected
from shared.files.names import safe_name

TEXT_LENGTH: Final = 16384
"""Four of Meta's messages."""
PIECE_LENGTH: Final = 4096
CAPTION_LENGTH: Final = 1024
MESSAGES: Final = "/messages"
MEDIA: Final = "/media"
LIST_LABEL: Final = "Выбрать"

_CAPTIONED: Final = frozenset({"image", "video", "document"})
_POSSIBLE: Final = frozenset(
    {"text", "image", "file", "voice", "video", "audio", "sticker", "location", "contact", "template"}
)


@dataclass(frozen=True, slots=True)
class Means:
    """What a message is rendered with beside itself: names of uploaded files, the template's shape."""

    names: Mapping[UUID, str] = field(default_factory=dict)
    shape: Shape | None = None
    list_label: str = LIST_LABEL


def require_possible(message: SendMessage) -> None:
    """Returns when WhatsApp can show it; raises `Rejected`."""
    content = message.content
    if not all(part.kind in _POSSIBLE for part in content.parts):
        raise Rejected("not_possible", "WhatsApp has nothing like a part of this message.")
    if len(content.text) > TEXT_LENGTH:
        raise Rejected("text_too_long", f"WhatsApp takes at most {TEXT_LENGTH} characters here.")
    if content.buttons:
        pressing.require_possible(content.buttons)
        if not content.text.strip():
            raise Rejected("not_possible", "Buttons need words above them.")
    if not content.parts:
        raise Rejected("text_empty", "There is nothing in this message.")


def requests(message: SendMessage, means: Means) -> list[Request]:
    """The requests that a message becomes, in order; raises `Rejected`."""
    require_possible(message)
    template = next((part for part in message.content.parts if isinstance(part, Template)), None)
    bodies = _templated(message, template, means) if template else _bodies(message, means)
    common = {
        **address_of(message.dialog, message.provider),
        "biz_opaque_callback_data": str(message.message_id),
    }
    if not bodies:
        raise Rejected("text_empty", "There is nothing in this message.")
    made = [{**common, **body} for body in bodies]
    if message.quoted_external_id:
        made[0]["context"] = {"message_id": message.quoted_external_id}
    return [Request("POST", MESSAGES, body) for body in made]


def address_of(dialog: DialogRef, provider: Mapping[str, Any]) -> dict[str, Any]:
    """To whom: as they last wrote to us, else by the chat's own name."""
    told = {"messaging_product": "whatsapp"}
    if dialog.kind == "group":
        return {**told, "recipient_type": "group", "to": dialog.chat}
    told["recipient_type"] = "individual"
    for name in ("to", "recipient"):
        if isinstance(provider.get(name), str):
            return {**told, name: provider[name]}
    return {**told, "recipient" if "." in dialog.chat else "to": dialog.chat}


def _templated(message: SendMessage, template: Template, means: Means) -> list[dict[str, Any]]:
    others = [part for part in message.content.parts if part is not template]
    header = None
    if len(others) == 1 and (file := getattr(others[0], "file", None)) is not None:
        kind = form_of(others[0], file).kind
        header = {"type": kind, kind: _named(file, kind, means)}
    elif others:
        raise Rejected("template_alone", "A template goes alone, or with the file of its header.")
    told: dict[str, Any] = {
        "name": template.name,
        "language": {"policy": "deterministic", "code": template.language},
    }
    if made := components(template, means.shape, header):
        told["components"] = made
    return [{"type": "template", "template": told}]


def _bodies(message: SendMessage, means: Means) -> list[dict[str, Any]]:
    """Files first, the words under the first that takes them; then what is left of the words."""
    content = message.content
    words = _tree(message)
    made: list[dict[str, Any]] = []
    captioned = False
    for part in content.parts:
        if part.kind in ("text", "contact"):
            continue
        body = _part(part, means)
        kind = str(body["type"])
        caption = whatsapp(words)
        if (
            words
            and not content.buttons
            and not captioned
            and kind in _CAPTIONED
            and len(caption) <= CAPTION_LENGTH
        ):
            body[kind]["caption"] = caption
            captioned = True
        made.append(body)
    cards = [part for part in content.parts if isinstance(part, ContactCard)]
    if cards:
        made.append({"type": "contacts", "contacts": [_card(card) for card in cards]})
    return made if captioned else made + _texts(words, message, means)


def _tree(message: SendMessage) -> Tree:
    """The words, with the links that cannot be buttons below them."""
    part = next((part for part in message.content.parts if part.kind == "text"), None)
    links = pressing.lines(message.content.buttons)
    if part is None:
        return ()
    text = clean_text(part.text)
    below = "".join(f"\n{line}" for line in links)
    if part.format == "plain":
        return (Words(text + below),) if text + below else ()
    return (*parse(text), Words(below)) if below else parse(text)


def _texts(words: Tree, message: SendMessage, means: Means) -> list[dict[str, Any]]:
    """The words in pieces; buttons stand under the last, which is shorter then."""
    pieces = divide(words, PIECE_LENGTH, "characters", whatsapp)
    buttons = message.content.buttons
    if buttons and pieces:
        pieces = pieces[:-1] + divide(pieces[-1], pressing.BODY_LENGTH, "characters", whatsapp)
    said = [whatsapp(piece) for piece in pieces]
    said = [one for one in said if one.strip()] or said[:1]  # Meta refuses an empty message
    made: list[dict[str, Any]] = [_text(one) for one in said]
    if buttons and said:
        interactive = pressing.interactive(said[-1], buttons, means.list_label)
        if interactive is not None:
            made[-1] = {"type": "interactive", "interactive": interactive}
    return made


def _text(words: str) -> dict[str, Any]:
    linked = "http://" in words or "https://" in words
    return {"type": "text", "text": {"body": words, "preview_url": linked}}


def _part(part: Part, means: Means) -> dict[str, Any]:
    if isinstance(part, Location):
        told = {
            "latitude": part.latitude,
            "longitude": part.longitude,
            "name": part.title,
            "address": part.address,
        }
        return {
            "type": "location",
            "location": {name: value for name, value in told.items() if value is not None},
        }
    if isinstance(part, Sticker) and part.file is None:
        if not part.emoji:
            raise Rejected("not_possible", "The sticker has no picture that could be sent.")
        return _text(part.emoji)
    file: File = part.file  # type: ignore[union-attr,assignment]
    form = form_of(part, file)
    body = _named(file, form.kind, means)
    return {"type": form.kind, form.kind: {**body, "voice": True} if form.spoken else body}


def _named(file: File, kind: str, means: Means) -> dict[str, Any]:
    body = {"id": means.names[file.attachment_id]}
    return {**body, "filename": safe_name(file.name)} if kind == "document" else body


def _card(card: ContactCard) -> dict[str, Any]:
    told: dict[str, Any] = {"name": {"formatted_name": card.name, "first_name": card.name}}
    if card.phones:
        told["phones"] = [{"phone": phone, "type": "CELL"} for phone in card.phones]
    if card.emails:
        told["emails"] = [{"email": email, "type": "WORK"} for email in card.emails]
    return told


def reaction(act: React) -> Request:
    """The last of the emoji, for WhatsApp knows one; none takes it back."""
    told = {"message_id": act.external_id, "emoji": act.emoji[-1] if act.emoji else ""}
    return Request(
        "POST", MESSAGES, {**address_of(act.dialog, act.provider), "type": "reaction", "reaction": told}
    )


def read_mark(external_id: str, *, typing: bool = False) -> Request:
    """Everything up to this message of the client was read; `typing`: and somebody writes."""
    told: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": external_id}
    return Request("POST", MESSAGES, {**told, "typing_indicator": {"type": "text"}} if typing else told)


def render_message(act: Envelope[Data]) -> Sequence[Mapping[str, Any]]:
    """The requests of an act as plain data; an upload's name is known to Meta alone."""
    data = act.data
    render = _RENDERED.get(type(data))
    if render is None:
        raise Rejected("not_possible", f"WhatsApp has no {act.type}.")
    return render(data)


def _rendered(message: SendMessage) -> Sequence[Mapping[str, Any]]:
    files = attached(message.content)
    names = {file.attachment_id: f"<uploaded {safe_name(file.name)}>" for _, file in files}
    made = [one.shown() for one in requests(message, Means(names))]
    uploads = [
        {"method": "POST", "path": MEDIA, "form": {"messaging_product": "whatsapp", "type": form.mime_type}}
        for form in (form_of(part, file) for part, file in files)
    ]
    return [*uploads, *made]


_RENDERED: Final[Mapping[type[Data], Callable[[Any], Sequence[Mapping[str, Any]]]]] = MappingProxyType(
    {
        SendMessage: _rendered,
        React: lambda act: [reaction(act).shown()],
        MarkRead: lambda act: [read_mark(act.external_id).shown()],
    }
)
