"""A store that does as it is told: the queries and the feed of the real one, from what a test put into it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID, uuid4

from aiohttp import web

from shared import topology
from shared.access import Scope, sight
from shared.bus.connection import Broker
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.contract.feed import FeedHead, FeedRow, Sight
from shared.contract.people import DialogRef
from shared.contract.statuses import STANDARD
from shared.http.server import HttpServer
from tests.integration.desk.person import Person

TOKEN = "the-word-of-the-services"
EVERYBODY = Sight()
SEEN_BY = ("account", "status", "assignee", "offered_to", "offered_group")


class ScriptedStore:
    """`say` adds a row and, unless told otherwise, sends its hint. `down` answers 503 to everything; `delays`
    holds an answer back for so many seconds after it was made, by path."""

    def __init__(self, broker: Broker) -> None:
        self.rows: list[FeedRow] = []
        self.oldest = 1
        self.people: dict[UUID, Person] = {}
        self.conversations: dict[UUID, dict[str, Any]] = {}
        self.messages: dict[UUID, dict[str, Any]] = {}
        self.attachments: dict[UUID, dict[str, Any]] = {}
        self.down = False
        self.delays: dict[str, float] = {}
        self.asked: list[str] = []
        self._publisher = Publisher(broker)
        self._server = HttpServer(self._application(), "127.0.0.1", 0)

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.__aexit__(None, None, None)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def head(self) -> int:
        return len(self.rows)

    def add(self, person: Person) -> Person:
        self.people[person.operator_id] = person
        return person

    def say(
        self,
        entity: Any,
        id_: str,
        *,
        what: str = "changed",
        before: Sight | None = None,
        after: Sight | None = EVERYBODY,
        state: dict[str, Any] | None = None,
        command_id: UUID | None = None,
        parent: str | None = None,
        hint: bool = True,
    ) -> FeedRow:
        row = FeedRow(
            seq=self.head + 1,
            at=datetime.now(UTC),
            entity=entity,
            id=id_,
            what=what,
            version=self.head + 1,
            parent=parent,
            before=before,
            after=after,
            state=state if state is not None else {"number": self.head + 1},
            command_id=command_id,
            traceparent=None,
        )
        self.rows.append(row)
        if hint:
            self._announce(f"{entity}.{what}", row.model_dump_json().encode())
        return row

    def say_head(self) -> None:
        self._announce("feed.head", FeedHead(head=self.head).model_dump_json().encode())

    def put_conversation(
        self, account: str = "webchat.main", *, assignee: UUID | None = None, command_id: UUID | None = None,
        id_: UUID | None = None, hint: bool = True, offered_to: UUID | None = None,
        offered_group: str | None = None,
    ) -> UUID:  # fmt: skip
        """A conversation, new or changed, and its row."""
        conversation_id = id_ or uuid4()
        before = self.conversations.get(conversation_id)
        state = {
            "conversation_id": str(conversation_id),
            "dialog_id": str(before["dialog_id"] if before else uuid4()),
            "account": account,
            "status": "active" if assignee else "new",
            "assignee": str(assignee) if assignee else None,
            "version": (before["version"] + 1) if before else 1,
            "offered_to": str(offered_to) if offered_to else None,
            "offered_group": offered_group,
        }
        self.conversations[conversation_id] = state
        self.say(
            "conversation",
            str(conversation_id),
            before=None if before is None else sight_of(before),
            after=sight_of(state),
            state=state,
            command_id=command_id,
            hint=hint,
        )
        return conversation_id

    def put_message(self, conversation_id: UUID, line: dict[str, Any]) -> UUID:
        """A line of the conversation's dialog that can be asked for."""
        entry_id = uuid4()
        dialog_id = self.conversations[conversation_id]["dialog_id"]
        about = {"entry_id": str(entry_id), "conversation_id": str(conversation_id), "dialog_id": dialog_id}
        self.messages[entry_id] = {**line, **about}
        return entry_id

    def put_attachment(
        self, conversation_id: UUID, *, state: str, message_id: UUID | None = None, **changes: str
    ) -> UUID:
        """A file of some message of the conversation."""
        attachment_id = uuid4()
        said = {"kind": "file", "name": "report.pdf", "mime_type": "application/pdf"}
        self.attachments[attachment_id] = {
            "attachment_id": str(attachment_id),
            "conversation_id": str(conversation_id),
            "message_id": str(message_id or uuid4()),
            "state": state,
            **said,
            **changes,
        }
        return attachment_id

    def change_access(self, person: Person, **changes: Any) -> None:
        """Other rights or accounts for an operator, and the row that says so."""
        for name, value in changes.items():
            setattr(person, name, value)
        person.access_version += 1
        self.say("operator", str(person.operator_id), before=EVERYBODY, state=person.state)

    def _announce(self, key: str, body: bytes) -> None:
        message = Outgoing(topology.FEED, key, body, message_id=str(uuid4()), persistent=False)
        self._publisher.announce(message)

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[self._door])
        app.router.add_get("/v1/viewer", self._viewer)
        app.router.add_get("/v1/folders", self._folders)
        app.router.add_get("/v1/feed", self._feed)
        app.router.add_get("/v1/conversations", self._listing)
        app.router.add_get("/v1/conversations/{id}", self._one)
        app.router.add_get("/v1/messages/{id}", self._message)
        app.router.add_get("/v1/messages/{id}/attachments", self._of_message)
        app.router.add_get("/v1/attachments/{id}", self._attachment)
        app.router.add_get("/v1/dialogs/{id}/sight", self._sight)
        app.router.add_get("/v1/statuses", self._statuses)
        app.router.add_get("/v1/templates", self._templates)
        return app

    @web.middleware
    async def _door(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(request.path)
        if self.down:
            return web.Response(status=503)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        answer: web.StreamResponse = await handler(request)
        await asyncio.sleep(self.delays.get(request.path, 0))
        return answer

    def _person(self, request: web.Request) -> Person:
        person = self.people.get(UUID(request.headers["X-Operator"]))
        if person is None:
            raise web.HTTPNotFound(
                text='{"code": "not_found", "title": "There is no such operator."}',
                content_type="application/problem+json",
            )
        return person

    async def _viewer(self, request: web.Request) -> web.Response:
        person = self._person(request)
        return web.json_response(
            {
                "operator": person.state,
                "rights": sorted(person.viewer.rights),
                "accounts": sorted(person.accounts),
                "access_version": person.access_version,
                "seq": self.head,
            }
        )

    async def _folders(self, request: web.Request) -> web.Response:
        total = len(self._seen(self._person(request)))
        folder = {"folder": "all", "total": total, "unread": 0, "waiting": 0}
        return web.json_response({"seq": self.head, "folders": [folder]})

    async def _listing(self, request: web.Request) -> web.Response:
        items = self._seen(self._person(request))
        return web.json_response({"seq": self.head, "items": items, "next": None})

    async def _one(self, request: web.Request) -> web.Response:
        for one in self._seen(self._person(request)):
            if one["conversation_id"] == request.match_info["id"]:
                return web.json_response(one)
        raise web.HTTPNotFound(
            text='{"code": "conversation_not_found", "title": "There is no such conversation."}',
            content_type="application/problem+json",
        )

    async def _message(self, request: web.Request) -> web.Response:
        return self._of_conversation(request, self.messages)

    async def _attachment(self, request: web.Request) -> web.Response:
        return self._of_conversation(request, self.attachments)

    async def _of_message(self, request: web.Request) -> web.Response:
        self._of_conversation(request, self.messages)
        of = request.match_info["id"]
        items = [one for one in self.attachments.values() if one["message_id"] == of]
        return web.json_response({"seq": self.head, "items": items})

    def _of_conversation(self, request: web.Request, known: dict[UUID, dict[str, Any]]) -> web.Response:
        """What is known of a thing whose conversation the operator may see."""
        found = known.get(UUID(request.match_info["id"]))
        seen = {one["conversation_id"] for one in self._seen(self._person(request))}
        if found is None or found["conversation_id"] not in seen:
            raise web.HTTPNotFound(
                text='{"code": "not_found", "title": "There is no such thing."}',
                content_type="application/problem+json",
            )
        return web.json_response({**found, "seq": self.head})

    async def _statuses(self, _: web.Request) -> web.Response:
        rows = [one.model_dump(mode="json") for one in STANDARD]
        return web.json_response({"seq": self.head, "version": 0, "statuses": rows})

    async def _templates(self, _: web.Request) -> web.Response:
        return web.json_response({"seq": self.head, "items": [{"title": "Hello"}]})

    async def _sight(self, request: web.Request) -> web.Response:
        for one in self.conversations.values():
            if one["dialog_id"] == request.match_info["id"]:
                told = {
                    "seq": self.head,
                    "dialog": dialog_of(one).model_dump(mode="json"),
                    "sight": sight_of(one).model_dump(mode="json", exclude_none=True),
                }
                return web.json_response(told)
        raise web.HTTPNotFound(
            text='{"code": "not_found", "title": "There is no such thing."}',
            content_type="application/problem+json",
        )

    def _seen(self, person: Person) -> list[dict[str, Any]]:
        clause = sight(person.viewer)
        return [one for one in self.conversations.values() if clause.matches(_scope(one))]

    async def _feed(self, request: web.Request) -> web.Response:
        after, limit = int(request.query["after"]), int(request.query["limit"])
        rows = [row for row in self.rows if row.seq > after and row.seq >= self.oldest][:limit]
        items = ",".join(row.model_dump_json() for row in rows)
        body = f'{{"head": {self.head}, "oldest": {self.oldest}, "items": [{items}]}}'
        return web.Response(text=body, content_type="application/json")


def dialog_of(state: dict[str, Any]) -> DialogRef:
    channel, _, account = state["account"].partition(".")
    dialog = UUID(state["dialog_id"])
    return DialogRef(dialog_id=dialog, channel=channel, account=account, chat=dialog.hex)


def sight_of(state: dict[str, Any]) -> Sight:
    return Sight.model_validate({name: state[name] for name in SEEN_BY})


def _scope(state: dict[str, Any]) -> Scope:
    scope = sight_of(state).scope
    assert scope is not None
    return scope
