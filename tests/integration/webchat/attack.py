"""Hostile cases carried out: each over wires of its own, against one process that must bear them all."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import pytest

from gateways.webchat import visitor_token
from tests.integration.webchat.recipes import as_bytes, made
from tests.integration.webchat.stranger import Answer, Stranger, ask, leave, request
from tests.support.webchat import ORIGIN, SITE_KEY, Replica
from tests.support.websocket import Closed, Refused, connect

FOLDER: Final = Path(__file__).parent / "hostile"
LAST: Final = "and I am still here"
MISSES: Final = (
    pytest.fail.Exception,
    AssertionError,
    OSError,
    EOFError,
    Closed,
    Refused,
    TimeoutError,
    LookupError,
    ValueError,
)


@dataclass
class Case:
    subject: str
    why: str
    send: dict[str, Any]
    then: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What the router must have heard of a visitor: their messages in order, and what is no message."""

    case: Case
    visitor: str
    heard: list[Any]
    some: bool
    """Only the last message is foreseen."""
    visited: list[Any] | None

    def missing(self, facts: list[dict[str, Any]]) -> str:
        """How the facts of this visitor differ; empty when they do not."""
        said = [one["data"] for one in facts if one["type"] == "inbound.message.v1"]
        parts = [
            {"content": {"parts": [{"text": one}]}} if isinstance(one, str) else one for one in self.heard
        ]
        if not holds(parts, said[-1:] if self.some else said):
            return f"{self.case.subject}: {self.case.why}: heard {[one['content'] for one in said[-3:]]}"
        told = [one["data"] for one in facts if one["type"] == "inbound.visit.v1"]
        if self.visited is not None and not holds(self.visited, told):
            return f"{self.case.subject}: {self.case.why}: told {told}"
        return ""


@cache
def load() -> list[Case]:
    """All cases with their recipes carried out; who asks again gets the same and changes nothing in it."""
    return [
        Case(path.stem, one["why"], made(one["send"]), made(one["then"]))
        for path in sorted(FOLDER.glob("*.json"))
        for one in json.loads(path.read_text())
    ]


def filled(value: Any, known: dict[str, str]) -> Any:
    """`value` with `$token` and the like in its texts replaced."""
    if isinstance(value, str | bytes):
        for name in sorted(known, key=len, reverse=True):
            if isinstance(value, str):
                value = value.replace(f"${name}", known[name])
            else:
                value = value.replace(f"${name}".encode(), known[name].encode())
        return value
    if isinstance(value, list):
        return [filled(one, known) for one in value]
    return {name: filled(one, known) for name, one in value.items()} if isinstance(value, dict) else value


def holds(expected: Any, seen: Any) -> bool:
    """Whether what was seen has all that is expected; objects may have more."""
    if isinstance(expected, dict):
        return isinstance(seen, dict) and all(holds(one, seen.get(name)) for name, one in expected.items())
    if isinstance(expected, list) and isinstance(seen, list):
        return len(expected) == len(seen) and all(map(holds, expected, seen))
    return bool(expected == seen)


def tokens() -> dict[str, str]:
    """Tokens that were signed, but not for this site, this time or by this secret."""
    now, who = datetime.now(UTC), uuid4().hex
    main, other = ("secret of main, invented for tests", "secret of other, invented for tests")
    return {
        "expired": visitor_token.issue(who, "main", main, now - timedelta(days=401)),
        "early": visitor_token.issue(who, "main", main, now + timedelta(days=1)),
        "othersite": visitor_token.issue(who, "other", other, now),
        "othersecret": visitor_token.issue(who, "main", other, now),
        "now": str(int(now.timestamp())),
    }


class Attack:
    """Runs cases against one replica; each returns why it failed, or nothing."""

    def __init__(self, replica: Replica) -> None:
        self.replica = replica
        self.known = tokens()
        self.fives: list[str] = []

    async def prepare(self) -> None:
        """Somebody's chat with a file in it, which the cases will want to open."""
        owner = Stranger(self.replica)
        await owner.greet()
        body = "%PDF-1.7 a bill"
        answer = await ask(self.replica.port, self._upload({"name": "bill.pdf", "body": body}, owner.token))
        await owner.say("a bill", files=[answer.said["id"]])
        owner.cut()
        path, _, key = answer.said["url"].partition("?key=")
        _slug, dialog, until, proof = key.split(".")
        self.known |= {
            "file": path.removeprefix("/files/"),
            "key": key,
            "dialog": dialog,
            "until": until,
            "proof": proof,
            "owner": owner.visitor,
            "ownertoken": owner.token,
        }

    async def run(self, case: Case) -> Told | str:
        """What the router must be told because of the case, or why it failed."""
        stranger = Stranger(self.replica)
        try:
            await stranger.greet()
            known = self.known | {
                "token": stranger.token,
                "visitor": stranger.visitor,
                "cid": uuid4().hex,
            }
            send, then = filled(case.send, known), filled(case.then, known)
            if "steps" in send:
                await self._talk(stranger, send, then)
            elif "visitors" in send:
                for _ in range(send["visitors"]):
                    await Stranger(self.replica).come_and_go()
            elif "each" in send:
                for one in send["each"]:
                    await self._ask(stranger, {"poll": one}, then)
            elif "gone" in send:
                await leave(self.replica.port, self._bytes(send["gone"], stranger.token))
            elif "knock" in send:
                await self._knock(send["knock"], then)
            else:
                await self._ask(stranger, send, then)
            await stranger.say(LAST)
            assert self.replica.alive, "the process has ended"
        except MISSES as error:
            return f"{case.subject}: {case.why}: {type(error).__name__} {error}"
        finally:
            stranger.cut()
        heard = then.get("heard", [])
        some = heard == "some"
        return Told(case, stranger.visitor, [LAST] if some else [*heard, LAST], some, then.get("visited"))

    async def _talk(self, stranger: Stranger, send: dict[str, Any], then: dict[str, Any]) -> None:
        """Frames after the welcome: which answers come, or how it is closed."""
        with suppress(Closed):
            for step in send["steps"]:
                stranger.write_all(step)
        if "closed" in then:
            assert await stranger.closing() == (then["closed"], then.get("code", ""))
            return
        answers = await stranger.answers(then["answers"])
        if isinstance(then["answers"], list):
            assert answers == then["answers"]
        else:
            assert set(answers) <= set(then["answers"]["among"]), set(answers)
            assert set(then["answers"].get("has", ())) <= set(answers), set(answers)

    async def _knock(self, knock: dict[str, Any], then: dict[str, Any]) -> None:
        """A handshake and a hello of one's own: let in as whom, or how refused."""
        site = knock.get("site", SITE_KEY)
        where = f"{self.replica.url}?site={quote(site, safe='')}"
        origin = knock.get("origin", ORIGIN)
        if "status" in then:
            with pytest.raises(Refused) as refused:
                await connect(where, origin=origin)
            self._note(refused.value.status, {})
            seen = refused.value.status, json.loads(refused.value.text)["code"]
            assert seen == (then["status"], then["code"])
            return
        wire = await connect(where, origin=origin)
        visitor = Stranger(self.replica)
        visitor.wire = wire
        try:
            visitor.write(knock.get("hello", {"t": "hello", "site": SITE_KEY}))
            if "closed" in then:
                assert await visitor.closing() == (then["closed"], then["code"])
                return
            welcome = await visitor.hear()
            assert holds(then["welcome"], welcome), welcome
            assert welcome["visitor"] not in then.get("not", ()), welcome["visitor"]
        finally:
            wire.cut()

    def _upload(self, upload: dict[str, Any], token: str) -> bytes:
        query = upload.get("query", "name=" + quote(upload.get("name", "x"), safe=""))
        headers = {"Authorization": f"Visitor {token}"} | upload.get("headers", {})
        return request("POST", f"/upload?site={SITE_KEY}&{query}", headers, upload["body"])

    def _bytes(self, send: dict[str, Any], token: str) -> bytes:
        match send:
            case {"upload": upload}:
                return self._upload(upload, token)
            case {"poll": body, **more}:
                text = body if isinstance(body, str | bytes) else json.dumps(body)
                return request("POST", f"/poll?site={SITE_KEY}", more.get("headers", {}), text)
            case {"get": path, **more}:
                return request(more.get("method", "GET"), path, more.get("headers", {}), more.get("body", ""))
            case _:
                return as_bytes(send["bytes"])

    async def _ask(self, stranger: Stranger, send: dict[str, Any], then: dict[str, Any]) -> None:
        """A request: its status, code, headers, body; a file that was taken is sent and opened."""
        raw = self._bytes(send, stranger.token)
        for _ in range(send.get("before", 0)):
            self._note((await ask(self.replica.port, raw)).status, {})
        answer = await ask(self.replica.port, raw)
        self._note(answer.status, answer.headers)
        allowed = then["status"] if isinstance(then["status"], list) else [then["status"]]
        assert answer.status in allowed, (answer.status, answer.body[:200])
        assert "code" not in then or answer.said["code"] == then["code"], answer.said
        assert holds(then.get("headers", {}), dict(answer.headers)), answer.headers
        assert "body" not in then or answer.body == as_bytes(then["body"]), answer.body[:200]
        if "frames" in then:
            frames = [one for one in answer.said["frames"] if one["t"] != "got"]  # it comes when it comes
            assert [one.get("code", one["t"]) for one in frames] == then["frames"], frames
        if "file" in then:
            await self._use(stranger, answer, then)

    async def _use(self, stranger: Stranger, uploaded: Answer, then: dict[str, Any]) -> None:
        """What was taken is what it is, can be sent, and is served as nothing that a browser would run."""
        file = uploaded.said
        assert holds(then["file"], file), file
        await stranger.say("", files=[file["id"]])
        part = {"kind": file["kind"], "file": {"attachment_id": file["id"], "name": file["name"]}}
        then["heard"] = [{"content": {"parts": [part]}}]
        served = await ask(self.replica.port, request("GET", file["url"], {"Range": "bytes=0-0"}, ""))
        assert served.status == 206
        assert served.headers["x-content-type-options"] == "nosniff"
        inline = file["kind"] in ("voice", "audio", "video")
        assert inline or served.headers["content-disposition"].startswith("attachment"), served.headers
        assert "html" not in served.headers["content-type"]
        assert "xml" not in served.headers["content-type"]

    def _note(self, status: int, headers: Any) -> None:
        if status >= 500 and not (status == 503 and headers.get("x-reason")):
            self.fives.append(f"{status} {dict(headers)}")
