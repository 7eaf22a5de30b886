"""The gateway of WhatsApp as a process, on a real broker, against a Meta that goes wrong in every way."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from shared.contract.content import Content, Document, File, Template, Text
from shared.contract.outbound import MarkRead, React
from tests.integration.files.pictures import encoded, four_colours
from tests.support.provider_faults import AcceptThenReset, Fail, Fine, ResetAfter, Throttle
from tests.support.waiting import eventually
from tests.support.whatsapp_cloud_process import Gate
from tests.support.whatsapp_cloud_provider import (
    BYTES,
    CLIENT,
    SEND,
    UPLOAD,
    VERIFY,
    Meta,
    change,
    error,
    heard,
    message,
    receipt,
    said,
)

LATER = datetime(2100, 1, 1, tzinfo=UTC)
PICTURE = encoded(four_colours(), "PNG")
BILL = b"%PDF-1.7 " + b"bill " * 50_000
ORDER = {
    "name": "order_ready", "language": "ru", "status": "APPROVED", "category": "UTILITY",
    "components": [
        {"type": "HEADER", "format": "TEXT", "text": "Заказ {{1}}"},
        {"type": "BODY", "text": "{{1}}, заказ готов", "example": {"body_text": [["Анна"]]}},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Открыть", "url": "https://shop.example/{{1}}"}]},
    ],
}  # fmt: skip
HELLO = {
    "name": "hello",
    "language": "ru",
    "status": "APPROVED",
    "components": [{"type": "BODY", "text": "Здравствуйте"}],
}

pytestmark = [pytest.mark.timeout(120), pytest.mark.feature("CH6")]  # processes of their own


async def test_a_conversation_over_repeats_disorder_and_a_kill(gate: Gate, meta: Meta) -> None:
    meta.files["1080001"] = PICTURE
    texts = [f"text {number}" for number in range(20)]
    notices = [said(text, f"wamid.A{at}", 1769853600 + at) for at, text in enumerate(texts)]
    async with gate.running(FAULT_AT="after_accept_commit:5") as replica:
        await _knows_meta_from_others(replica.url)
        pushed = await gate.post(*notices, times=3, order="shuffled")
        assert not pushed[-1].ok, "it was to be killed"
        assert await replica.ended() == 137
    meta.script(BYTES, ResetAfter(10))
    async with gate.running():
        pushed = await gate.post(*notices, times=3, order="shuffled")
        assert all(one.ok for one in pushed)
        picture = message("image", {"id": "1080001", "mime_type": "image/png", "caption": "Вот"}, "wamid.P1")
        edited = message(
            "edit", {"original_message_id": "wamid.A0", "message": {"type": "text", "text": {"body": "new"}}}
        )
        await gate.post(heard(picture), heard(edited | {"id": "wamid.E1"}))
        await eventually(lambda: gate.router.of_type("inbound.edit.v1"))
        (stored,) = await eventually(lambda: gate.router.of_type("inbound.stored.v1"), seconds=20)
        assert await gate.blobs.size(stored["data"]["attachment_id"]) == len(PICTURE)
        assert meta.left(BYTES) == 0
        assert sorted(gate.heard()) == sorted([*texts, "Вот"])

        file = File(attachment_id=uuid4(), name="bill.pdf", mime_type="application/pdf", size_bytes=len(BILL))
        await _keep(gate, file, BILL)
        meta.script(UPLOAD, Throttle(0.2, error(130429)))
        first = await gate.send(
            Content(parts=(Text(text="Счёт"), Document(file=file))), quoted_external_id="wamid.A1"
        )
        second = await gate.send("Да")
        await eventually(lambda: gate.router.outcomes(second) == ["sent"], seconds=20)
        assert gate.router.outcomes(first) == ["sent"]
        await gate.act(React(dialog=gate.dialog(), not_after=LATER, external_id="wamid.A1", emoji=("👍",)))
        await gate.act(MarkRead(dialog=gate.dialog(), not_after=LATER, external_id="wamid.A9"))
        await eventually(lambda: meta.marks and len(meta.sent) == 3)
    assert meta.uploads == [("bill.pdf", "application/pdf", BILL)]
    assert [one["type"] for one in meta.sent] == ["document", "text", "reaction"]
    assert meta.sent[0]["document"] == {"id": "901", "filename": "bill.pdf", "caption": "Счёт"}
    assert meta.sent[0]["context"] == {"message_id": "wamid.A1"}
    assert meta.marks == [{"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A9"}]


async def _knows_meta_from_others(url: str) -> None:
    """The challenge, a stranger, and a notice that is another number's."""
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    async with aiohttp.ClientSession() as session:
        async with session.get(url, params={**asked, "hub.verify_token": VERIFY}) as answer:
            assert (answer.status, await answer.text()) == (200, "1158201444")
        async with session.get(url, params={**asked, "hub.verify_token": "another"}) as answer:
            assert answer.status == 401
        async with session.post(url, json=said("a stranger")) as answer:
            assert answer.status == 401


async def test_what_meta_does_to_a_message_is_known(gate: Gate, meta: Meta) -> None:
    """Throttled, cut short, refused, put off in the middle, receipts that come first: nothing goes twice."""
    answered = asyncio.Event()

    async def wait(_name: str) -> None:
        await answered.wait()

    async with gate.running():
        other = change({"messages": [message("text", {"body": "not ours"})]}, number="106000000000999")
        (pushed,) = await gate.post(other)
        assert pushed.ok
        meta.during = wait
        early = await gate.send("early", CLIENT)
        await eventually(lambda: meta.sent)
        posting = asyncio.create_task(gate.post(receipt("wamid.B1", "delivered")))
        await asyncio.sleep(0.3)  # the receipt waits for the answer
        assert not gate.router.outcomes(early)
        answered.set()
        assert (await posting)[0].ok
        await eventually(lambda: gate.router.outcomes(early) == ["sent", "delivered"])

        meta.script(SEND, Throttle(0.3, error(130429)), AcceptThenReset())
        lost = await gate.send("lost")
        await eventually(lambda: gate.router.outcomes(lost) == ["unconfirmed"])
        await gate.post(receipt("wamid.B2", "read", lost))
        await eventually(lambda: gate.router.outcomes(lost) == ["unconfirmed", "read"])

        meta.script(SEND, Fail(400, error(131047)))
        late = await gate.send("late")
        await eventually(lambda: gate.router.outcomes(late) == ["failed"])
        meta.script(SEND, Fine(), Throttle(0.3, error(130429)))
        long = await gate.send("a" * 4096 + "b" * 10, "79990000002")
        await eventually(lambda: gate.router.outcomes(long) == ["sent"])
    assert meta.left(SEND) == 0
    assert meta.texts == ["early", "lost", "a" * 4096, "b" * 10]
    assert "not ours" not in gate.heard()


@pytest.mark.feature("BY10")
async def test_a_token_that_is_taken_away_stops_the_account_until_it_is_well(gate: Gate, meta: Meta) -> None:
    meta.script(SEND, Fail(401, error(190, error_subcode=463)))
    async with gate.running():
        message_id = await gate.send("Да")
        await eventually(lambda: gate.router.outcomes(message_id) == ["sent"], seconds=30)
        await eventually(lambda: gate.states()[-1] == "well")
    assert "login_needed" in gate.states()
    assert meta.texts == ["Да"]


@pytest.mark.feature("MS7")
@pytest.mark.feature("BY13")
async def test_templates_are_told_and_sent_and_names_of_a_person_are_one_dialog(
    gate: Gate, meta: Meta
) -> None:
    meta.templates = [ORDER]
    meta.wa_ids[CLIENT] = "79990000077"
    async with gate.running():
        (told,) = await eventually(lambda: gate.router.of_type("inbound.templates.v1"))
        assert [one["name"] for one in told["data"]["templates"]] == ["order_ready"]
        assert told["data"]["templates"][0]["parameters"] == 3
        meta.templates = [HELLO, ORDER]
        news: dict[str, Any] = {"event": "APPROVED", "message_template_name": "hello"}
        await gate.post(change(news, "message_template_status_update"))

        part = Template(name="order_ready", language="ru", parameters=("15", "Анна", "o15"))
        first = await gate.send(Content(parts=(part,)))
        await eventually(lambda: gate.router.outcomes(first) == ["sent"])
        answer = message("text", {"body": "Спасибо"}, from_user_id="RU.1349001") | {"from": "79990000077"}
        await gate.post(heard(answer, wa_id="79990000077", user_id="RU.1349001"))
        hidden = {**message("text", {"body": "Я"}, "wamid.A2"), "from_user_id": "RU.1349001"}
        del hidden["from"]
        await gate.post(change({"messages": [hidden]}))
        await eventually(lambda: gate.heard() == ["Спасибо", "Я"])
        (joined,) = gate.router.of_type("inbound.identity.v1")
        assert set(joined["data"]["identity"]["aliases"]) == {"79990000077", "RU.1349001"}
        await eventually(lambda: len(gate.router.of_type("inbound.templates.v1")) == 2, seconds=20)
    components = meta.sent[0]["template"]["components"]
    assert [one["type"] for one in components] == ["header", "body", "button"]
    again = gate.router.of_type("inbound.templates.v1")[1]["data"]["templates"]
    assert [one["name"] for one in again] == ["hello", "order_ready"]


async def _keep(gate: Gate, file: File, content: bytes) -> None:
    async def chunks() -> Any:
        yield content

    await gate.blobs.put(str(file.attachment_id), chunks(), limit=len(content))
