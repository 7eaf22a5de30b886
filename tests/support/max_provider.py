"""A fake MAX over loopback: its bot interface, where files are put and lie, and the webhook that it calls.

async with MaxProvider(TOKEN) as max:
    max.tell(message_created("Добрый день"))          # to who polls
    await max.push([update, …], times=3)              # to who subscribed, with the secret that it gave
    max.provider.script("/messages", Throttle(0.2))   # as tests/support/provider.py says
    max.texts("182")                                  # what people were shown in a chat
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from email.parser import BytesParser
from email.policy import HTTP
from types import TracebackType
from typing import Any, Self

from tests.support.provider import Provider, Reply, Request, Route
from tests.support.provider_webhooks import Order, Pushed, Webhook

AT = 1769853600000
LONGEST_POLL_SECONDS = 0.3
BOT = {"user_id": 229, "first_name": "Лавка", "username": "lavka_bot", "is_bot": True}
HEADER = "X-Max-Bot-Api-Secret"
ME, SUBSCRIPTIONS, UPLOADS, MESSAGES = "/me", "/subscriptions", "/uploads", "/messages"
UPDATES, ANSWERS, ACTIONS = "/updates", "/answers", "/chats/{chat}/actions"


def person(number: int) -> dict[str, Any]:
    return {"user_id": number, "first_name": f"Клиент {number}", "is_bot": False, "last_activity_time": AT}


def message(
    text: str | None, mid: str, chat: int = 182, *, seq: int = 1, at: int = AT, **body: Any
) -> dict[str, Any]:
    """A client's message in the dialog with them; the client's id is the chat's less 81."""
    recipient = {"chat_id": chat, "chat_type": "dialog", "user_id": BOT["user_id"]}
    told = {"mid": mid, "seq": seq, "text": text, **body}
    return {"sender": person(chat - 81), "recipient": recipient, "timestamp": at, "body": told}


def created(text: str | None, mid: str, chat: int = 182, **more: Any) -> dict[str, Any]:
    made = message(text, mid, chat, **more)
    return {"update_type": "message_created", "timestamp": made["timestamp"], "message": made}


def event(kind: str, chat: int, **more: Any) -> dict[str, Any]:
    return {"update_type": kind, "timestamp": AT, "chat_id": chat, "user": person(abs(chat) - 81), **more}


def refusal(status: int, code: str, words: str = "") -> Reply:
    return Reply({"code": code, "message": words}, status)


class MaxProvider:
    """What it was told is in its lists; `histories` are what chats remember."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.sent: list[dict[str, Any]] = []
        self.histories: dict[int, list[dict[str, Any]]] = {}
        self.files: dict[str, bytes] = {}
        self.put: list[tuple[str, bytes]] = []
        self.chats: dict[int, dict[str, Any]] = {}
        self.not_ready = 0
        """So many times a message with a file is refused because that is being worked on."""
        self._told: list[Any] = []
        self._new = asyncio.Event()
        answers = {
            ME: self._me,
            SUBSCRIPTIONS: self._subscription,
            UPLOADS: self._upload,
            MESSAGES: self._message,
            UPDATES: self._updates,
            ANSWERS: lambda _request: {"success": True},
            ACTIONS: lambda _request: {"success": True},
            "/chats/{chat}": self._chat,
            "/chats/{chat}/members": self._members,
            "/videos/{token}": self._video,
        }
        self.provider = Provider(
            [
                *(Route("*", path, self._known(answer)) for path, answer in answers.items()),
                Route("POST", "/put/{kind}", self._put),
                Route("GET", "/files/{name}", lambda request: Reply(self.files[request.names["name"]])),
            ]
        )

    async def __aenter__(self) -> Self:
        await self.provider.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.provider.__aexit__(kind, error, trace)

    def file(self, name: str, content: bytes) -> str:
        """Where it lies."""
        self.files[name] = content
        return f"{self.provider.url}/files/{name}"

    def tell(self, *updates: Any) -> None:
        """From now on whoever polls is told these too."""
        self._told += updates
        self._new.set()

    async def push(self, updates: Sequence[Any], *, times: int = 1, order: Order = "given") -> list[Pushed]:
        """To the one who subscribed."""
        ((url, subscribed),) = self.subscriptions.items()
        hook = Webhook(url, lambda _body: {HEADER: subscribed["secret"]})
        return await self.provider.push(hook, updates, times=times, order=order, together=True)

    def texts(self, chat: str) -> list[str]:
        """What people were shown, in order."""
        return [one["text"] for one in self.sent if one["chat"] == chat]

    def asked(self, method: str, path: str) -> list[Request]:
        return [one for one in self.provider.seen(path) if one.method == method]

    def _known(self, answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
        def judged(request: Request) -> Any:
            if request.headers.get("Authorization") != self.token:
                return refusal(401, "verify.token", "Invalid access_token")
            return answer(request)

        return judged

    def _me(self, _request: Request) -> Any:
        return BOT

    def _subscription(self, request: Request) -> Any:
        match request.method:
            case "POST":
                body = request.json()
                self.subscriptions[body["url"]] = body
            case "DELETE":
                self.subscriptions.pop(request.query["url"], None)
            case _:
                told = [
                    {"url": url, "time": AT, "update_types": one["update_types"]}
                    for url, one in self.subscriptions.items()
                ]
                return {"subscriptions": told}
        return {"success": True}

    def _upload(self, request: Request) -> Any:
        kind = request.query["type"]
        told = {"token": f"told-{len(self.put)}"} if kind in ("video", "audio") else {}
        return {"url": f"{self.provider.url}/put/{kind}", **told}

    def _put(self, request: Request) -> Any:
        if "Authorization" in request.headers:
            return refusal(400, "token.leaked")
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        (part,) = BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts()
        if part.get_param("name", header="Content-Disposition") != "data":
            return refusal(400, "no.data")
        self.put.append((str(part.get_filename()), part.get_content()))
        token = f"put-{len(self.put)}"
        match request.names["kind"]:
            case "image":
                return {"photos": {"key": {"token": token}}}
            case "file":
                return {"token": token}
        return Reply("<retval>1</retval>", headers={"Content-Type": "text/xml"})

    def _message(self, request: Request) -> Any:
        match request.method:
            case "POST":
                return self._take(request)
            case "GET":
                return {"messages": self._remembered(request.query)}
        if request.query["message_id"] not in {one["mid"] for one in self.sent}:
            return refusal(404, "message.not.found")
        return {"success": True}

    def _take(self, request: Request) -> Any:
        body, chat = request.json(), request.query["chat_id"]
        if len(body["text"] or "") > 4000:
            return refusal(400, "proto.payload", "text is too long")
        if any(one["type"] == "file" for one in body["attachments"] or ()) and self.not_ready > 0:
            self.not_ready -= 1
            return refusal(400, "attachment.not.ready", "Key: errors.process.attachment.file.not.processed")
        mid = f"mid.ours{len(self.sent) + 1}"
        self.sent.append({**body, "chat": chat, "mid": mid})
        told = {"mid": mid, "seq": 116000000000000000 + len(self.sent), "text": body["text"]}
        return {
            "message": {"recipient": {"chat_id": int(chat)}, "timestamp": AT, "sender": BOT, "body": told}
        }

    def _remembered(self, query: Mapping[str, str]) -> list[Any]:
        until = int(query.get("from", 1 << 60))
        listed = [one for one in self.histories.get(int(query["chat_id"]), []) if one["timestamp"] <= until]
        return sorted(listed, key=lambda one: -int(one["timestamp"]))[: int(query.get("count", 50))]

    async def _updates(self, request: Request) -> Any:
        if self.subscriptions:
            return refusal(405, "not.allowed", "there is a webhook")
        after, most = int(request.query.get("marker", 0)), int(request.query["limit"])
        if len(self._told) <= after:
            self._new.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_POLL_SECONDS):
                    await self._new.wait()
        told = self._told[after : after + most]
        return {"updates": told, "marker": after + len(told)}

    def _chat(self, request: Request) -> Any:
        known = self.chats.get(int(request.names["chat"]))
        return refusal(404, "chat.not.found") if known is None else known

    def _members(self, request: Request) -> Any:
        known = self.chats.get(int(request.names["chat"]))
        return refusal(403, "chat.denied") if known is None else {"members": known["members"]}

    def _video(self, request: Request) -> Any:
        return {"token": request.names["token"], "urls": {"mp4_360": f"{self.provider.url}/files/video"}}
