"""A fake Bot API over loopback: a server of bots, each known by its token.

    telegram = Telegram([TOKEN])
    async with telegram.provider as provider:
        telegram.bots[TOKEN].tell(message(1, "Hello"))
        provider.script(path("sendMessage"), later(0.2), AcceptThenReset())
        assert telegram.bots[TOKEN].texts(42) == ["Hi"]

Fields come as JSON or as a form with files, as the interface has them.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from tests.support.provider import Provider, Reply, Request, Route
from tests.support.provider_faults import Fail, Throttle

AT = 1769853600
FILE_PATH = "/file/bot{token}/{path:.*}"
ALBUM = "sendMediaGroup"
SENDS = (
    "sendMessage", "sendPhoto", "sendVideo", "sendAudio", "sendDocument", "sendVoice", "sendAnimation",
    "sendSticker", "sendLocation", "sendVenue", "sendContact",
)  # fmt: skip
CHANGES = (
    "editMessageText", "editMessageCaption", "deleteMessage", "deleteBusinessMessages", "setMessageReaction",
    "sendChatAction", "answerCallbackQuery",
)  # fmt: skip


def path(method: str) -> str:
    """The route of a method, for `script` and `seen`."""
    return f"/bot{{token}}/{method}"


def refusal(code: int, description: str, **parameters: Any) -> dict[str, Any]:
    """The body of a refusal."""
    told = {"parameters": parameters} if parameters else {}
    return {"ok": False, "error_code": code, "description": description, **told}


def later(seconds: float) -> Throttle:
    """Telegram's "later"; it has no header of it."""
    return Throttle(0, refusal(429, f"Too Many Requests: retry after {seconds:g}", retry_after=seconds))


def refused(code: int, description: str, **parameters: Any) -> Fail:
    return Fail(code, refusal(code, description, **parameters))


def person(number: int, name: str = "Anna") -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": name}


def chat(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "type": "private" if number > 0 else "supergroup", **more}


def message(number: int, text: str | None, chat_id: int = 42, **more: Any) -> dict[str, Any]:
    """The event of a client's message."""
    said = {} if text is None else {"text": text}
    told = {"message_id": number, "from": person(abs(chat_id)), "chat": chat(chat_id), "date": AT + number}
    return {"message": {**told, **said, **more}}


@dataclass
class Asked:
    """One call that was taken: its method, fields, and files by the names of their parts of the form."""

    method: str
    fields: dict[str, Any]
    files: dict[str, tuple[str, bytes]]


@dataclass
class Bot:
    """What the server knows of one bot."""

    token: str
    updates: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    """Where a file is said to be, if not at `documents/<its id>`."""
    webhook: dict[str, Any] = field(default_factory=dict)
    offset: int = 0
    """What the last poll confirmed."""
    last: int = 7000

    def update(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event with the next number, for a webhook."""
        self.last += 1
        return {"update_id": self.last, **event}

    def tell(self, *events: dict[str, Any]) -> None:
        """From now on whoever polls is told these too."""
        self.updates += [self.update(event) for event in events]

    def of(self, method: str) -> list[Asked]:
        return [one for one in self.asked if one.method == method]

    def texts(self, chat_id: int) -> list[str]:
        """What a chat was shown."""
        return [one.fields["text"] for one in self.of("sendMessage") if one.fields["chat_id"] == chat_id]


class Telegram:
    """`poll_seconds`: nobody is kept waiting longer, whatever they ask for."""

    def __init__(self, tokens: list[str], poll_seconds: float = 2.0) -> None:
        self.bots = {token: Bot(token) for token in tokens}
        self._poll_seconds = poll_seconds
        self._number = 500
        answers: dict[str, Callable[[Bot, Asked], Any]] = {
            "getMe": lambda bot, _asked: person(int(bot.token.partition(":")[0])) | {"is_bot": True},
            "getWebhookInfo": lambda bot, _asked: {"url": "", "pending_update_count": 0, **bot.webhook},
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getFile": self._get_file,
            ALBUM: self._album,
            **dict.fromkeys(SENDS, self._sent),
            **dict.fromkeys(CHANGES, lambda _bot, _asked: True),
        }
        routes = [Route("POST", path(name), self._answered(name, made)) for name, made in answers.items()]
        self.provider = Provider(
            [
                *routes,
                Route("POST", path("getUpdates"), self._poll),
                Route("GET", FILE_PATH, self._file),
            ]
        )

    def _answered(self, name: str, made: Callable[[Bot, Asked], Any]) -> Callable[[Request], Any]:
        def answer(request: Request) -> Any:
            bot = self.bots.get(request.names["token"])
            if bot is None:
                return Reply(refusal(401, "Unauthorized"), 401)
            fields, files = read(request)
            bot.asked.append(Asked(name, fields, files))
            return {"ok": True, "result": made(bot, bot.asked[-1])}

        return answer

    def _set_webhook(self, bot: Bot, asked: Asked) -> bool:
        bot.webhook = asked.fields
        return True

    def _delete_webhook(self, bot: Bot, _asked: Asked) -> bool:
        bot.webhook = {}
        return True

    def _get_file(self, bot: Bot, asked: Asked) -> dict[str, str]:
        name = asked.fields["file_id"]
        return {"file_id": name, "file_path": bot.paths.get(name, f"documents/{name}")}

    def _sent(self, _bot: Bot, asked: Asked) -> dict[str, Any]:
        self._number += 1
        return {"message_id": self._number, "date": AT, "chat": chat(int(asked.fields["chat_id"]))}

    def _album(self, bot: Bot, asked: Asked) -> list[dict[str, Any]]:
        media = asked.fields["media"]
        return [self._sent(bot, asked) for _ in (json.loads(media) if isinstance(media, str) else media)]

    def _file(self, request: Request) -> Reply:
        bot = self.bots[request.names["token"]]
        return Reply(bot.files[request.names["path"].removeprefix("documents/")])

    async def _poll(self, request: Request) -> Any:
        bot = self.bots.get(request.names["token"])
        if bot is None:
            return Reply(refusal(401, "Unauthorized"), 401)
        if bot.webhook:
            words = "Conflict: can't use getUpdates method while webhook is active"
            return Reply(refusal(409, words), 409)
        asked = request.json()
        bot.offset = max(bot.offset, asked.get("offset") or 0)
        until = asyncio.get_running_loop().time() + min(asked["timeout"], self._poll_seconds)
        while not (news := [one for one in bot.updates if one["update_id"] >= bot.offset]):
            if asyncio.get_running_loop().time() > until:
                break
            await asyncio.sleep(0.01)  # the fake's own clock: a test tells from outside of the loop's turn
        return {"ok": True, "result": news[: asked["limit"]]}


def read(request: Request) -> tuple[dict[str, Any], dict[str, tuple[str, bytes]]]:
    """The fields of a call, and its files as name and bytes."""
    kind = request.headers.get("Content-Type", "")
    if not kind.startswith("multipart/"):
        return request.json(), {}
    form = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.body)
    fields: dict[str, Any] = {}
    files: dict[str, tuple[str, bytes]] = {}
    for part in form.iter_parts():
        name = str(part.get_param("name", header="Content-Disposition"))
        content = part.get_content()
        if part.get_filename() is None:
            fields[name] = content.rstrip("\n") if isinstance(content, str) else content.decode()
        else:
            files[name] = (
                str(part.get_filename()),
                content if isinstance(content, bytes) else content.encode(),
            )
    return fields, files
