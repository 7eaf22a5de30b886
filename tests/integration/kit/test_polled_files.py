"""Files of a channel, as processes: both ways, whole, once, or told that they cannot be had."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.contract.content import Content, Document, File, Text
from tests.integration.kit.polled import FILE, SEND, UPLOAD, Scene, said
from tests.support.provider import Reply
from tests.support.provider_faults import AcceptThenReset, Fail, Hang, ResetAfter, Throttle
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.timeout(180),  # processes of their own
    pytest.mark.feature("MS3"),
]

PICTURE = Path(__file__).parents[3] / "docs" / "widget.png"
BILL = b"%PDF-1.7 " + bytes(range(256)) * 400


def with_file(external_id: str, file: str, kind: str = "file", chat: str = "c7") -> dict[str, Any]:
    told = {"id": file, "name": f"{file}.pdf", "mime": "application/pdf", "size": 5}
    return said(external_id, "", chat=chat, type=kind, file=told)


def file_of(acme: Scene, external_id: str) -> dict[str, Any]:
    """The file as its message told it."""
    (message,) = [
        fact
        for fact in acme.router.of_type("inbound.message.v1")
        if fact["data"]["external_id"] == external_id
    ]
    return dict(message["data"]["content"]["parts"][0]["file"], message_id=message["data"]["message_id"])


def ended(acme: Scene, attachment: str) -> list[tuple[str, dict[str, Any]]]:
    """What became of a file: the words of the types, and the facts' data."""
    return [
        (type_, fact["data"])
        for type_ in ("inbound.stored.v1", "inbound.unfetched.v1")
        for fact in acme.router.of_type(type_)
        if fact["data"]["attachment_id"] == attachment
    ]


async def bytes_of(acme: Scene, attachment: str) -> bytes:
    return b"".join([chunk async for chunk in acme.blobs.read(attachment)])


async def test_a_message_is_told_at_once_and_its_file_when_it_is_here(acme: Scene) -> None:
    """The file comes late, after a throttle, an error and a cut; what it is, its content says."""
    acme.provider.script(FILE, Throttle(0.3), Fail(503), ResetAfter(1000))
    acme.invented.files["f1"] = Reply(PICTURE.read_bytes())
    acme.invented.news.tell(with_file("m1", "f1", "image"), said("m2", "did you get it?"))
    async with acme.replica():
        await eventually(lambda: len(acme.router.of_type("inbound.message.v1")) == 2)
        file = file_of(acme, "m1")
        assert (file["state"], file["name"], file["size_bytes"]) == ("pending", "f1.pdf", 5)
        ((kind, told),) = await eventually(lambda: ended(acme, file["attachment_id"]), seconds=30)
        assert acme.provider.left(FILE) == 0
    assert kind == "inbound.stored.v1"
    assert (told["mime_type"], told["size_bytes"]) == ("image/png", PICTURE.stat().st_size)
    assert told["width"] > told["height"] > 0 or told["height"] >= told["width"] > 0
    assert told["message_id"] == file["message_id"]
    assert await bytes_of(acme, file["attachment_id"]) == PICTURE.read_bytes()
    assert await acme.blobs.size(f"{file['attachment_id']}.preview")
    order = [
        fact["type"] for fact in acme.router.facts if fact["type"].split(".")[1] in ("message", "stored")
    ]
    assert order == ["inbound.message.v1", "inbound.message.v1", "inbound.stored.v1"]


async def test_a_kill_between_fetch_and_completion_fetches_nothing_twice(acme: Scene) -> None:
    """And one during the fetch leaves nothing half: the next process fetches it whole."""
    acme.provider.script(FILE, Hang())
    acme.invented.files["f1"] = Reply(BILL)
    acme.invented.news.tell(with_file("m1", "f1"))
    async with acme.replica() as replica:
        await eventually(lambda: acme.provider.seen(FILE))
        await replica.kill()
    assert not list((acme.folder / "blobs").rglob("*.pdf"))
    async with acme.replica(SWITCHBOARD_FAULT_AT="after_media_stored:1") as replica:
        assert await replica.ended() == 137
    file = file_of(acme, "m1")
    assert not ended(acme, file["attachment_id"])
    assert await bytes_of(acme, file["attachment_id"]) == BILL
    async with acme.replica():
        ((kind, told),) = await eventually(lambda: ended(acme, file["attachment_id"]))
    assert (kind, told["mime_type"], told["size_bytes"]) == (
        "inbound.stored.v1",
        "application/pdf",
        len(BILL),
    )
    assert len(acme.provider.seen(FILE)) == 2
    assert len(acme.provider.taken(FILE)) == 1


async def test_what_cannot_be_had_is_told_in_words(acme: Scene) -> None:
    """Too large, gone, and addresses that lead into our own network: none is asked for again."""
    inside = f"http://127.0.0.1:{acme.provider.port + 1}/secret"
    acme.invented.files |= {
        "large": Reply(bytes(1_000_001)),
        "gone": Reply("", 404),
        "inside": Reply("", 302, {"Location": inside}),
        "private": Reply("", 302, {"Location": "http://10.0.0.8/secret"}),
    }
    for number, name in enumerate(acme.invented.files):
        acme.invented.news.tell(with_file(f"m{number}", name, chat=f"c{number}"))
    async with acme.replica():
        wanted = {"large": "too_large", "gone": "gone", "inside": "blocked", "private": "blocked"}
        await eventually(lambda: len(acme.router.of_type("inbound.unfetched.v1")) == len(wanted))
        for number, (name, code) in enumerate(wanted.items()):
            attachment = file_of(acme, f"m{number}")["attachment_id"]
            ((_, told),) = ended(acme, attachment)
            assert told["code"] == code, name
            assert told["words"].startswith("The file could not be fetched. ")
            assert "secret" not in told["words"]
            assert await acme.blobs.size(attachment) is None
    assert len(acme.provider.seen(FILE)) == len(wanted)


async def bill(acme: Scene) -> Content:
    file = File(
        attachment_id=UUID(int=9), name="счёт за май.pdf", mime_type="application/pdf", size_bytes=len(BILL),
        state="stored",
    )  # fmt: skip

    async def once() -> AsyncIterator[bytes]:
        yield BILL

    await acme.blobs.put(str(file.attachment_id), once(), limit=len(BILL))
    return Content(parts=(Text(text="the bill"), Document(file=file)))


async def test_our_file_is_uploaded_then_named_by_the_message(acme: Scene) -> None:
    """An upload of which nobody knows how it ended is done again: the message was not sent."""
    acme.provider.script(UPLOAD, AcceptThenReset())
    async with acme.replica():
        message = await acme.send(await bill(acme))
        await eventually(lambda: acme.router.outcomes(message) == ["sent"], seconds=30)
        gone = Content(parts=(Document(file=File(attachment_id=UUID(int=8), name="gone.pdf")),))
        lost = await acme.send(gone)
        await eventually(lambda: acme.router.outcomes(lost) == ["failed"])
    assert acme.invented.uploads == [("счёт_за_май.pdf", BILL)] * 2
    request = acme.provider.taken(UPLOAD)[0]
    assert int(request.headers["Content-Length"]) == len(request.body)
    (sent,) = acme.invented.sent.values()
    assert (sent["text"], sent["files"]) == ("the bill", ["up2"])
    (failed,) = [
        fact["data"]
        for fact in acme.router.of_type("inbound.delivery.v1")
        if fact["data"]["state"] == "failed"
    ]
    assert (failed["code"], failed["words"]) == ("file_gone", "The file is not there any more.")


async def test_a_repeat_after_a_kill_uploads_nothing_twice(acme: Scene) -> None:
    """Killed between upload and message, then while the message was with the provider."""
    async with acme.replica(SWITCHBOARD_FAULT_AT="after_upload:1") as replica:
        message = await acme.send(await bill(acme))
        assert await replica.ended() == 137
    assert not acme.invented.sent
    taken = asyncio.Event()

    async def never(_name: str) -> None:
        taken.set()
        await asyncio.Event().wait()

    acme.invented.during = never
    async with acme.replica() as replica:
        await taken.wait()
        await replica.kill()
    acme.invented.during = None
    async with acme.replica():
        await eventually(lambda: acme.router.outcomes(message) == ["sent"], seconds=20)
    assert len(acme.invented.uploads) == 1
    assert [request.json()["files"] for request in acme.provider.taken(SEND)] == [["up1"]] * 2
    assert len(acme.invented.sent) == 1
    assert json.loads(acme.provider.taken(SEND)[0].body)["text"] == "the bill"
