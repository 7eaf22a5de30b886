"""A mail becomes a fact, its answer goes back into the thread, and what is answered to that joins it."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from shared.failure import Rejected
from tests.integration.files.pictures import encoded, four_colours
from tests.support.mailroom import ADDRESS, ANNA, Mailroom, mail

pytestmark = pytest.mark.feature("CH11")


async def test_a_mail_its_answer_and_the_answer_to_that(filed_room: Mailroom) -> None:
    room = filed_room
    await room.begin()
    room.deliver(mail("How much is it?\n", message_id="q1@mail.example"))
    (first,) = await room.heard(1)
    chat = first["dialog"]["chat"]
    assert chat == "q1@mail.example"
    assert first["content"]["parts"][0]["text"] == "How much is it?"
    assert first["sender"]["address"] == "anna@mail.example"

    name = await room.send("Ten *roubles*", chat)
    (sent,) = room.smtp.mails
    made = message_from_bytes(sent.content, policy=policy.default)
    assert (sent.sender, sent.recipients) == (ADDRESS, ("anna@mail.example",))
    assert made["Message-ID"] == f"<{name}>"
    assert made["In-Reply-To"] == "<q1@mail.example>"
    assert made["Subject"] == "Re: A question"

    room.deliver(mail("Thanks", subject="Re: A question", headers={"In-Reply-To": f"<{name}>"}))
    (second,) = await room.heard(1)
    assert second["dialog"] == first["dialog"]
    assert second["content"]["letter"]["marks"] == []


CHAT = "q1@mail.example"
PICTURE = encoded(four_colours(), "PNG")


@pytest.fixture
async def answered(filed_room: Mailroom) -> tuple[Mailroom, str]:
    """Anna asked, we answered: the mailbox, and the Message-ID of our answer."""
    await filed_room.begin()
    filed_room.deliver(mail("How much is it?\n", message_id=CHAT))
    await filed_room.heard(1)
    return filed_room, await filed_room.send("Ten", CHAT)


def report(name: str, action: str, status: str, words: str, to: str = ANNA) -> bytes:
    """What a mail server says of a mail of ours."""
    return (
        f"From: Mail Delivery System <mailer-daemon@mx.example>\r\nTo: {ADDRESS}\r\n"
        f"Subject: Undelivered Mail\r\nMessage-ID: <{action}{len(words)}@mx.example>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b1\r\n\r\n"
        "--b1\r\nContent-Type: text/plain\r\n\r\nIt did not work.\r\n"
        "--b1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {to}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {words}\r\n\r\n"
        f"--b1\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{name}>\r\nFrom: {ADDRESS}\r\n\r\n"
        "--b1--\r\n"
    ).encode()


@pytest.mark.feature("MS9")
async def test_a_mail_that_came_back_turns_its_message_to_failed(answered: tuple[Mailroom, str]) -> None:
    room, name = answered
    room.deliver(report(name, "failed", "5.1.1", "550 5.1.1 no such person"))
    (fact,) = await room.heard(1)
    assert (fact["type"], fact["state"], fact["code"]) == ("inbound.delivery.v1", "failed", "5.1.1")
    assert "no such person" in fact["words"]
    assert fact["message_id"] is not None
    assert fact["dialog"]["chat"] == CHAT


async def test_a_delay_is_seen_in_the_thread_and_starts_nothing(answered: tuple[Mailroom, str]) -> None:
    room, name = answered
    room.deliver(report(name, "delayed", "4.4.1", "still trying"))
    (fact,) = await room.heard(1)
    assert (fact["type"], fact["dialog"]["chat"]) == ("inbound.message.v1", CHAT)
    assert (fact["content"]["technical"], fact["content"]["letter"]["kind"]) == (True, "delay")


async def test_a_return_of_a_mail_that_is_not_ours_is_seen(answered: tuple[Mailroom, str]) -> None:
    room, _ = answered
    room.deliver(report("sb.nobody@shop.example", "failed", "5.1.1", "no such person"))
    (fact,) = await room.heard(1)
    assert (fact["type"], fact["content"]["technical"]) == ("inbound.message.v1", True)
    assert fact["dialog"]["chat"] != CHAT


async def test_a_copy_that_came_back_fails_nobodys_message(answered: tuple[Mailroom, str]) -> None:
    room, _ = answered
    room.deliver(mail("And now?", headers={"Cc": "boris@mail.example", "In-Reply-To": f"<{CHAT}>"}))
    await room.heard(1)
    name = await room.send("Ten still", CHAT)
    room.deliver(report(name, "failed", "5.1.1", "no such person", to="boris@mail.example"))
    (fact,) = await room.heard(1)
    assert (fact["type"], fact["dialog"]["chat"]) == ("inbound.message.v1", CHAT)


async def test_a_program_that_answers_is_seen_and_answered_by_none(answered: tuple[Mailroom, str]) -> None:
    room, name = answered
    away = {"Auto-Submitted": "auto-replied", "In-Reply-To": f"<{name}>"}
    room.deliver(mail("I am away", subject="Away", headers=away))
    (fact,) = await room.heard(1)
    assert (fact["dialog"]["chat"], fact["content"]["technical"]) == (CHAT, True)
    with pytest.raises(Rejected) as refused:
        await room.send("We are closed", CHAT, origin="system")
    assert refused.value.code == "not_answered_automatically"
    await room.send("A person writes", CHAT)
    room.deliver(mail("I am back", headers={"In-Reply-To": f"<{name}>"}))
    await room.heard(1)
    await room.send("We are closed", CHAT, origin="system")
    made = message_from_bytes(room.smtp.mails[-1].content, policy=policy.default)
    assert made["Auto-Submitted"] == "auto-replied"


async def test_a_loop_ends(answered: tuple[Mailroom, str]) -> None:
    """Another desk that answers every mail with one, without saying that a program does."""
    room, _ = answered
    room.open(mails_per_hour_from_one=3, automatic_per_hour_to_one=2)
    sent = technical = 0
    for number in range(5):
        room.deliver(mail(f"Ticket {number}", headers={"In-Reply-To": f"<{CHAT}>"}))
        (fact,) = await room.heard(1)
        technical += fact["content"]["technical"]
        try:
            await room.send("We have got it", CHAT, origin="bot")
            sent += 1
        except Rejected:
            pass
    assert (sent, technical) == (2, 3)


async def test_our_own_mark_in_a_mail_that_comes_back(answered: tuple[Mailroom, str]) -> None:
    room, _ = answered
    room.deliver(mail("round and round", headers={"X-Switchboard-Auto": "yes", "In-Reply-To": f"<{CHAT}>"}))
    (fact,) = await room.heard(1)
    assert fact["content"]["technical"]


async def test_an_answer_to_the_address_behind_the_plus(answered: tuple[Mailroom, str]) -> None:
    """A program that names nothing of what it answers; the address alone says where it belongs."""
    room, _ = answered
    room.open(plus_addressing=True)
    await room.send("Ten still", CHAT)
    reply_to = message_from_bytes(room.smtp.mails[-1].content, policy=policy.default)["Reply-To"]
    room.deliver(mail("Fine", sender="anna@other.example", to=str(reply_to), subject="Fine"))
    (fact,) = await room.heard(1)
    assert fact["dialog"]["chat"] == CHAT
    assert fact["content"]["letter"]["marks"] == ["other_sender", "new_subject"]


async def test_the_same_name_with_other_words_is_another_message(answered: tuple[Mailroom, str]) -> None:
    room, _ = answered
    for text in ("one", "two", "one"):
        room.deliver(
            mail(text, message_id="always-the-same@mail.example", at=datetime(2026, 1, 1, tzinfo=UTC))
        )
    facts = await room.heard(2)
    assert len({fact["message_id"] for fact in facts}) == len(facts) == 2


@pytest.mark.feature("MS3")
async def test_what_comes_with_a_mail_lies_in_the_blobs(answered: tuple[Mailroom, str]) -> None:
    room, _ = answered
    made = EmailMessage()
    made["From"], made["To"], made["Subject"], made["Message-ID"] = (
        ANNA,
        ADDRESS,
        "A cat",
        "<cat@mail.example>",
    )
    made.set_content("See the cat")
    made.add_alternative('<p>See <img src="cid:cat@x"></p>', subtype="html")
    html = list(made.iter_parts())[1]
    assert isinstance(html, EmailMessage)
    html.add_related(PICTURE, "image", "png", cid="<cat@x>", filename="cat.png")
    made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="bill.pdf")
    raw = made.as_bytes()
    room.deliver(raw)
    (fact,) = await room.heard(1)
    parts = {part["kind"]: part for part in fact["content"]["parts"]}
    picture, bill = parts["image"]["file"], parts["file"]["file"]
    assert (picture["state"], bill["state"]) == ("pending", "stored")
    assert (bill["name"], await blob(room, bill["attachment_id"])) == ("bill.pdf", b"%PDF-1.4")
    assert await blob(room, picture["attachment_id"]) == PICTURE
    shown = (await blob(room, fact["content"]["html"]["attachment_id"])).decode()
    assert f"cid:{picture['attachment_id']}" in shown
    kept = await blob(room, fact["content"]["letter"]["raw"]["attachment_id"])
    assert kept.replace(b"\r\n", b"\n") == raw


@pytest.mark.feature("BY12")
async def test_a_mail_that_nobody_can_read_is_seen_as_a_file(answered: tuple[Mailroom, str]) -> None:
    room, _ = answered
    deep = b"From: a@b.example\r\nSubject: deep\r\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(200)
    )
    room.deliver(deep)
    room.deliver(mail("after it"))
    unread, after = await room.heard(2)
    assert (unread["dialog"]["chat"], unread["content"]["letter"]["kind"]) == ("unreadable", "unreadable")
    assert await blob(room, unread["content"]["letter"]["raw"]["attachment_id"]) == deep
    assert after["content"]["parts"][0]["text"] == "after it"


async def blob(room: Mailroom, name: str) -> bytes:
    return b"".join([chunk async for chunk in room.blobs.read(name)])
