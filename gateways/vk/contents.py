"""What one message says, as our content: words, attachments, place, quote, forwarded messages, a press. Pure.

    {"text": "Look", "attachments": […], "geo": {…}, "payload": "{\\"button\\": \\"yes\\"}",
     "reply_message": {"conversation_message_id": 4, "text": "How much?"},
     "fwd_messages": [{"from_id": 8, "date": 1700000000, "text": "Hello", "fwd_messages": […]}]}

What was forwarded stands below the words, each message under who wrote it and when; its files follow ours.
"""

from __future__ import annotations

import json
from typing import Any, Final
from uuid import UUID

from gateways.kit.media import Wanted
from gateways.kit.payload import Malformed, read_json
from gateways.kit.text import clean_line
from gateways.vk.kinds import Parts
from gateways.vk.values import Object, inner, inner_list, moment, number, words
from shared.contract.content import Content, Forwarded, Pressed, Quote, Text, Unsupported

PAYLOAD: Final = "button"
"""Our buttons' payloads stand under this name, because VK takes JSON only."""
_MARK: Final = "↪"
_DEEPEST: Final = 12


def content_of(
    message: Object, identity: UUID, version: UUID | None = None
) -> tuple[Content, tuple[Wanted, ...]]:
    """The content, and the files that are to be fetched for it; `version`: of a message that was changed."""
    parts = Parts(identity, version or identity)
    lines = [words(message, "text")]
    _gather(message, parts)
    forwarded = inner_list(message, "fwd_messages")
    _quote_forwarded(forwarded, parts, lines, 1)
    text = "\n\n".join(filter(None, lines))
    whole = [Text(text=text), *parts.parts] if text else parts.parts
    pressed = _pressed(message)
    content = Content(
        parts=tuple(whole or [Unsupported(raw=dict(message), words="a message without content")]),
        quote=_quote(inner(message, "reply_message")),
        forwarded_from=_first(forwarded),
        pressed=pressed,
        technical=pressed is not None and _begins(message),
    )
    return content, tuple(parts.wanted)


def pressed_payload(payload: Any) -> str | None:
    """The payload of a button: ours as we gave it, any other as it came."""
    read = payload
    if isinstance(payload, str):
        try:
            read = read_json(payload.encode("utf-8", "replace"))
        except Malformed:
            return str(payload)
    if isinstance(read, dict) and set(read) == {PAYLOAD} and isinstance(read[PAYLOAD], str):
        return str(read[PAYLOAD])
    return None if read is None else json.dumps(read, ensure_ascii=False)


def _pressed(message: Object) -> Pressed | None:
    """A button that sends its words."""
    payload = message.get("payload")
    if payload in (None, ""):
        return None
    return Pressed(label=words(message, "text") or None, payload=pressed_payload(payload))


def _begins(message: Object) -> bool:
    """Whether it is the button with which every talk with a bot begins: a click, and nothing said."""
    try:
        payload = json.loads(words(message, "payload"))
    except ValueError:
        return False
    return isinstance(payload, dict) and payload.get("command") == "start"


def _gather(message: Object, parts: Parts) -> None:
    for attachment in inner_list(message, "attachments"):
        parts.add(attachment)
    if inner(message, "geo"):
        parts.place(inner(message, "geo"))


def _quote(answered: Object) -> Quote | None:
    if not answered:
        return None
    named = number(answered, "conversation_message_id") or number(answered, "id")
    author = number(answered, "from_id")
    return Quote(
        external_id=None if named is None else str(named),
        author=None if author is None else _page(author),
        text=words(answered, "text") or None,
    )


def _first(forwarded: list[Object]) -> Forwarded | None:
    if not forwarded:
        return None
    first = forwarded[0]
    author, named = number(first, "from_id"), number(first, "conversation_message_id")
    return Forwarded(
        author=None if author is None else _page(author),
        sent_at=moment(first, "date"),
        external_id=None if named is None else str(named),
    )


def _quote_forwarded(forwarded: list[Object], parts: Parts, lines: list[str], depth: int) -> None:
    for one in forwarded:
        if depth > _DEEPEST:
            parts.parts.append(Unsupported(raw=dict(one), words="forwarded messages within forwarded ones"))
            continue
        author, at = number(one, "from_id"), moment(one, "date")
        head = [_MARK * depth, _page(author) if author else "", f"{at:%Y-%m-%d %H:%M} UTC" if at else ""]
        lines.append("\n".join(filter(None, (" ".join(filter(None, head)), words(one, "text")))))
        _gather(one, parts)
        answered = inner(one, "reply_message")
        inside = [*([answered] if answered else []), *inner_list(one, "fwd_messages")]
        _quote_forwarded(inside, parts, lines, depth + 1)


def _page(person: int) -> str:
    return clean_line(f"vk.com/id{person}" if person > 0 else f"vk.com/club{-person}", 100)
