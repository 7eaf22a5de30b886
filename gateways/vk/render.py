"""Our acts as calls of VK's interface. Pure.

messages.send {"peer_ids": "7", "random_id": 123, "message": "Hello", "attachment": "photo-1_4_key",
               "forward": "{\\"peer_id\\": 7, \\"conversation_message_ids\\": [5], \\"is_reply\\": true}",
               "keyboard": "{…}"}     with one of `peer_ids` VK says the message's number in its dialog

A long text is several messages: the quote stands at the first, files, place and buttons at the last. A
recording is a message of its own, behind the others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateways.kit.division import divide
from gateways.kit.formatting import Tree, Words, parse, plain
from gateways.kit.text import clean_text
from gateways.vk.keyboard import keyboard
from gateways.vk.pieces import random_id
from gateways.vk.reactions import reaction_of
from shared.contract.content import Content, File, Location, Part, Text
from shared.contract.envelope import Data, Envelope
from shared.contract.outbound import DeleteMessage, EditMessage, MarkRead, React, SendMessage
from shared.contract.people import DialogRef
from shared.failure import Rejected
from shared.files.names import safe_name

PIECE_LENGTH: Final = 4096
TEXT_LENGTH: Final = 16_000
IMAGE_BYTES: Final = 50 * 1024 * 1024
FILE_BYTES: Final = 200 * 1024 * 1024
FILES: Final = 10
_POSSIBLE: Final = frozenset({"text", "image", "file", "voice", "video", "location"})
_PHOTOS: Final = frozenset({"image/jpeg", "image/png"})
"""Other pictures go as documents: VK would refuse them, or stop their movement."""
_NO_LONGER_WORDS: Final = "The new text needs more messages than the old one had: write a new message."


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `attachment` is what the message carries, which a later change has to name again."""

    method: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def attachment(self) -> str:
        return str(self.values.get("attachment", ""))


def require_possible(message: SendMessage) -> None:
    """Returns when VK can show it; raises `Rejected`."""
    content = message.content
    if not content.parts or not all(part.kind in _POSSIBLE for part in content.parts):
        raise Rejected("not_possible", "VK takes text, pictures, files, voice, video as a file, and places.")
    if len(content.text) > TEXT_LENGTH:
        raise Rejected("text_too_long", f"At most {TEXT_LENGTH} characters go to VK.")
    if len(filed(content)) > FILES:
        raise Rejected("too_many_files", f"VK takes at most {FILES} files with a message.")
    keyboard(content.buttons)


def sends(message: SendMessage, names: Sequence[str]) -> list[Call]:
    """The messages that it becomes, in order; `names`: VK's of its files, in the order of the parts."""
    content, dialog = message.content, message.dialog
    named = list(zip((part for part, _ in filed(content)), names, strict=True))
    together = [name for part, name in named if part.kind != "voice"]
    recordings = [name for part, name in named if part.kind == "voice"]
    bodies: list[dict[str, Any]] = [{"message": text} for text in texts_of(content)]
    last: dict[str, Any] = {"attachment": ",".join(together)} if together else {}
    if place := next((part for part in content.parts if isinstance(part, Location)), None):
        last |= {"lat": place.latitude, "long": place.longitude}
    if last and not bodies:
        bodies.append({})
    if last:
        bodies[-1] |= last
    bodies += [{"attachment": name} for name in recordings]
    if not bodies:
        raise Rejected("text_empty", "There is nothing to send.")
    if (shown := keyboard(content.buttons)) is not None:
        bodies[-1]["keyboard"] = shown
    if (answered := _answered(message)) is not None:
        bodies[0]["forward"] = answered
    return [
        Call(
            "messages.send",
            {"peer_ids": dialog.chat, "random_id": random_id(message.message_id, number), **body},
        )
        for number, body in enumerate(bodies)
    ]


def edits(act: EditMessage, carried: Mapping[int, str]) -> list[Call]:
    """A changed text in the messages that there are; `carried`: the attachments of each, by its place."""
    texts, peer = texts_of(act.content), act.dialog.chat
    if len(texts) > len(act.external_ids):
        raise Rejected("text_too_long", _NO_LONGER_WORDS)
    calls: list[Call] = []
    for place, cmid in enumerate(act.external_ids):
        attachment = carried.get(place, "")
        text = texts[place] if place < len(texts) else ""
        if not text and not attachment:
            calls.append(_deletion(peer, cmid))
            continue
        values = {"peer_id": peer, "cmid": cmid, "message": text, "keep_forward_messages": 1}
        if attachment:
            values["attachment"] = attachment
        if place == len(act.external_ids) - 1 and (shown := keyboard(act.content.buttons)) is not None:
            values["keyboard"] = shown
        calls.append(Call("messages.edit", values))
    return calls


def deletion(act: DeleteMessage) -> Call:
    return _deletion(act.dialog.chat, ",".join(act.external_ids))


def mark_read(act: MarkRead) -> Call:
    return Call("messages.markAsRead", {"peer_id": act.dialog.chat, "up_to_cmid": act.external_id})


def react(act: React) -> Call:
    """VK knows one reaction of ours to a message."""
    where = {"peer_id": act.dialog.chat, "cmid": act.external_id}
    if not act.emoji:
        return Call("messages.deleteReaction", where)
    reaction = reaction_of(act.emoji[-1])
    if reaction is None:
        raise Rejected("not_possible", "VK has no such reaction.")
    return Call("messages.sendReaction", {**where, "reaction_id": reaction})


def typing(dialog: DialogRef) -> Call:
    return Call("messages.setActivity", {"peer_id": dialog.chat, "type": "typing"})


def filed(content: Content) -> list[tuple[Part, File]]:
    """The parts with a file, and their files, in order."""
    return [(part, file) for part in content.parts if (file := getattr(part, "file", None)) is not None]


def texts_of(content: Content) -> list[str]:
    """The words, divided as VK needs it; it shows no formatting that a community writes."""
    part = next((part for part in content.parts if isinstance(part, Text)), None)
    if part is None:
        return []
    tree: Tree = (Words(part.text),) if part.format == "plain" else parse(part.text)
    pieces = [clean_text(plain(one)) for one in divide(tree, PIECE_LENGTH, "characters", plain)]
    return [piece for piece in pieces if piece.strip()] or pieces[:1]  # VK refuses an empty message


def render_message(act: Envelope[Data]) -> Sequence[Mapping[str, Any]]:
    """The calls of an act as plain data; the name of an upload is known to VK alone."""
    match act.data:
        case SendMessage() as message:
            require_possible(message)
            uploads = [_shown_upload(part, file, message.dialog) for part, file in filed(message.content)]
            names = [f"<uploaded {safe_name(file.name)}>" for _, file in filed(message.content)]
            return [*uploads, *map(_shown, sends(message, names))]
        case EditMessage() as change:
            calls = edits(change, {})
        case DeleteMessage() as gone:
            calls = [deletion(gone)]
        case MarkRead() as read:
            calls = [mark_read(read)]
        case React() as reaction:
            calls = [react(reaction)]
        case _:
            raise Rejected("not_possible", f"VK has no {act.type}.")
    return [_shown(call) for call in calls]


def upload_of(part: Part) -> tuple[str, str]:
    """How a part is uploaded: as `photo`, `doc` or `audio_message`, and in which field of the form."""
    if part.kind == "voice":
        return "audio_message", "file"
    photo = part.kind == "image" and part.file.mime_type in _PHOTOS
    return ("photo", "photo") if photo else ("doc", "file")


def _shown(call: Call) -> dict[str, Any]:
    return {"method": call.method, "values": dict(call.values)}


def _shown_upload(part: Part, file: File, dialog: DialogRef) -> dict[str, Any]:
    kind, field_ = upload_of(part)
    return {"upload": kind, "peer_id": dialog.chat, "form": {field_: safe_name(file.name)}}


def _answered(message: SendMessage) -> str | None:
    quote = message.content.quote
    named = message.quoted_external_id or (quote.external_id if quote else None)
    if named is None or not named.isdigit() or not message.dialog.chat.isdigit():
        return None
    peer = int(message.dialog.chat)
    return json.dumps({"peer_id": peer, "conversation_message_ids": [int(named)], "is_reply": True})


def _deletion(peer: str, cmids: str) -> Call:
    return Call("messages.delete", {"peer_id": peer, "cmids": cmids, "delete_for_all": 1})
