"""What asks for each capability: the command that a channel without it refuses before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from shared.clock import uuid7
from shared.contract import commands
from shared.contract.capabilities import Capabilities
from shared.contract.commands import Command
from shared.contract.content import (
    Audio,
    Button,
    ContactCard,
    Content,
    Document,
    File,
    Image,
    Location,
    Quote,
    Sticker,
    Template,
    Text,
    Video,
    Voice,
    text_content,
)

MESSAGE: Final = UUID("01890000-0000-7000-8000-000000000001")
WORDS: Final = Text(text="Добрый день")


@dataclass(frozen=True)
class Asking:
    """A command, with the code and the parameters of its refusal."""

    command: type[Command]
    fields: Mapping[str, Any]
    parameters: Mapping[str, str]
    code: str = "not_possible"


@dataclass(frozen=True)
class Unasked:
    """No command needs it; why."""

    why: str = field(default="")


def _file(name: str = "a.bin", mime: str = "application/octet-stream", size: int = 10) -> File:
    return File(attachment_id=uuid7(), name=name, mime_type=mime, size_bytes=size, state="stored")


def _post(capability: str, content: Content, **fields: Any) -> Asking:
    given = {"message_id": MESSAGE, "content": content, **fields}
    return Asking(commands.PostMessage, given, {"capability": capability})


def _part(capability: str, part: Any) -> Asking:
    return _post(capability, Content(parts=(part,)))


SWITCHES: Final[Mapping[str, Asking | Unasked]] = {
    "files": _part("files", Document(file=_file())),
    "images": _part("images", Image(file=_file(mime="image/png"))),
    "voice": _part("voice", Voice(file=_file(mime="audio/ogg"))),
    "video": _part("video", Video(file=_file(mime="video/mp4"))),
    "audio": _part("audio", Audio(file=_file(mime="audio/mpeg"))),
    "stickers": _part("stickers", Sticker(emoji="👍")),
    "locations": _part("locations", Location(latitude=55.75, longitude=37.62)),
    "contact_cards": _part("contact_cards", ContactCard(name="Вера", phones=("+79990000000",))),
    "templates": _part("templates", Template(name="hello", language="ru")),
    "buttons": _post("buttons", Content(parts=(WORDS,), buttons=(Button(kind="reply", label="Да"),))),
    "quote": _post("quote", Content(parts=(WORDS,), quote=Quote(external_id="m1"))),
    "edit": Asking(
        commands.ChangeMessage,
        {"message_id": MESSAGE, "content": text_content("Иначе")},
        {"capability": "edit"},
    ),
    "delete": Asking(commands.RemoveMessage, {"message_id": MESSAGE}, {"capability": "delete"}),
    "reactions": Asking(
        commands.ReactToMessage,
        {"message_id": MESSAGE, "external_id": "m1", "emoji": ("👍",)},
        {"capability": "reactions"},
    ),
    "scheduled": _post("scheduled", Content(parts=(WORDS,)), not_before=datetime(2030, 1, 1, tzinfo=UTC)),
    "typing_in": Unasked("what the client does"),
    "typing_out": Unasked("live, past the router"),
    "mark_read": Unasked("reading is ours; the client is not shown it"),
    "closes": Unasked("closing is ours; the client is not shown it"),
    "write_first": Unasked("refused in words of its own: tests/unit/router/test_beginning.py"),
    "threads": _post("threads", Content(parts=(WORDS,), subject="О заказе")),
    "find_by_phone": Unasked("there is no command that looks for people"),
    "groups": Unasked("what the client does"),
    "resume_closed": Unasked("there is no command that resumes"),
    "transfer_needs_presence": Unasked("handing over is ours; the client is not shown it"),
    "transfer_needs_acceptance": Unasked("handing over is ours; the client is not shown it"),
    "deduplicates": Unasked("for the journal alone"),
}
"""Every capability that is true or false."""


def too_much(capabilities: Capabilities) -> dict[str, Asking]:
    """What is over each limit that a channel has."""
    asked: dict[str, Asking] = {}
    length = capabilities.text_length
    asked["text_length"] = Asking(
        commands.PostMessage,
        {"message_id": MESSAGE, "content": text_content("а" * (length + 1))},
        {"length": str(length + 1), "limit": str(length)},
        "text_too_long",
    )
    mime = _allowed(capabilities)
    if capabilities.files:
        if limit := capabilities.file_bytes:
            asked["file_bytes"] = _part("file_bytes", Document(file=_file(mime=mime, size=limit + 1)))
        if capabilities.file_types:
            asked["file_types"] = _part("file_types", Document(file=_file(mime="application/x-unheard-of")))
        if count := capabilities.files_per_message:
            many = tuple(Document(file=_file(mime=mime)) for _ in range(count + 1))
            asked["files_per_message"] = _post("files_per_message", Content(parts=many))
    if capabilities.images and (limit := capabilities.image_bytes):
        image = Image(file=_file(mime="image/png", size=limit + 1))
        asked["image_bytes"] = _part("image_bytes", image)
    asked |= _too_heavy(capabilities, mime)
    return asked


def _too_heavy(capabilities: Capabilities, mime: str) -> dict[str, Asking]:
    """Several files, each small enough, which together are too much; where that can be."""
    limit, single, count = capabilities.message_bytes, capabilities.file_bytes, capabilities.files_per_message
    if not (capabilities.files and limit and (count == 0 or single == 0 or count * single > limit)):
        return {}
    share = min(single or limit + 1, limit + 1)
    files = tuple(Document(file=_file(mime=mime, size=share)) for _ in range(limit // share + 1))
    return {"message_bytes": _post("message_bytes", Content(parts=files))}


def _allowed(capabilities: Capabilities) -> str:
    """A type of file that the channel takes."""
    first = capabilities.file_types[0] if capabilities.file_types else "application/octet-stream"
    return first.replace("/*", "/anything")
