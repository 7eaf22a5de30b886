"""The channel itself against Meta over loopback: what is dear as a process, and what must not leave it."""

import asyncio
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from gateways.kit.addresses import Guard
from gateways.kit.attachments import Attachments
from gateways.kit.connector import Means
from gateways.kit.http import FILE_LIMITS, GuardedClient, Limits
from gateways.kit.retrying import InPart
from gateways.kit.transactions import Transactions
from gateways.kit.unfetched import Unfetched
from gateways.whatsapp_cloud.accounts import WhatsappCloudAccount
from gateways.whatsapp_cloud.channel import WhatsappCloud
from shared.clock import SystemClock
from shared.contract.content import Content, File, Template, Voice, text_content
from shared.contract.envelope import Envelope, wrap
from shared.contract.ids import dialog_id
from shared.contract.outbound import MarkRead, SendMessage
from shared.contract.people import DialogRef
from shared.db.engine import open_engine
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed
from shared.files.blobs import Blobs
from tests.support.provider import Provider, Reply, Route
from tests.support.provider_faults import AcceptThenReset, Fail, Garbage, Hang
from tests.support.whatsapp_cloud_provider import (
    BUSINESS,
    CHANNEL,
    CLIENT,
    LIST,
    LOOK,
    NUMBER,
    SEND,
    TOKEN,
    UPLOAD,
    Meta,
    error,
)

pytestmark = pytest.mark.feature("CH6")

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
REF = DialogRef(dialog_id=dialog_id(CHANNEL, "main", CLIENT), channel=CHANNEL, account="main", chat=CLIENT)


@pytest.fixture
async def channel(
    meta: Meta, migrated_url: Callable[[str], str], tmp_path: Path
) -> AsyncIterator[WhatsappCloud]:
    engine = open_engine(migrated_url("gateways.whatsapp_cloud"))
    transactions, clock = Transactions(engine), SystemClock()
    blobs = Blobs.open(f"file://{tmp_path / 'blobs'}")
    impatient = Limits(connect_seconds=0.3, answer_seconds=0.3)
    async with GuardedClient(Guard([meta.end_point]), limits=impatient) as client:
        attachments = Attachments(blobs, transactions, clock)
        means = Means(client, attachments, clock, FILE_LIMITS, blobs, transactions)
        account = WhatsappCloudAccount(
            slug="main",
            name="Shop",
            number_id=NUMBER,
            business_id=BUSINESS,
            api=meta.url,
            secret=SecretStr(TOKEN),
        )
        yield WhatsappCloud(account, means)
    await engine.dispose()


def act(content: Content | str) -> Envelope[SendMessage]:
    made = text_content(content) if isinstance(content, str) else content
    data = SendMessage(dialog=REF, not_after=NOW, message_id=uuid4(), content=made, created_at=NOW)
    return wrap(data, id=data.message_id, source="router", time=NOW, subject=str(REF.dialog_id))


async def test_how_a_send_ends(channel: WhatsappCloud, meta: Meta) -> None:
    """No answer, half of one, none of Meta's words: nobody knows. Else its words decide."""
    for fault, wanted in (
        (Hang(), Unconfirmed),
        (AcceptThenReset(), Unconfirmed),
        (Garbage(), Unconfirmed),
        (Fail(502, "<html>"), Unconfirmed),
        (Fail(500, error(131016)), Retryable),
        (Fail(400, error(131026)), Rejected),
        (Fail(403, error(10)), ChannelDown),
    ):
        meta.script(SEND, fault)
        with pytest.raises(wanted):
            await channel.send(act("Да"))
    assert meta.left(SEND) == 0
    assert (await channel.send(act("Да"))).external_ids == (f"wamid.B{len(meta.sent)}",)


async def test_a_message_in_parts_goes_on_where_it_was_put_off(channel: WhatsappCloud, meta: Meta) -> None:
    long = act("a" * 4096 + "b" * 4096 + "c")
    meta.script(SEND, *[Fail(200, {"messages": [{"id": "wamid.X1"}]}), Fail(400, error(131056))])
    with pytest.raises(InPart) as raised:
        await channel.send(long)
    assert raised.value.scope == "dialog"
    sent = await channel.send(long)
    assert sent.external_ids == ("wamid.X1", "wamid.B1", "wamid.B2")
    assert [one[0] for one in meta.texts] == ["b", "c"]


async def test_a_refused_part_says_how_much_went_before(channel: WhatsappCloud, meta: Meta) -> None:
    meta.script(SEND, *[Fail(200, {"messages": [{"id": "wamid.X1"}]}), Fail(400, error(131026))])
    with pytest.raises(Rejected, match="Of 2 parts 1 were sent before"):
        await channel.send(act("a" * 4096 + "b"))


async def test_a_recording_goes_as_whatsapp_plays_it_and_once(
    channel: WhatsappCloud, meta: Meta, tmp_path: Path
) -> None:
    with wave.open(str(tmp_path / "r.wav"), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(16_000)
        recording.writeframes(b"\x00\x10" * 8000)
    file = File(attachment_id=uuid4(), name="r.wav", mime_type="audio/wav", size_bytes=1)
    await keep(tmp_path, file, (tmp_path / "r.wav").read_bytes())
    message = act(Content(parts=(Voice(file=file),)))
    meta.script(SEND, Fail(400, error(131056)))
    with pytest.raises(Retryable):
        await channel.send(message)
    await channel.send(message)
    ((name, mime_type, raw),) = meta.uploads
    assert (name, mime_type, raw[:4]) == ("voice.ogg", "audio/ogg", b"OggS")
    assert meta.sent[0]["audio"] == {"id": "901", "voice": True}


async def keep(folder: Path, file: File, content: bytes) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    blobs = Blobs.open(f"file://{folder / 'blobs'}")
    await blobs.put(str(file.attachment_id), chunks(), limit=len(content))


async def test_a_file_that_meta_does_not_take_is_told_as_that(
    channel: WhatsappCloud, meta: Meta, tmp_path: Path
) -> None:
    file = File(attachment_id=uuid4(), name="a.exe", mime_type="application/x-tea", size_bytes=3)
    await keep(tmp_path, file, b"tea")
    meta.script(UPLOAD, Fail(400, error(100, error_data={"details": "Param file must be a file"})))
    with pytest.raises(Rejected, match="Param file") as raised:
        await channel.send(
            act(Content.model_validate({"parts": [{"kind": "file", "file": file.model_dump()}]}))
        )
    assert raised.value.code == "file_refused"
    assert meta.sent == []


async def fetched(channel: WhatsappCloud, reference: str) -> bytes:
    async with aclosing(channel.fetch(reference)) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_the_token_goes_to_nobody_else(channel: WhatsappCloud, meta: Meta) -> None:
    """A file that is said to lie elsewhere is not fetched, whoever says so."""
    meta.files["1080001"] = b"tea"
    assert await fetched(channel, "1080001") == b"tea"
    async with Provider([Route("GET", "/files/{id}", lambda _request: Reply(b"tea"))]) as stranger:
        for address in (
            f"{stranger.url}/files/7",
            f"{meta.url}@127.0.0.1:{stranger.port}/files/7",
            "http://lookaside.fbsbx.com/7",
            "https://fbsbx.com.evil.example/7",
            "https://evilfbsbx.com/7",
            "//[",
        ):
            meta.script(LOOK, Fail(200, {"url": address}))
            with pytest.raises(Rejected):
                await fetched(channel, "1080001")
        assert stranger.requests == []
        assert stranger.lost == []
    with pytest.raises(Rejected, match="any more"):
        await fetched(channel, "nobody")


async def test_what_the_probe_says(channel: WhatsappCloud, meta: Meta) -> None:
    await channel.probe()
    for told, status, words in (
        ({"status": "BANNED"}, 200, "banned"),
        (error(190), 401, "login_needed"),
        (error(100, error_subcode=33), 400, "number_id"),
        (error(100), 400, "does not understand"),
    ):
        meta.script(LOOK, Fail(status, told))
        with pytest.raises(ChannelDown, match=words):
            await channel.probe()
    meta.script(LOOK, Hang())
    with pytest.raises((Unfetched, TimeoutError)):
        async with asyncio.timeout(1):
            await channel.probe()


async def test_typing_is_shown_under_what_was_read(channel: WhatsappCloud, meta: Meta) -> None:
    await channel.typing(REF, on=True)
    assert meta.requests == []
    read = MarkRead(dialog=REF, not_after=NOW, external_id="wamid.A1")
    await channel.mark_read(wrap(read, id=uuid4(), source="router", time=NOW, subject="x"))
    for on in (True, True, False):
        await channel.typing(REF, on=on)
    assert [one.get("typing_indicator") for one in meta.marks] == [None, {"type": "text"}]
    assert meta.marks[1]["message_id"] == "wamid.A1"
    await channel.send(act("Да"))
    await channel.typing(REF, on=True)
    assert len(meta.marks) == 3


@pytest.mark.feature("MS7")
async def test_templates_that_may_not_be_listed_stop_nothing(channel: WhatsappCloud, meta: Meta) -> None:
    (source,) = channel.sources()
    meta.script(LIST, Fail(401, error(190)))
    with pytest.raises(ChannelDown, match="login_needed"):
        await source.fetch(None)
    meta.script(LIST, Fail(403, error(200)))
    page = await source.fetch(None)
    assert (page.rows, page.cursor) == ((), None)
    await channel.send(act(Content(parts=(Template(name="t", language="ru", parameters=("Анна",)),))))
    assert meta.sent[0]["template"]["components"][0]["type"] == "body"
