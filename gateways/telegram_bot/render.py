"""Our message as requests to the Bot API, in aiogram's words. Pure.

POST /sendMessage {"chat_id": 42, "text": "Hello", "reply_parameters": {"message_id": 7, …}}
POST /sendPhoto, a form: chat_id, caption, photo = "attach://f0", and the file in its part "f0"

One message of ours may be several of Telegram's: a long text, files that do not stand together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from aiogram import methods
from aiogram.client.default import Default
from aiogram.methods import TelegramMethod
from aiogram.types import InputMediaAudio, InputMediaDocument, InputMediaPhoto, InputMediaVideo
from aiogram.types.reply_parameters import ReplyParameters

from gateways.kit.request import Request
from gateways.telegram_bot import cards, texts
from gateways.telegram_bot.answers import NO_PICTURE, NO_TOPIC
from gateways.telegram_bot.keyboards import keyboard
from gateways.telegram_bot.layout import Shown, Way, blocks
from gateways.telegram_bot.names import named
from gateways.telegram_bot.texts import Piece
from shared.contract.content import ContactCard, Content, File, Location, Part, Sticker, Text
from shared.contract.outbound import SendMessage
from shared.failure import Rejected
from shared.files.names import safe_name

ALBUM_WORDS: Final = "Telegram shows no buttons under an album: write a text to them."

_METHODS: Final[Mapping[Way, tuple[type[TelegramMethod[Any]], str]]] = {
    "photo": (methods.SendPhoto, "photo"),
    "video": (methods.SendVideo, "video"),
    "audio": (methods.SendAudio, "audio"),
    "document": (methods.SendDocument, "document"),
    "voice": (methods.SendVoice, "voice"),
    "animation": (methods.SendAnimation, "animation"),
}
_MEDIA: Final = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "audio": InputMediaAudio,
    "document": InputMediaDocument,
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: a chat, through whose business, into which topic."""

    chat_id: int
    connection: str | None = None
    topic: int | None = None

    def fields(self) -> dict[str, Any]:
        known = {
            "chat_id": self.chat_id,
            "business_connection_id": self.connection,
            "message_thread_id": self.topic,
        }
        return {name: value for name, value in known.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Step:
    """One request: a method, and the files that it carries by the names of their parts of the form."""

    method: TelegramMethod[Any]
    files: tuple[tuple[str, File], ...] = ()
    captioned: int = 0
    """Which of its messages carries the words."""

    @property
    def messages(self) -> int:
        """How many messages of Telegram's it becomes."""
        return len(self.method.media) if isinstance(self.method, methods.SendMediaGroup) else 1

    def request(self) -> Request:
        return Request("POST", f"/{self.method.__api_method__}", fields_of(self.method))

    def shown(self) -> dict[str, Any]:
        """As plain data, for people and cases."""
        files = {name: safe_name(file.name) for name, file in self.files}
        return {**self.request().shown(), "files": files} if files else self.request().shown()


def fields_of(method: TelegramMethod[Any]) -> dict[str, Any]:
    """The fields of a method as JSON; what nobody set is left out."""
    said: dict[str, Any] = _plain(method.model_dump(mode="python", exclude_none=True))
    return said


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if not isinstance(one, Default)}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def otherwise(step: Step, refused: str) -> Step | None:
    """The same in another way, where Telegram refused it for this reason: past a topic, as a document."""
    fields: dict[str, Any] = dict(step.method)
    if refused == NO_TOPIC and fields.get("message_thread_id") is not None:
        return replace(step, method=step.method.model_copy(update={"message_thread_id": None}))
    if refused == NO_PICTURE and isinstance(step.method, methods.SendPhoto):
        said = {name: value for name, value in fields_of(step.method).items() if name != "photo"}
        return replace(step, method=methods.SendDocument(document="attach://f0", **said))
    return None


def plan(message: SendMessage, target: Target, most_bytes: int) -> tuple[Step, ...]:
    """The requests that a message becomes, in order; raises `Rejected` for what can never be sent."""
    answered = message.quoted_external_id or (message.content.quote and message.content.quote.external_id)
    reply = _reply(answered, target) if answered else None
    first = {"reply_parameters": reply} if reply else {}
    if first:
        target = Target(target.chat_id, target.connection)  # the answered message knows its topic
    last = {"reply_markup": keys} if (keys := keyboard(message.content.buttons)) else {}
    return steps(message.content, target, most_bytes, first=first, last=last)


def _reply(answered: str, target: Target) -> ReplyParameters | None:
    """What it answers; a notice that is no message of Telegram's is left out."""
    try:
        chat, number = named(answered)
    except Rejected:
        return None
    elsewhere = None if chat == target.chat_id else chat
    return ReplyParameters(message_id=number, allow_sending_without_reply=True, chat_id=elsewhere)


def steps(
    content: Content,
    target: Target,
    most_bytes: int,
    *,
    first: Mapping[str, Any],
    last: Mapping[str, Any],
    captions: bool = True,
) -> tuple[Step, ...]:
    """`first`, `last`: fields of the first and the last request; `captions`: short words go with a file."""
    words = next((part for part in content.parts if isinstance(part, Text)), None)
    others = blocks(content.parts, most_bytes)
    album_last = bool(others) and isinstance(others[-1], tuple) and len(others[-1]) > 1 and bool(last)
    if album_last and words is None:
        raise Rejected("not_possible", ALBUM_WORDS)
    holder = next((at for at, block in enumerate(others) if isinstance(block, tuple)), None)
    caption = texts.caption(words) if words and captions and holder is not None and not album_last else None
    said = [] if words is None or caption else [_text(piece) for piece in texts.pieces(words)]
    shown = [_block(block, caption if at == holder else None) for at, block in enumerate(others)]
    drafts = [*shown, *said] if album_last else [*said, *shown]
    if not drafts:
        raise Rejected("text_empty", "There is nothing in the message that Telegram shows.")
    return tuple(
        draft.step(
            {**target.fields(), **(first if at == 0 else {}), **(last if at == len(drafts) - 1 else {})}
        )
        for at, draft in enumerate(drafts)
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    """A step before it is known to whom, and where in the message it stands."""

    method: type[TelegramMethod[Any]]
    fields: Mapping[str, Any]
    files: tuple[tuple[str, File], ...] = ()
    captioned: int = 0

    def step(self, more: Mapping[str, Any]) -> Step:
        return Step(self.method(**{**self.fields, **more}), self.files, self.captioned)


def _text(piece: Piece) -> _Draft:
    return _Draft(methods.SendMessage, {"text": piece.text, **_mode(piece)})


def _mode(piece: Piece) -> dict[str, Any]:
    return {"parse_mode": piece.parse_mode} if piece.parse_mode else {}


def _block(block: Part | tuple[Shown, ...], caption: Piece | None) -> _Draft:
    if isinstance(block, tuple):
        return _single(block[0], caption) if len(block) == 1 else _album(block, caption)
    return _part(block)


def _single(one: Shown, caption: Piece | None) -> _Draft:
    method, field = _METHODS[one.way]
    fields: dict[str, Any] = {field: "attach://f0"}
    if caption is not None:
        fields |= {"caption": caption.text, **_mode(caption)}
    if one.file.duration_seconds and one.way not in ("photo", "document"):
        fields["duration"] = round(one.file.duration_seconds)
    return _Draft(method, fields, (("f0", one.file),))


def _album(block: Sequence[Shown], caption: Piece | None) -> _Draft:
    """Words stand under all pictures where the first has them, under all other files where the last has."""
    at = 0 if block[0].way in ("photo", "video") else len(block) - 1
    words = {} if caption is None else {"caption": caption.text, **_mode(caption)}
    media = [
        _MEDIA[one.way](media=f"attach://f{index}", **(words if index == at else {}))
        for index, one in enumerate(block)
    ]
    files = tuple((f"f{index}", one.file) for index, one in enumerate(block))
    return _Draft(methods.SendMediaGroup, {"media": media}, files, at)


def _part(part: Part) -> _Draft:
    match part:
        case Sticker(file=File() as file):
            return _Draft(methods.SendSticker, {"sticker": "attach://f0"}, (("f0", file),))
        case Sticker(external_id=str(known)):
            return _Draft(methods.SendSticker, {"sticker": known})
        case Sticker(emoji=str(emoji)):
            return _Draft(methods.SendMessage, {"text": emoji})
        case Location():
            method, fields = cards.place(part)
            return _Draft(method, fields)
        case ContactCard():
            method, fields = cards.contact(part)
            return _Draft(method, fields)
    raise Rejected("not_possible", f"A bot of Telegram cannot send this: {part.kind}.")
