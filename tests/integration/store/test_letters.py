"""A mail's HTML and the raw mail are files of their message: as visible, and kept as long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared.clock import uuid7
from shared.contract.content import Content, Document, File, Html, Letter, Text
from shared.db.engine import writing
from shared.files.blobs import Blobs
from store.retention import expire, remove_expired, remove_unclaimed
from tests.integration.store.shop import Shop
from tests.unit.store.story import START, Story, account, operator

pytestmark = pytest.mark.feature("CH11", "MS3")

ANNA, BORIS = UUID(int=1), UUID(int=2)
MONTH = timedelta(days=30)


def letter(*files: File) -> Content:
    raw = File(
        attachment_id=uuid7(), name="mail.eml", mime_type="message/rfc822", size_bytes=9, state="stored"
    )
    return Content(
        parts=(Text(text="words"), *(Document(file=one) for one in files)),
        subject="Lamps",
        html=Html(attachment_id=uuid7(), size_bytes=7),
        letter=Letter(raw=raw, quoted="> before"),
    )


def unreadable() -> Content:
    """Its raw mail is a part, too."""
    raw = File(attachment_id=uuid7(), name="mail.eml", mime_type="message/rfc822", state="stored")
    return Content(parts=(Document(file=raw),), letter=Letter(kind="unreadable", raw=raw))


def ids_of(content: Content) -> tuple[UUID, UUID]:
    """Of the HTML and of the raw mail."""
    assert content.html is not None
    assert content.letter is not None
    assert content.letter.raw is not None
    return content.html.attachment_id, content.letter.raw.attachment_id


async def sent(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def test_they_are_seen_by_whoever_sees_the_message(shop: Shop) -> None:
    file = File(attachment_id=uuid7(), name="a.pdf", state="stored")
    mail, story = letter(file), Story("v1")
    html, raw = ids_of(mail)
    borrowed = mail.model_copy(update={"parts": (Text(text="mine"),)})
    other = Story("v2")
    await shop.publish(
        account("site"), operator(ANNA), operator(BORIS, "boris", without=("others.read",)),
        story.opened(), story.heard("", content=mail), story.assigned(ANNA),
        other.opened(), other.heard("", content=borrowed),
    )  # fmt: skip
    await shop.caught_up()
    told = await shop.get(f"/v1/attachments/{raw}", ANNA)
    assert (told["kind"], told["name"], told["mime_type"]) == ("raw", "mail.eml", "message/rfc822")
    assert (await shop.get(f"/v1/attachments/{html}", ANNA))["kind"] == "html"
    all_of_it = await shop.get(f"/v1/messages/{told['message_id']}/attachments", ANNA)
    kinds = {one["attachment_id"]: one["kind"] for one in all_of_it["items"]}
    assert kinds == {str(html): "html", str(raw): "raw", str(file.attachment_id): "file"}
    line = await shop.get(f"/v1/messages/{told['message_id']}", ANNA)
    assert (line["content"]["subject"], line["content"]["letter"]["quoted"]) == ("Lamps", "> before")

    for hidden in (html, raw):
        await shop.get(f"/v1/attachments/{hidden}", BORIS, status=404)
    for missing, viewer in ((told["message_id"], BORIS), (uuid4(), ANNA)):
        await shop.get(f"/v1/messages/{missing}/attachments", viewer, status=404)
    await shop.get(f"/v1/messages/{told['message_id']}/attachments", status=400)
    page = await shop.get(f"/v1/conversations/{other.conversation_id}/history", BORIS)
    (mine,) = [one for one in page["items"] if one["kind"] == "message"]
    borrowing = await shop.get(f"/v1/messages/{mine['entry_id']}/attachments", BORIS)
    assert borrowing["items"] == []


async def test_they_go_when_files_go(shop: Shop, tmp_path: Path) -> None:
    blobs = Blobs.open(f"file://{tmp_path}/blobs")
    mail, torn, story = letter(), unreadable(), Story()
    html, raw = ids_of(mail)
    assert torn.letter is not None
    assert torn.letter.raw is not None
    part = torn.letter.raw.attachment_id
    await shop.publish(account("site"), operator(ANNA), story.opened(), story.heard("", content=mail))
    await shop.publish(story.heard("", content=torn))
    await shop.caught_up()
    assert (await shop.get(f"/v1/attachments/{part}", ANNA))["kind"] == "file"
    for one in (html, raw, part):
        await blobs.put(str(one), sent(b"bytes"), limit=10)
    assert await remove_unclaimed(shop.engine, blobs, START + timedelta(days=36_500)) == 0
    message = (await shop.get(f"/v1/attachments/{raw}", ANNA))["message_id"]
    broken = (await shop.get(f"/v1/attachments/{part}", ANNA))["message_id"]

    async with writing(shop.engine) as conn:
        outcome = await expire(conn, START + MONTH + timedelta(hours=1), MONTH)
    assert len([one for one in outcome.outgoing if one.type == "attachment.expired.v1"]) == 3
    content = (await shop.get(f"/v1/messages/{message}", ANNA))["content"]
    assert content.get("html") is None
    assert content["letter"]["raw"]["state"] == "expired"
    content = (await shop.get(f"/v1/messages/{broken}", ANNA))["content"]
    assert content["parts"][0]["file"]["state"] == content["letter"]["raw"]["state"] == "expired"
    assert (await shop.get(f"/v1/attachments/{html}", ANNA))["state"] == "expired"
    assert await remove_expired(shop.engine, blobs) == 3
    assert [await blobs.size(str(one)) for one in (html, raw, part)] == [None] * 3
