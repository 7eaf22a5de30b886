"""Files of messages: seen by whoever sees the message, gone after their time, and the history says so."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from shared.bus.outgoing import Outgoing
from shared.clock import FixedClock, uuid7
from shared.contract.content import Content, Document, File, Image, Text
from shared.contract.envelope import Data, Envelope
from shared.contract.events import AttachmentExpired, AttachmentFailed, AttachmentStored, MessageReceived
from shared.db.engine import reading, writing
from shared.db.lease import Lease
from shared.files.blobs import Blobs
from shared.files.preview import preview_name
from store import retention
from store.attachments import removals
from store.catalogue import CATALOGUE
from store.retention import expire, keep_removing, remove_expired, remove_unclaimed
from tests.integration.store.shop import Json, Shop, writer
from tests.support.waiting import eventually
from tests.unit.store.story import START, Story, account, operator

pytestmark = pytest.mark.feature("MS3")

ANNA, BORIS = UUID(int=1), UUID(int=2)
LATER = START + timedelta(days=30, hours=1)
MONTH = timedelta(days=30)


def file(state: Any = "stored", **changes: Any) -> File:
    fields: dict[str, Any] = {"name": "report.pdf", "mime_type": "application/pdf", "size_bytes": 5}
    return File(attachment_id=uuid7(), state=state, **fields | changes)


def with_files(*files: File, text: str = "look") -> Content:
    return Content(parts=(Text(text=text), *(Document(file=one) for one in files)))


def id_of(message: Envelope[Data]) -> UUID:
    assert isinstance(message.data, MessageReceived)
    return message.data.message_id


def stored(story: Story, message: Envelope[Data], attachment_id: UUID) -> Envelope[Data]:
    return story._tell(
        AttachmentStored, message_id=id_of(message), attachment_id=attachment_id,
        mime_type="image/png", size_bytes=77, width=4, height=3, actor=story._client(),
    )  # fmt: skip


async def sent(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def test_a_file_is_seen_by_whoever_sees_its_message(shop: Shop) -> None:
    hers, free, elsewhere = file(), file(name="free.txt"), file()
    one, two, three = Story("v1"), Story("v2"), Story("v3", account="shop")
    await shop.publish(
        account("site"), account("shop", groups=("sales",)),
        operator(ANNA), operator(BORIS, "boris", without=("others.read",)),
        one.opened(), one.heard("", content=with_files(hers)), one.assigned(ANNA),
        two.opened(), two.heard("", content=with_files(free)),
        three.opened(), three.heard("", content=with_files(elsewhere)),
    )  # fmt: skip
    await shop.caught_up()
    told = await shop.get(f"/v1/attachments/{hers.attachment_id}", ANNA)
    assert (told["name"], told["mime_type"], told["size_bytes"], told["state"], told["kind"]) == (
        "report.pdf", "application/pdf", 5, "stored", "file",
    )  # fmt: skip
    assert told["conversation_id"] == str(one.conversation_id)
    await shop.get(f"/v1/attachments/{free.attachment_id}", BORIS)
    for hidden in (hers.attachment_id, elsewhere.attachment_id, uuid4()):
        found = await shop.get(f"/v1/attachments/{hidden}", BORIS, status=404)
        assert found["code"] == "not_found"
        await shop.get(f"/v1/messages/{told['message_id']}", BORIS, status=404)
    line = await shop.get(f"/v1/messages/{told['message_id']}", ANNA)
    assert line["external_id"] == "m1"
    assert line["content"]["parts"][1]["file"]["name"] == "report.pdf"
    await shop.get(f"/v1/attachments/{hers.attachment_id}", status=400)


async def test_who_may_see_a_dialog_is_told_to_services(shop: Shop) -> None:
    story = Story()
    await shop.publish(account("site"), operator(ANNA), story.opened(), story.heard("hello"))
    await shop.publish(story.assigned(ANNA))
    await shop.caught_up()
    path = f"/v1/dialogs/{story.ref.dialog_id}/sight"
    told = await shop.get(path)
    assert told["sight"]["assignee"] == str(ANNA)
    assert told["conversation_id"] == str(story.conversation_id)
    assert told["dialog"] == story.ref.model_dump(mode="json")
    await shop.get(path, ANNA, status=403)
    await shop.get(f"/v1/dialogs/{uuid4()}/sight", status=404)


async def test_what_became_of_a_file_is_known(shop: Shop) -> None:
    story, good, bad = Story(), file("pending", name="a.png"), file("pending", name="b.png")
    pictures = Content(parts=(Image(file=good), Document(file=bad)))
    await shop.publish(account("site"), operator(ANNA), story.opened())
    message = story.heard("", content=pictures)
    await shop.publish(message, stored(story, message, good.attachment_id))
    failed = story._tell(
        AttachmentFailed, message_id=id_of(message), attachment_id=bad.attachment_id,
        code="too_big", words="it is too big", actor=story._client(),
    )  # fmt: skip
    await shop.publish(failed)
    await shop.caught_up()
    told = await shop.get(f"/v1/attachments/{good.attachment_id}", ANNA)
    assert (told["state"], told["size_bytes"], told["width"], told["kind"]) == ("stored", 77, 4, "image")
    told = await shop.get(f"/v1/attachments/{bad.attachment_id}", ANNA)
    assert (told["state"], told["words"]) == ("failed", "it is too big")


async def test_a_file_named_again_stays_with_its_first_message(shop: Shop) -> None:
    secret = file()
    first, second = Story("v1"), Story("v2")
    await shop.publish(account("site"), operator(ANNA), operator(BORIS, "boris", without=("others.read",)))
    await shop.publish(first.opened(), first.heard("", content=with_files(secret)), first.assigned(ANNA))
    await shop.publish(second.opened(), second.heard("", content=with_files(secret)))
    await shop.caught_up()
    await shop.get(f"/v1/attachments/{secret.attachment_id}", BORIS, status=404)
    await shop.get(f"/v1/attachments/{secret.attachment_id}", ANNA)


async def test_files_expire_and_their_messages_say_so(shop: Shop, tmp_path: Path) -> None:
    blobs = Blobs.open(f"file://{tmp_path}/blobs")
    old, also, young = file(), file(), file()
    story = Story()
    await shop.publish(account("site"), operator(ANNA), story.opened())
    await shop.publish(story.heard("", content=with_files(old, also)))
    await shop.publish(story.edited("m1", "", content=with_files(old, text="look again")))
    fresh = Story("v2", now=START + timedelta(days=20))
    await shop.publish(fresh.opened(), fresh.heard("", content=with_files(young)))
    await shop.caught_up()
    for one in (old, also, young):
        await blobs.put(str(one.attachment_id), sent(b"bytes"), limit=10)
        await blobs.put(preview_name(str(one.attachment_id)), sent(b"small"), limit=10)
    outgoing, rows = await expired(shop)
    assert {(event.message_id, event.attachment_id) for event in outgoing} == {
        (id_of(story.told[1]), one.attachment_id) for one in (old, also)
    }
    (row,) = rows
    assert (row["entity"], row["what"]) == ("message", "expired")
    assert row["before"] == row["after"]
    line = await shop.get(f"/v1/messages/{outgoing[0].message_id}", ANNA)
    assert line == {**row["state"], "seq": line["seq"]}
    states = [part["file"]["state"] for part in line["content"]["parts"][1:] + line["original"]["parts"][1:]]
    assert states == ["expired"] * 3
    for one, state in ((old, "expired"), (also, "expired"), (young, "stored")):
        assert (await shop.get(f"/v1/attachments/{one.attachment_id}", ANNA))["state"] == state
    assert await remove_expired(shop.engine, blobs) == 2
    assert await remove_expired(shop.engine, blobs) == 0
    left = [name for one in (old, also, young) for name in names(one) if await blobs.size(name) is not None]
    assert left == names(young)
    assert await expired(shop) == ([], [])


async def test_what_is_told_later_does_not_bring_a_file_back(shop: Shop) -> None:
    story, one = Story(), file()
    await shop.publish(account("site"), operator(ANNA), story.opened())
    message = story.heard("", content=with_files(one))
    await shop.publish(message)
    await shop.caught_up()
    await expired(shop)
    await shop.publish(stored(story, message, one.attachment_id), story.deleted("m1"))
    await shop.caught_up()
    assert (await shop.get(f"/v1/attachments/{one.attachment_id}", ANNA))["state"] == "expired"


async def test_the_writer_lets_files_expire_by_itself(amqp_url: str, idle_shop: Shop) -> None:
    story, one = Story(), file()
    async with writer(amqp_url, idle_shop.engine):
        await idle_shop.publish(account("site"), operator(ANNA), story.opened())
        await idle_shop.publish(story.heard("", content=with_files(one)))
        await idle_shop.caught_up()
    async with writer(amqp_url, idle_shop.engine, "next", files_kept=timedelta(days=1)):

        async def gone() -> bool:
            told = await idle_shop.get(f"/v1/attachments/{one.attachment_id}", ANNA)
            return bool(told["state"] == "expired")

        await eventually(gone, seconds=15)

        def told() -> bool:
            lines = [row["what"] for row in idle_shop.heard if row["entity"] == "message"]
            return lines == ["opened", "received", "expired"]

        await eventually(told)


async def test_blobs_of_no_message_go_after_a_month(shop: Shop, tmp_path: Path) -> None:
    root = tmp_path / "blobs"
    blobs = Blobs.open(f"file://{root}")
    story, mine, stranger, recent = Story(), file(), uuid7(), uuid7()
    await shop.publish(account("site"), operator(ANNA), story.opened())
    await shop.publish(story.heard("", content=with_files(mine)))
    await shop.caught_up()
    for id_ in (mine.attachment_id, stranger, recent):
        await blobs.put(str(id_), sent(b"bytes"), limit=10)
    await blobs.put(preview_name(str(stranger)), sent(b"small"), limit=10)
    (root / "zz").mkdir()
    (root / "zz" / "notes.txt").write_text("not ours")
    for path in root.rglob("*"):
        if str(recent) not in path.name and path.is_file():
            os.utime(path, (0, START.timestamp() - 1))
    assert await remove_unclaimed(shop.engine, blobs, START) == 2
    left = {path.name for path in root.rglob("*") if path.is_file()}
    assert left == {str(mine.attachment_id), str(recent), "notes.txt"}


async def test_only_the_active_writer_deletes(shop: Shop, tmp_path: Path) -> None:
    """Each has a folder of its own here; what would be deleted lies in both."""
    clock, stranger = FixedClock(datetime.now(UTC)), str(uuid7())
    story, one = Story(), file()
    await shop.publish(account("site"), operator(ANNA), story.opened())
    await shop.publish(story.heard("", content=with_files(one)))
    await shop.caught_up()
    await expired(shop)
    folders = {}
    for name in ("standby", "active"):
        folders[name] = Blobs.open(f"file://{tmp_path}/{name}")
        for blob in (str(one.attachment_id), stranger):
            await folders[name].put(blob, sent(b"bytes"), limit=10)
    leases = {name: Lease(shop.engine, "files", name) for name in folders}
    await leases["active"].acquire()
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(keep_removing(shop.engine, blobs, leases[name], clock, every_seconds=0.01))
            for name, blobs in folders.items()
        ]
        left = tmp_path / "active"
        await eventually(lambda: not list(left.rglob(str(one.attachment_id))))
        assert list(left.rglob(stranger))
        clock.advance(timedelta(days=31))
        await eventually(lambda: not list(left.rglob(stranger)))
        for task in tasks:
            task.cancel()
    await leases["active"].release()
    assert [await folders["standby"].size(blob) for blob in (str(one.attachment_id), stranger)] == [5, 5]


async def test_few_files_expire_at_once(shop: Shop) -> None:
    story = Story()
    await shop.publish(account("site"), operator(ANNA), story.opened())
    await shop.publish(story.heard("", content=with_files(*(file() for _ in range(retention.SLICE + 3)))))
    await shop.caught_up()
    assert [len((await expired(shop))[0]) for _ in range(3)] == [retention.SLICE, 3, 0]
    async with reading(shop.engine) as conn:
        waiting = (await conn.execute(select(removals.c.attachment_id))).all()
    assert len(waiting) == retention.SLICE + 3


async def expired(shop: Shop) -> tuple[list[AttachmentExpired], list[Json]]:
    """What the writer's sweep does a month later: its events, and the feed's new rows."""
    head = await shop.caught_up()
    async with writing(shop.engine) as conn:
        outcome = await expire(conn, LATER, MONTH)
    return [event_of(one) for one in outcome.outgoing], await shop.rows(head, 100)


def event_of(message: Outgoing) -> AttachmentExpired:
    event = CATALOGUE.decode(message.body).data
    assert isinstance(event, AttachmentExpired)
    return event


def names(one: File) -> list[str]:
    return [str(one.attachment_id), preview_name(str(one.attachment_id))]
