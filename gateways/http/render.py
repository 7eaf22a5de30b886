"""Our acts as the notices that an integrator's webhook gets, and what its answers mean. Pure.

====================================  ===============================================================
the webhook answers                   the notice
====================================  ===============================================================
2xx                                   taken; `external_ids` name it, else its own id does
401                                   the account stops until a ping is taken: our secret is refused
429, 503 with Retry-After             again after that, for the whole account
any other of 400 to 499               failed, in the integrator's words
but 408, 409, 425; and all else       again, later and later; the chat's next notices wait behind it
====================================  ===============================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, assert_never
from uuid import UUID

from gateways.http.abilities import TEXT_LENGTH
from gateways.http.protocol.notices import (
    CardTold,
    ClosingTold,
    DeletionTold,
    EditTold,
    FileTold,
    LocationTold,
    MediaTold,
    MessageTold,
    Notice,
    PartTold,
    QuoteTold,
    ReactionTold,
    ReadTold,
    StickerTold,
    TemplateTold,
    TextTold,
)
from gateways.kit.channel import Sent
from gateways.kit.formatting import parse, plain
from gateways.kit.http import Answer
from gateways.kit.payload import Malformed
from gateways.kit.request import pause_of
from gateways.kit.retrying import Troubling
from gateways.kit.text import clean_line
from shared.contract.content import Content, File, Part
from shared.contract.envelope import Data, Envelope
from shared.contract.outbound import (
    Act,
    CloseChat,
    DeleteMessage,
    EditMessage,
    MarkRead,
    React,
    SendMessage,
)
from shared.failure import ChannelDown, Rejected, Retryable
from shared.files.names import safe_name

Link = Callable[[File], str]
"""The address at which the integrator gets a file."""

FIRST_SECONDS: Final = 1.0
REFUSED_WORDS: Final = "The integrator's system refuses this message ({status})."
REVOKED_WORDS: Final = (
    "login_needed: the integrator's system refuses our signature: check the secrets on both sides"
)
AGAIN_WORDS: Final = "The integrator's system answers {status}."
_AGAIN: Final = frozenset({408, 409, 425, 429})
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_MOST_IDS: Final = 100


def notice(act: Envelope[Data], link: Link) -> Notice:
    """What is told of an act; raises `Rejected` for what the protocol has no words for."""
    data = act.data
    if not isinstance(data, Act):
        raise Rejected("not_possible", f"The protocol has no {act.type}.")
    dialog = data.dialog
    root: dict[str, Any] = {
        "id": act.id,
        "account": dialog.account,
        "chat": dialog.chat,
        "chat_kind": dialog.kind,
        "context": data.provider,
    }
    match data:
        case SendMessage():
            return _message(data, root | {"id": data.message_id}, link)
        case EditMessage():
            known: dict[str, Any] = {"message": data.message_id, "external_ids": data.external_ids}
            return EditTold(**root, **known, parts=_parts(data.content, link), buttons=data.content.buttons)
        case DeleteMessage():
            return DeletionTold(**root, message=data.message_id, external_ids=data.external_ids)
        case React():
            return ReactionTold(**root, message=data.external_id, emoji=data.emoji)
        case MarkRead():
            return ReadTold(**root, message=data.external_id)
        case CloseChat():
            return ClosingTold(**root)
    raise Rejected("not_possible", f"The protocol has no {act.type}.")


def body(told: Notice) -> bytes:
    """The bytes that are signed and sent."""
    return told.model_dump_json(exclude_none=True).encode()


def _message(data: SendMessage, root: Mapping[str, Any], link: Link) -> MessageTold:
    content, quote = data.content, data.content.quote
    name = data.quoted_external_id or (quote.external_id if quote else None)
    if len(content.text) > TEXT_LENGTH:
        raise Rejected("text_too_long", f"The protocol carries at most {TEXT_LENGTH} characters.")
    return MessageTold(
        **root,
        author=data.author_name,
        origin=data.origin,
        bulk=data.priority == "bulk",
        resend_of=data.resend_of,
        at=data.created_at,
        parts=_parts(content, link),
        quote=QuoteTold(message=name, text=quote.text if quote else None) if quote or name else None,
        forwarded_from=content.forwarded_from,
        buttons=content.buttons,
        album_id=content.album_id,
        subject=content.subject,
    )


def _parts(content: Content, link: Link) -> tuple[PartTold, ...]:
    return tuple(_part(part, link) for part in content.parts)


def _part(part: Part, link: Link) -> PartTold:
    match part.kind:
        case "text":
            words = part.text if part.format == "plain" else plain(parse(part.text))
            return TextTold(text=part.text, format=part.format, plain=words)
        case "image" | "file" | "voice" | "video" | "audio":
            return MediaTold(kind=part.kind, file=_file(part.file, link))
        case "sticker":
            file = None if part.file is None else _file(part.file, link)
            return StickerTold(emoji=part.emoji, external_id=part.external_id, file=file)
        case "location":
            return LocationTold(**part.model_dump(include=set(LocationTold.model_fields)))
        case "contact":
            return CardTold(name=part.name, phones=part.phones, emails=part.emails)
        case "template":
            return TemplateTold(**part.model_dump(include=set(TemplateTold.model_fields)))
        case "unsupported":
            raise Rejected("not_possible", "This cannot be sent through this channel.")
        case _:
            assert_never(part)


def _file(file: File, link: Link) -> FileTold:
    return FileTold(
        url=link(file),
        name=safe_name(file.name),
        mime_type=file.mime_type,
        size_bytes=file.size_bytes,
        width=file.width,
        height=file.height,
        duration_seconds=file.duration_seconds,
    )


def render_message(act: Envelope[Data]) -> Sequence[Mapping[str, Any]]:
    """The request of an act as plain data; the address of a file is signed when it is sent."""
    told = notice(act, lambda file: f"<signed address of {file.attachment_id}>")
    return [{"method": "POST", "json": told.model_dump(mode="json", exclude_none=True)}]


def judged(answer: Answer, own: UUID) -> Sent:
    """What the webhook answered a notice of this id; raises `Troubling` for what may go later."""
    status = answer.status
    if 200 <= status < 300:
        said = _object(answer)
        given = said.get("external_ids")
        names = (
            [one[:200] for one in given if isinstance(one, str) and one] if isinstance(given, list) else []
        )
        sequence = said.get("sequence")
        ordered = isinstance(sequence, int) and not isinstance(sequence, bool)
        return Sent(tuple(names[:_MOST_IDS]) or (str(own),), sequence if ordered else None)
    if status == 401:
        raise ChannelDown(REVOKED_WORDS)
    if status in (429, 503) and "Retry-After" in answer.headers:
        raise Retryable(pause_of(answer.headers), "account")
    if status in _AGAIN or not 400 <= status < 500:
        raise Troubling(FIRST_SECONDS, AGAIN_WORDS.format(status=status))
    said = _object(answer)
    code, words = said.get("code"), said.get("words") or said.get("detail") or said.get("title")
    known = code if isinstance(code, str) and _CODE.fullmatch(code) else "refused"
    told = clean_line(words, 500) if isinstance(words, str) else ""
    raise Rejected(known, told or REFUSED_WORDS.format(status=status))


def _object(answer: Answer) -> Mapping[str, Any]:
    """The JSON object that an answer is; empty where it is none."""
    try:
        said = answer.json()
    except Malformed:
        return {}
    return said if isinstance(said, dict) else {}
