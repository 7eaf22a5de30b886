"""Files of operators: uploaded, seen by their uploader, sent once, downloaded by whoever sees the message."""

from __future__ import annotations

import gzip
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from sqlalchemy import select, update

from gateways.desk import files, uploads
from gateways.desk.tables import uploads as table
from shared.clock import uuid7
from shared.contract.commands import Answer, PostMessage, Refusal
from shared.contract.envelope import Data, Envelope
from shared.db.engine import open_engine, reading, writing
from shared.files.blobs import Blobs
from tests.integration.desk.browser import Answered, Browser, Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_router import ScriptedRouter, agreed
from tests.integration.desk.scripted_store import ScriptedStore, sight_of
from tests.integration.files.pictures import encoded, four_colours
from tests.support.waiting import eventually

pytestmark = pytest.mark.feature("MS3")

PICTURE = encoded(four_colours(), "PNG")
SOUND = b"OggS" + bytes(100)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs.open(f"file://{tmp_path}/blobs")


async def upload(browser: Browser, data: Any, name: str = "a.bin", **more: str) -> Answered:
    address = f"{browser.url}/api/attachments"
    params = {"name": name, **more}
    async with browser.session.post(address, params=params, data=data, headers=browser.headers) as response:
        return Answered(response.status, await response.json(), response.headers)


async def fetch(browser: Browser, id_: object, query: str = "", **headers: str) -> tuple[int, Any, bytes]:
    address = f"{browser.url}/api/attachments/{id_}{query}"
    async with browser.session.get(address, headers=headers) as response:
        return response.status, response.headers, await response.read()


def shows(store: ScriptedStore, conversation: UUID, commands: list[PostMessage]) -> Any:
    """A router that accepts messages, and a store that shows them."""

    def decide(command: Envelope[Data]) -> Answer:
        if not isinstance(command.data, PostMessage):
            return agreed(command)
        commands.append(command.data)
        scope = sight_of(store.conversations[conversation])
        store.say("message", str(command.data.message_id), after=scope, command_id=command.id)
        return agreed(command)

    return decide


async def test_what_a_file_is_its_content_says(desk: Workplace, store: ScriptedStore, blobs: Blobs) -> None:
    anna = store.add(Person("anna"))
    async with await desk.signed_in(anna) as browser:
        picture = await upload(browser, PICTURE, "../../отпуск 1.html")
        assert (picture.status, picture.body["kind"], picture.body["mime_type"]) == (
            201,
            "image",
            "image/png",
        )
        assert picture.body["name"] == "отпуск_1.html"
        assert (picture.body["width"], picture.body["height"]) == (80, 40)
        assert picture.body["size_bytes"] == len(PICTURE)
        assert await blobs.size(f"{picture.body['attachment_id']}.preview")
        page = await upload(browser, b"<svg onload=alert(1)>", "a.png")
        assert (page.body["kind"], page.body["mime_type"]) == ("file", "application/xml")
        torn = await upload(browser, PICTURE[:60], "a.png")
        assert (torn.body["kind"], torn.body["mime_type"]) == ("file", "image/png")
        assert (await upload(browser, SOUND, "a.ogg")).body["kind"] == "audio"
        assert (await upload(browser, SOUND, "a.ogg", voice="true")).body["kind"] == "voice"
        assert (await upload(browser, b"words", "a.txt", voice="true")).body["kind"] == "file"


async def test_what_is_no_file_of_ours_is_told_in_words(
    desk: Workplace, store: ScriptedStore, tmp_path: Path
) -> None:
    anna, boris = store.add(Person("anna")), store.add(Person("boris", without=("reply",)))

    async def too_much() -> AsyncIterator[bytes]:
        for _ in range(files.LIMIT // 1_000_000 + 1):
            yield bytes(1_000_000)

    async with await desk.signed_in(anna) as browser:
        browser.headers["Accept-Language"] = "ru"
        big = await upload(browser, too_much())
        assert (big.status, big.code) == (413, "too_large")
        assert "30 МБ" in big.body["detail"]
        announced = await upload(browser, io.BytesIO(bytes(files.LIMIT + 1)))
        assert announced.status == 413
        empty = await upload(browser, b"")
        assert (empty.status, empty.code) == (422, "empty_file")
        browser.headers["Content-Encoding"] = "gzip"
        assert (await upload(browser, gzip.compress(b"packed"))).status == 400
        del browser.headers["Content-Encoding"]
        del browser.headers["X-Switchboard-Request"]
        assert (await upload(browser, b"words")).status == 403
    async with await desk.signed_in(boris) as browser:
        assert (await upload(browser, b"words")).status == 403
    async with desk.browser() as stranger:
        assert (await upload(stranger, b"words")).status == 401
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


async def test_a_file_that_breaks_off_leaves_nothing(
    desk: Workplace, store: ScriptedStore, tmp_path: Path
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield bytes(300_000)
        raise OSError("the network has gone")

    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        with pytest.raises((aiohttp.ClientError, OSError)):
            await upload(browser, broken())
        folder = tmp_path / "blobs"
        await eventually(lambda: not any(path.is_file() for path in folder.rglob("*")))
        assert (await upload(browser, b"whole")).status == 201


async def test_an_upload_is_its_uploaders_until_it_is_sent(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    anna, boris = store.add(Person("anna")), store.add(Person("boris"))
    conversation = store.put_conversation()
    commands: list[PostMessage] = []
    router.decide = shows(store, conversation, commands)
    path = f"/api/conversations/{conversation}/messages"
    async with await desk.signed_in(anna) as hers, await desk.signed_in(boris) as his:
        one, two = [(await upload(hers, data, "a.png")).body["attachment_id"] for data in (PICTURE, b"text")]
        assert (await fetch(hers, one))[0] == 200
        assert (await fetch(his, one))[0] == 404
        stolen = await his.call("POST", path, {"id": str(uuid7()), "attachments": [one]})
        assert (stolen.status, stolen.code) == (409, "attachment_unknown")
        for wrong in ([str(uuid4())], [one, str(uuid4())]):
            refused = await hers.call("POST", path, {"id": str(uuid7()), "attachments": wrong})
            assert (refused.status, refused.code) == (409, "attachment_unknown")
        assert (await hers.call("POST", path, {"id": str(uuid7()), "attachments": [one, one]})).status == 422
        body = {"id": str(uuid7()), "attachments": [two, one]}
        assert (await hers.call("POST", path, body)).status == 200
        assert (await hers.call("POST", path, body)).status == 200, "the same message may be repeated"
        again = await hers.call("POST", path, {**body, "id": str(uuid7())})
        assert (again.status, again.code) == (409, "attachment_unknown")
        assert (await fetch(hers, one))[0] == 200, "until the store knows the message"
    assert commands[0] == commands[1].model_copy(update={"deadline": commands[0].deadline})
    parts = commands[0].content.parts
    assert [part.kind for part in parts] == ["file", "image"]
    assert [part.file.state for part in parts] == ["stored", "stored"]  # type: ignore[union-attr]  # both are files
    assert str(parts[1].file.attachment_id) == one  # type: ignore[union-attr]  # both are files


async def test_a_refused_message_gives_its_files_back(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    anna = store.add(Person("anna"))
    conversation = store.put_conversation()
    commands: list[PostMessage] = []
    path = f"/api/conversations/{conversation}/messages"

    def refuse(command: Envelope[Data]) -> Answer:
        if not isinstance(command.data, PostMessage):
            return agreed(command)
        return Answer(command_id=command.id, ok=False, refusal=Refusal(code="conversation_closed"))

    router.decide = refuse
    async with await desk.signed_in(anna) as browser:
        one = (await upload(browser, b"text", "a.txt")).body["attachment_id"]
        refused = await browser.call("POST", path, {"id": str(uuid7()), "text": "x", "attachments": [one]})
        assert refused.code == "conversation_closed"
        router.decide = shows(store, conversation, commands)
        sent = await browser.call("POST", path, {"id": str(uuid7()), "text": "x", "attachments": [one]})
        assert sent.status == 200
    assert [part.kind for part in commands[0].content.parts] == ["text", "file"]


async def test_a_download_is_what_the_store_says(desk: Workplace, store: ScriptedStore, blobs: Blobs) -> None:
    anna, boris = store.add(Person("anna")), store.add(Person("boris", accounts=()))
    conversation = store.put_conversation()
    data = bytes(range(256)) * 4000
    known = {state: store.put_attachment(conversation, state=state) for state in STATES}
    await blobs.put(str(known["stored"]), sent(data), limit=len(data))
    async with await desk.signed_in(anna) as browser, await desk.signed_in(boris) as stranger:
        status, headers, body = await fetch(browser, known["stored"])
        assert (status, body) == (200, data)
        assert headers["Content-Disposition"].startswith('attachment; filename="report.pdf"')
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "private, no-cache"
        status, part, body = await fetch(browser, known["stored"], Range="bytes=1000-1999")
        assert (status, body) == (206, data[1000:2000])
        assert part["Content-Range"] == f"bytes 1000-1999/{len(data)}"
        assert (await fetch(browser, known["stored"], Range=f"bytes={len(data)}-"))[0] == 416
        old = {"Range": "bytes=1-2", "If-Range": '"another"'}
        assert (await fetch(browser, known["stored"], **old))[0] == 200
        assert (await fetch(browser, known["stored"], **{"If-None-Match": headers["ETag"]}))[0] == 304
        assert (await fetch(browser, known["stored"], "?preview=true"))[0] == 404
        for state, expected in (("expired", 410), ("pending", 409), ("failed", 404)):
            assert (await fetch(browser, known[state]))[0] == expected
        await blobs.delete(str(known["stored"]))
        assert (await fetch(browser, known["stored"]))[0] == 410
        for hidden in (*known.values(), uuid4()):
            assert (await fetch(stranger, hidden))[0] == 404
            assert (await fetch(stranger, hidden, **{"If-None-Match": headers["ETag"]}))[0] == 404
        store.down = True
        assert (await fetch(browser, known["expired"]))[0] == 503


async def test_a_preview_is_shown_and_the_picture_is_saved(desk: Workplace, store: ScriptedStore) -> None:
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        one = (await upload(browser, PICTURE, "a.png")).body["attachment_id"]
        status, headers, body = await fetch(browser, one, "?preview=true")
        assert (status, headers["Content-Type"]) == (200, "image/webp")
        assert headers["Content-Disposition"].startswith("inline")
        assert body[8:12] == b"WEBP"
        _, headers, body = await fetch(browser, one)
        assert headers["Content-Disposition"].startswith("attachment")
        assert body == PICTURE


async def test_what_nobody_sent_goes_after_a_day(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter, blobs: Blobs
) -> None:
    anna = store.add(Person("anna"))
    conversation = store.put_conversation()
    router.decide = shows(store, conversation, [])
    async with await desk.signed_in(anna) as browser:
        unsent, sent_one, young = [(await upload(browser, PICTURE)).body["attachment_id"] for _ in range(3)]
        body = {"id": str(uuid7()), "attachments": [sent_one]}
        assert (await browser.call("POST", f"/api/conversations/{conversation}/messages", body)).status == 200
    engine = open_engine(desk.database)
    try:
        async with writing(engine) as conn:
            old = update(table).where(table.c.attachment_id != UUID(young))
            await conn.execute(old.values(created_at=datetime.now(UTC) - timedelta(hours=25)))
        assert await uploads.sweep(engine, blobs, datetime.now(UTC)) == 2
        async with reading(engine) as conn:
            left = (await conn.execute(select(table.c.attachment_id))).scalars().all()
    finally:
        await engine.dispose()
    assert left == [UUID(young)]
    there = [one for one in (unsent, sent_one, young) if await blobs.size(one) is not None]
    assert there == [sent_one, young]
    assert await blobs.size(f"{unsent}.preview") is None


async def test_few_files_wait_to_be_sent(desk: Workplace, store: ScriptedStore) -> None:
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        answers = [await upload(browser, b"x") for _ in range(uploads.MOST_WAITING + 1)]
    assert [one.status for one in answers] == [201] * uploads.MOST_WAITING + [429]
    assert answers[-1].code == "too_many_uploads"


STATES = ("stored", "expired", "pending", "failed")


async def sent(data: bytes) -> AsyncIterator[bytes]:
    yield data
