"""Files both ways: who may send and open which, what a file is, ranges, and what hostile ones become."""

import io
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from gateways.kit.transactions import Transactions
from gateways.webchat import files
from gateways.webchat.files import Attached
from gateways.webchat.leftovers import Leftovers
from shared.clock import FixedClock, uuid7
from shared.contract.content import Content, Document, File, Text
from shared.db.engine import open_engine, writing
from shared.db.types import to_micros
from shared.files.blobs import Blobs
from tests.integration.files.pictures import encoded, four_colours
from tests.integration.webchat.conftest import Start
from tests.support.visitor import Visitor
from tests.support.waiting import eventually
from tests.support.webchat import ORIGIN, SITE_KEY, Replica, Router

pytestmark = pytest.mark.feature("CH1", "MS3")

PICTURE = encoded(four_colours(800, 400), "PNG")
LIMIT = 30_000_000


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def base(replica: Replica) -> str:
    return f"http://127.0.0.1:{replica.port}"


async def upload(
    http: aiohttp.ClientSession, replica: Replica, token: str | None, body: Any, **query: str
) -> tuple[int, dict[str, Any]]:
    """Status and answer; `origin` and `site` of the query can be others."""
    headers = {"Origin": query.pop("origin", ORIGIN), "Accept-Language": "ru"}
    if token is not None:
        headers["Authorization"] = f"Visitor {token}"
    asked = {"site": SITE_KEY, "name": "file"} | query
    if isinstance(body, bytes):
        body = io.BytesIO(body)
    async with http.post(f"{base(replica)}/upload", params=asked, data=body, headers=headers) as answer:
        return answer.status, dict(await answer.json(content_type=None))


@pytest.mark.feature("MS1")
async def test_a_picture_goes_and_is_shown(
    replica: Replica, router: Router, visitor: Callable[..., Visitor], http: aiohttp.ClientSession
) -> None:
    anna, eve = visitor(replica), visitor(replica)
    await anna.connect()
    await eve.connect()
    status, file = await upload(http, replica, anna.token, PICTURE, name="C:\\fakepath\\отчёт за май.png")
    assert status == 201
    assert {name: file[name] for name in ("name", "mime", "size", "kind", "w", "h", "preview")} == {
        "name": "отчёт_за_май.png", "mime": "image/png", "size": len(PICTURE), "kind": "image",
        "w": 800, "h": 400, "preview": True,
    }  # fmt: skip
    for person, cid in ((eve, "e" * 20), (anna, "a" * 20)):
        person.send_raw(json.dumps({"t": "msg", "cid": cid, "files": [file["id"]]}))
    refused = await eve.hear()
    accepted = await anna.hear()
    assert (refused["t"], refused["code"], refused["cid"]) == ("err", "no_file", "e" * 20)
    assert accepted["t"] == "ack"
    await eventually(lambda: router.of_type("inbound.message.v1"))
    [part] = router.of_type("inbound.message.v1")[0]["data"]["content"]["parts"]
    assert (part["kind"], part["file"]["attachment_id"]) == ("image", file["id"])
    assert (part["file"]["state"], part["file"]["size_bytes"]) == ("stored", len(PICTURE))
    async with http.get(base(replica) + file["url"]) as answer:
        assert await answer.read() == PICTURE
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
    async with http.get(f"{base(replica)}{file['url']}&preview=1") as answer:
        assert answer.content_type == "image/webp"
        assert answer.headers["Content-Disposition"].startswith("inline;")
    async with http.get(base(replica) + file["url"], headers={"Range": "bytes=1-3"}) as answer:
        assert (answer.status, await answer.read()) == (206, b"PNG")
    async with http.get(base(replica) + file["url"], headers={"Range": "bytes=999999999-"}) as answer:
        assert answer.status == 416
    there = visitor(replica)
    there.token = anna.token
    shown = (await there.connect())["history"][0]
    assert shown["files"] == [file]


async def test_our_file_reaches_the_visitor_alone(
    replica: Replica,
    router: Router,
    visitor: Callable[..., Visitor],
    http: aiohttp.ClientSession,
    house_accounts: Path,
) -> None:
    anna, eve = visitor(replica), visitor(replica)
    await anna.connect()
    await eve.connect()
    attachment = uuid7()

    async def once() -> AsyncIterator[bytes]:
        yield b"%PDF-1.7 a bill"

    blobs = Blobs.open(f"file://{house_accounts.parent / 'blobs'}")
    await blobs.put(str(attachment), once(), limit=LIMIT)
    file = File(
        attachment_id=attachment, name="bill.pdf", mime_type="application/pdf", size_bytes=15, state="stored"
    )
    content = Content(parts=(Text(text="The bill"), Document(file=file)))
    message = await router.send(anna.visitor, "", content=content)
    await router.send(eve.visitor, "no files for you")
    await eventually(lambda: router.outcomes(message) == ["sent"])
    shown = await anna.hear()
    assert (shown["text"], shown["files"][0]["name"]) == ("The bill", "bill.pdf")
    url = shown["files"][0]["url"]
    async with http.get(base(replica) + url) as answer:
        assert await answer.read() == b"%PDF-1.7 a bill"
    key = url.partition("key=")[2]
    dialog = key.split(".")[1]
    for wrong in (
        url.replace(key, ""),
        url.replace(dialog, uuid4().hex),
        url.replace(str(attachment), str(uuid7())),
        url.replace(str(attachment), "..%2f..%2fetc%2fpasswd"),
        url[:-2] + "zz",
    ):
        async with http.get(base(replica) + wrong) as answer:
            assert answer.status == 404
            assert "root:" not in await answer.text()
    await blobs.delete(str(attachment))
    async with http.get(base(replica) + url, headers={"Accept-Language": "ru"}) as answer:
        assert answer.status == 410
        assert "больше не хранится" in (await answer.json(content_type=None))["words"]


async def test_what_was_uploaded_and_never_sent_goes_after_a_day(mailbox_url: str, tmp_path: Path) -> None:
    async def once() -> AsyncIterator[bytes]:
        yield b"bytes"

    now, engine = datetime.now(UTC), open_engine(mailbox_url)
    blobs, dialog = Blobs.open(f"file://{tmp_path / 'blobs'}"), uuid4()
    old, sent, fresh = uuid7(), uuid7(), uuid7()
    for attachment, age in ((old, 2), (sent, 2), (fresh, 0)):
        await blobs.put(str(attachment), once(), limit=10)
        at = to_micros(now - timedelta(days=age))
        row = Attached(dialog, attachment, "main", "a", "text/plain", 5, "file", at, sent=False)
        async with writing(engine) as conn:
            await files.keep(conn, [row])
    async with writing(engine) as conn:
        assert set(await files.send(conn, dialog, [sent])) == {sent}
    leftovers = Leftovers(blobs, Transactions(engine), FixedClock(now))
    assert await leftovers.sweep() == 1
    assert await leftovers.sweep() == 0
    async with writing(engine) as conn:
        assert set(await files.of_dialog(conn, dialog, [old, sent, fresh])) == {sent, fresh}
    assert [await blobs.size(str(one)) for one in (old, sent, fresh)] == [None, 5, 5]
    await engine.dispose()


@pytest.mark.feature("CH16")
async def test_who_may_not_and_what_does_not_fit_is_told(
    start: Start, visitor: Callable[..., Visitor], http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    replica = await start(UPLOADS_PER_MINUTE="4")
    anna = visitor(replica)
    await anna.connect()
    token = anna.token
    assert token is not None

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(31):
            yield b"x" * 1_000_000

    refused = [
        await upload(http, replica, None, b"x"),
        await upload(http, replica, token[:-2] + "AA", b"x"),
        await upload(http, replica, token, b"x", origin="https://evil.example"),
        await upload(http, replica, token, b"x", site="no-such-site"),
        await upload(http, replica, token, b""),
        await upload(http, replica, token, b"x" * (LIMIT + 1)),
        await upload(http, replica, token, endless()),
    ]
    assert [(status, answer["code"]) for status, answer in refused] == [
        (401, "not_let_in"), (401, "not_let_in"), (403, "foreign_origin"), (404, "unknown_site"),
        (400, "empty_file"), (413, "file_too_large"), (413, "file_too_large"),
    ]  # fmt: skip
    assert "30 МБ" in refused[-1][1]["words"]
    status, answer = await upload(http, replica, token, b"<svg onload=alert(1)>", name="cat.png")
    assert (status, answer["kind"], answer["mime"]) == (201, "file", "application/xml")
    status, answer = await upload(http, replica, token, b"\x89PNG\r\n\x1a\n" + b"\0" * 99, name="broken.png")
    assert (status, answer["kind"], answer["preview"]) == (201, "file", False)
    status, answer = await upload(http, replica, token, b"OggS" + b"\0" * 99, name="v.ogg", kind="voice")
    assert (status, answer["kind"]) == (201, "voice")
    status, answer = await upload(http, replica, token, b"x")
    assert (status, answer["code"]) == (429, "too_many_uploads")
    kept = [path for path in (tmp_path / "blobs").rglob("*") if path.is_file() and path.stat().st_size > 999]
    assert kept == []
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    async with http.options(f"{base(replica)}/upload", params={"site": SITE_KEY}, headers=headers) as asked:
        assert asked.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert (await replica.ready())["status"] == "ready"
