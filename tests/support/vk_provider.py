"""A fake VK over loopback: its interface, Bots Long Poll, Callback API, uploads and files of one community.

    async with Community() as vk:
        vk.writes(7001, "How much?")                     # a client; told by Long Poll, kept in the history
        vk.refuse("messages.send", 6)                    # the next one is error 6
        vk.provider.script(SEND, AcceptThenReset())
        ... the gateway works with vk.url ...
        assert vk.shown == ["Ten roubles"]               # what clients see: repeats are dropped

Each message has a number in its dialog; the history forgets nothing, the poll forgets what `lose` says.
"""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from email.parser import BytesParser
from email.policy import HTTP
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from tests.support.provider import Provider, Reply, Request, Route
from tests.support.provider_news import News
from tests.support.provider_webhooks import Pushed, Webhook

GROUP = 501
TOKEN = "obviously-fake-community-key"
SECRET = "obviously-fake-callback-key"
CONFIRMATION = "f4k3c0de"
POLL, UPLOAD, FILE = "/wh1", "/upload/{kind}", "/files/{name}"
METHODS = (
    "groups.getLongPollServer",
    "messages.send",
    "messages.edit",
    "messages.delete",
    "messages.markAsRead",
    "messages.setActivity",
    "messages.sendReaction",
    "messages.deleteReaction",
    "messages.sendMessageEventAnswer",
    "messages.getConversations",
    "messages.getConversationsById",
    "messages.getHistory",
    "messages.getById",
    "photos.getMessagesUploadServer",
    "photos.saveMessagesPhoto",
    "docs.getMessagesUploadServer",
    "docs.save",
    "users.get",
)
NAMES = {7001: ("Анна", "Выдуманная"), 7002: ("Boris", "Invented")}


def of(method: str) -> str:
    """The route of a method."""
    return f"/method/{method}"


SEND = of("messages.send")


class Refused(Exception):
    def __init__(self, code: int) -> None:
        self.code = code


class Community:
    """`told` are the updates in order; `calls` the values of each method that was taken."""

    def __init__(self) -> None:
        self.news = News(longest_seconds=0.5)
        self.calls: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        self.histories: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        self.sent: dict[int, dict[str, Any]] = {}
        self.files: dict[str, Reply] = {}
        self.uploads: list[tuple[str, str, bytes]] = []
        self.numbers = True
        """Whether `messages.send` says the number in the dialog."""
        self.echoes = False
        """Whether what we send is told as `message_reply`, before it is answered."""
        self.during: Callable[[], Any] | None = None
        self._refusals: defaultdict[str, deque[int]] = defaultdict(deque)
        self._failures: deque[dict[str, Any]] = deque()
        self._events = 0
        answers: dict[str, Callable[[dict[str, str]], Any]] = {
            "groups.getLongPollServer": self._server,
            "messages.send": self._take,
            "messages.edit": self._change,
            "messages.getById": self._by_id,
            "messages.getConversationsById": self._titles,
            "messages.getConversations": self._conversations,
            "messages.getHistory": self._history,
            "users.get": self._users,
            "photos.getMessagesUploadServer": self._photo_server,
            "docs.getMessagesUploadServer": self._doc_server,
            "photos.saveMessagesPhoto": self._save_photo,
            "docs.save": self._save_doc,
        }
        methods = [
            Route("POST", of(method), self._method(method, answers.get(method, lambda _values: 1)))
            for method in METHODS
        ]
        self.provider = Provider(
            [
                *methods,
                Route("GET", POLL, self._poll),
                Route("POST", UPLOAD, self._upload),
                Route("GET", FILE, lambda request: self.files[request.names["name"]]),
            ]
        )

    async def __aenter__(self) -> Self:
        await self.provider.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.provider.__aexit__(kind, error, trace)

    @property
    def url(self) -> str:
        return self.provider.url

    @property
    def shown(self) -> list[str]:
        """The words that clients see, in order."""
        return [message["text"] for message in self.sent.values()]

    def refuse(self, method: str, *codes: int) -> None:
        """The next calls of it end with these errors, one each."""
        self._refusals[method].extend(codes)

    def lose(self, **failed: Any) -> None:
        """The next poll is answered so: `failed=1, ts=…`."""
        self._failures.append(failed)

    def message(self, peer: int, text: str, **more: Any) -> dict[str, Any]:
        """A message with the next number of its dialog, in its history."""
        history = self.histories[peer]
        known = {
            "id": 1000 + len(history), "date": int(time.time()), "peer_id": peer, "from_id": peer, "out": 0,
            "text": text, "conversation_message_id": len(history) + 1, "random_id": 0, "attachments": [],
        }  # fmt: skip
        history.append(known | more)
        return history[-1]

    def writes(self, peer: int, text: str, **more: Any) -> dict[str, Any]:
        """A client writes; the update, which the poll tells."""
        said = {"message": self.message(peer, text, **more), "client_info": {}}
        return self.tells("message_new", said)

    def tells(self, kind: str, said: dict[str, Any]) -> dict[str, Any]:
        update = self.update(kind, said)
        self.news.tell(update)
        return update

    def update(self, kind: str, said: dict[str, Any]) -> dict[str, Any]:
        """One that is not told by the poll."""
        self._events += 1
        return {
            "type": kind,
            "group_id": GROUP,
            "event_id": f"event{self._events}",
            "v": "5.199",
            "object": said,
        }

    async def push(self, url: str, updates: list[dict[str, Any]], **how: Any) -> list[Pushed]:
        """Calls the webhook, as the Callback API does."""
        signed = [{**update, "secret": SECRET} for update in updates]
        return await self.provider.push(Webhook(url), signed, **how)

    def file(self, name: str, content: bytes) -> str:
        """The address of a file of a client's."""
        self.files[name] = Reply(content)
        return f"{self.url}/files/{name}"

    def _method(self, name: str, answer: Callable[[dict[str, str]], Any]) -> Callable[[Request], Any]:
        async def answered(request: Request) -> dict[str, Any]:
            values = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
            code = self._refusals[name].popleft() if self._refusals[name] else None
            if values.get("access_token") != TOKEN:
                code = 5
            if values.get("v") != "5.199":
                code = 8
            if code is None:
                self.calls[name].append(values)
                try:
                    response = answer(values)
                    if asyncio.iscoroutine(response):
                        response = await response
                    return {"response": response}
                except Refused as refused:
                    code = refused.code
            return {"error": {"error_code": code, "error_msg": "refused by the fake", "request_params": []}}

        return answered

    def _server(self, _values: dict[str, str]) -> Any:
        return {"server": f"{self.url}{POLL}", "key": "k", "ts": str(len(self.news.told))}

    async def _poll(self, request: Request) -> Any:
        if request.query["key"] != "k" or request.query["act"] != "a_check":
            return {"failed": 2}
        if self._failures:
            return self._failures.popleft()
        asked = {"after": request.query["ts"], "wait": int(request.query["wait"])}
        answer = await self.news.answer(replace(request, body=json.dumps(asked).encode()))
        return {"ts": answer["cursor"], "updates": answer["updates"]}

    async def _take(self, values: dict[str, str]) -> Any:
        peer, random_id = int(values["peer_ids"]), int(values["random_id"])
        if random_id not in self.sent:
            carried = {name: values.get(name, "") for name in ("attachment", "forward", "keyboard", "lat")}
            ours = {"from_id": -GROUP, "out": 1, "random_id": random_id, **carried}
            self.sent[random_id] = self.message(peer, values.get("message", ""), **ours)
            if self.echoes:
                self.tells("message_reply", self.sent[random_id])
        if self.during is not None:
            await self.during()
        sent = self.sent[random_id]
        named = {"message_id": sent["id"], "conversation_message_id": sent["conversation_message_id"]}
        return [{"peer_id": peer, **named} if self.numbers else {"peer_id": peer, "message_id": sent["id"]}]

    def _by_id(self, values: dict[str, str]) -> Any:
        found = [one for one in self.sent.values() if str(one["id"]) in values["message_ids"].split(",")]
        return {"count": len(found), "items": found}

    def _titles(self, values: dict[str, str]) -> Any:
        chats = [int(one) for one in values["peer_ids"].split(",")]
        return {"items": [{"peer": {"id": one}, "chat_settings": {"title": f"Chat {one}"}} for one in chats]}

    def _change(self, values: dict[str, str]) -> Any:
        for message in self.sent.values():
            if str(message["conversation_message_id"]) == values["cmid"]:
                message |= {"text": values.get("message", ""), "attachment": values.get("attachment", "")}
                return 1
        raise Refused(100)

    def _conversations(self, values: dict[str, str]) -> Any:
        latest = sorted(self.histories.items(), key=lambda one: -one[1][-1]["date"])
        items = [
            {"conversation": {"peer": {"id": peer}}, "last_message": history[-1]} for peer, history in latest
        ]
        offset, count = int(values.get("offset", 0)), int(values["count"])
        return {"count": len(items), "items": items[offset : offset + count]}

    def _history(self, values: dict[str, str]) -> Any:
        history = self.histories[int(values["peer_id"])][::-1]
        offset = int(values["offset"])
        return {"count": len(history), "items": history[offset : offset + int(values["count"])]}

    def _users(self, values: dict[str, str]) -> Any:
        people = [int(one) for one in values["user_ids"].split(",")]
        return [
            {"id": one, "first_name": NAMES[one][0], "last_name": NAMES[one][1]}
            for one in people
            if one in NAMES
        ]

    def _photo_server(self, _values: dict[str, str]) -> Any:
        return {"upload_url": f"{self.url}/upload/photo", "album_id": -64}

    def _doc_server(self, values: dict[str, str]) -> Any:
        return {"upload_url": f"{self.url}/upload/{values['type']}"}

    def _upload(self, request: Request) -> Any:
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        (part,) = BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts()
        field = part.get_param("name", header="content-disposition")
        self.uploads.append((request.names["kind"], str(part.get_filename()), part.get_content()))
        assert field == ("photo" if request.names["kind"] == "photo" else "file")
        return (
            {"server": 1, "photo": "[…]", "hash": "h"}
            if field == "photo"
            else {"file": request.names["kind"]}
        )

    def _save_photo(self, values: dict[str, str]) -> Any:
        assert (values["server"], values["photo"], values["hash"]) == ("1", "[…]", "h")
        return [{"id": 40 + len(self.uploads), "owner_id": -GROUP, "access_key": "key", "sizes": []}]

    def _save_doc(self, values: dict[str, str]) -> Any:
        kind = values["file"]
        return {"type": kind, kind: {"id": 50 + len(self.uploads), "owner_id": -GROUP}}
