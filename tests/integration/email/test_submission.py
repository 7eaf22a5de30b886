"""What SMTP servers do with a mail, and what that means for the message."""

import asyncio
import time
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from gateways.email.sending import UNCONFIRMED_WORDS
from shared.clock import uuid7
from shared.contract.content import Address, Content, Letter, Text
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed
from tests.support.mailroom import ADDRESS, ANNA, Mailroom, mail
from tests.support.proxy import Mode, Proxy
from tests.support.smtp_server import CUT, SILENT

pytestmark = pytest.mark.feature("MS1")
CHAT = "q@mail.example"


@pytest.fixture
async def asked(room: Mailroom) -> Mailroom:
    """Anna and her colleague wait for an answer."""
    await room.begin()
    room.deliver(mail("How much?", message_id=CHAT, headers={"Cc": "boris@mail.example"}))
    await room.heard(1)
    return room


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


@pytest.mark.parametrize(
    ("verb", "answer", "after"),
    [
        ("rcpt", "451 4.7.1 Greylisted, come again", 300),
        ("data", "450 4.2.1 Later", 300),
        ("rcpt", "421 4.3.2 Closing", 30),
        ("mail", "450 4.3.0 Not now", 15),
    ],
)
async def test_later_means_later(asked: Mailroom, verb: str, answer: str, after: float) -> None:
    asked.smtp.script(verb, answer)
    message = uuid7()
    with pytest.raises(Retryable) as later:
        await asked.send("Ten", CHAT, identity=message)
    assert later.value.after == after
    assert not asked.smtp.mails
    await asked.send("Ten", CHAT, identity=message)
    assert len(asked.smtp.mails) == 1


async def test_greylisting_is_waited_out_longer_each_time(asked: Mailroom) -> None:
    asked.smtp.script("rcpt", *["451 4.7.1 Greylisted"] * 4)
    message, pauses = uuid7(), []
    for _ in range(4):
        with pytest.raises(Retryable) as later:
            await asked.send("Ten", CHAT, identity=message)
        pauses.append(later.value.after)
    assert pauses == [300, 600, 900, 900]


@pytest.mark.parametrize(
    ("verb", "answer", "code", "words"),
    [
        ("rcpt", "550 5.1.1 No such person", "refused", "550 5.1.1 No such person"),
        ("data", "554 5.7.1 This is spam", "refused", "This is spam"),
        ("mail", "553 5.1.8 Not your address", "refused", "Not your address"),
        ("data", "552 5.3.4 Too long", "too_big", "552"),
    ],
)
async def test_never_means_never(asked: Mailroom, verb: str, answer: str, code: str, words: str) -> None:
    """A 550 and a 451 for an address raise the same class: the code decides."""
    asked.smtp.script(verb, answer)
    with pytest.raises(Rejected) as refused:
        await asked.send("Ten", CHAT)
    assert refused.value.code == code
    assert words in refused.value.words
    assert not asked.smtp.mails


async def test_a_copy_that_is_refused_keeps_nothing_from_the_client(asked: Mailroom) -> None:
    asked.smtp.script("rcpt", "250 OK", "550 5.1.1 No such person")
    await asked.send("Ten", CHAT)
    (sent,) = asked.smtp.mails
    assert sent.recipients == (ANNA,)
    assert read(sent.content)["Cc"] == "boris@mail.example"


async def test_the_size_that_the_server_takes_is_known_before(room: Mailroom) -> None:
    room.smtp._largest = 5_000
    await room.begin()
    room.deliver(mail("How much?", message_id=CHAT))
    await room.heard(1)
    with pytest.raises(Rejected) as refused:
        await room.send("word " * 2_000, CHAT)
    assert refused.value.code == "too_big"
    assert not room.smtp.mails


async def test_three_refused_log_ins_end_the_trying(asked: Mailroom) -> None:
    asked.smtp.refuses_logins = True
    for _ in range(2):
        with pytest.raises(Retryable):
            await asked.send("Ten", CHAT)
    with pytest.raises(ChannelDown, match="login_needed"):
        await asked.send("Ten", CHAT)
    tries = len(asked.smtp.logins)
    with pytest.raises(ChannelDown, match="login_needed"):
        await asked.send("Ten", CHAT)
    assert len(asked.smtp.logins) == tries


async def test_a_server_that_is_away_was_given_nothing(asked: Mailroom) -> None:
    async with Proxy(asked.smtp.port) as proxy:
        proxy.mode = Mode.REFUSE
        asked.open(smtp_port=proxy.port)
        message = uuid7()
        with pytest.raises(Retryable):
            await asked.send("Ten", CHAT, identity=message)
        proxy.mode = Mode.PASS
        await asked.send("Ten", CHAT, identity=message)
    assert len(asked.smtp.mails) == 1


async def test_an_end_that_nobody_knows_is_looked_up_and_found(asked: Mailroom) -> None:
    """The server took it, filed it, and the connection ended before it said so."""
    asked.smtp.taken = lambda raw: asked.deliver(raw, "Sent")
    asked.smtp.script("data", CUT)
    message = uuid7()
    with pytest.raises(Retryable) as doubt:
        await asked.send("Ten", CHAT, identity=message)
    assert doubt.value.after == asked.settings.look_up_seconds
    with pytest.raises(Retryable) as early:
        await asked.send("Ten", CHAT, identity=message)
    assert early.value.after <= asked.settings.look_up_seconds
    await asyncio.sleep(asked.settings.look_up_seconds)
    name = await asked.send("Ten", CHAT, identity=message)
    assert [read(one.content)["Message-ID"] for one in asked.smtp.mails] == [f"<{name}>"]
    assert len(asked.dovecot.mails(asked.user, "Sent")) == 1


async def test_what_a_filing_server_does_not_have_is_sent_again(asked: Mailroom) -> None:
    asked.open(files_its_own_sent=True)
    asked.hurried(look_up_seconds=0)
    asked.smtp.script("data", CUT)
    message = uuid7()
    with pytest.raises(Retryable):
        await asked.send("Ten", CHAT, identity=message)
    asked.smtp.mails.clear()  # it never had it
    await asked.send("Ten", CHAT, identity=message)
    assert len(asked.smtp.mails) == 1
    assert not asked.dovecot.mails(asked.user, "Sent")


async def test_what_cannot_be_found_is_unconfirmed_and_never_sent_twice(asked: Mailroom) -> None:
    asked.hurried(look_up_seconds=0)
    asked.smtp.script("data", CUT)
    message = uuid7()
    with pytest.raises(Retryable):
        await asked.send("Ten", CHAT, identity=message)
    for _ in range(2):
        with pytest.raises(Unconfirmed, match=UNCONFIRMED_WORDS.split(":")[0]):
            await asked.send("Ten", CHAT, identity=message)
    assert len(asked.smtp.mails) == 1


async def test_without_a_sent_folder_it_is_unconfirmed_at_once(asked: Mailroom) -> None:
    asked.open(sent_folder=None)
    asked.smtp.script("data", CUT)
    with pytest.raises(Unconfirmed):
        await asked.send("Ten", CHAT)


async def test_a_try_that_was_given_up_is_looked_up_too(asked: Mailroom) -> None:
    """As after a crash in the middle: what was begun stands in the database."""
    asked.hurried(look_up_seconds=0)
    asked.smtp.taken = lambda raw: asked.deliver(raw, "Sent")
    asked.smtp.script("data", SILENT)
    message = uuid7()
    with suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            await asked.send("Ten", CHAT, identity=message)
    assert len(asked.smtp.mails) == 1
    asked.open()
    await asked.send("Ten", CHAT, identity=message)
    assert len(asked.smtp.mails) == 1


async def test_a_copy_lies_in_sent_once(asked: Mailroom) -> None:
    await asked.send("Ten", CHAT)
    (copy,) = asked.dovecot.mails(asked.user, "Sent")
    assert copy.replace(b"\r\n", b"\n") == asked.smtp.mails[0].content.replace(b"\r\n", b"\n")
    asked.open(files_its_own_sent=True)
    await asked.send("Eleven", CHAT)
    assert len(asked.dovecot.mails(asked.user, "Sent")) == 1


async def test_a_copy_that_cannot_be_kept_costs_nobody_the_message(asked: Mailroom) -> None:
    asked.open(sent_folder="Nowhere")
    await asked.send("Ten", CHAT)
    assert len(asked.smtp.mails) == 1


async def test_an_account_sends_no_faster_than_it_may(asked: Mailroom) -> None:
    pace = asked.open(mails_per_minute=1).channel.pace
    assert pace.allowed(50, time.monotonic()) == 10
    pace.started(10)
    assert 50 < pace.wait_seconds() <= 60


@pytest.mark.feature("MS12")
async def test_a_first_mail_to_anybody_and_its_answer(room: Mailroom) -> None:
    await room.begin()
    letter = Letter(to=(Address(address="ivan@mail.example", name="Ivan"),))
    content = Content(parts=(Text(text="Your order is here"),), subject="Order 7", letter=letter)
    name = await room.send(content, "written-first-1")
    made = read(room.smtp.mails[0].content)
    assert (made["To"], made["Subject"]) == ("Ivan <ivan@mail.example>", "Order 7")
    assert made["In-Reply-To"] is None
    again = await room.send("Will you come?", "written-first-1")
    made = read(room.smtp.mails[1].content)
    assert (made["Subject"], made["In-Reply-To"]) == ("Re: Order 7", f"<{name}>")
    answer = mail(
        "Yes", sender="ivan@mail.example", subject="Re: Order 7", headers={"In-Reply-To": f"<{again}>"}
    )
    room.deliver(answer)
    (fact,) = await room.heard(1)
    assert fact["dialog"]["chat"] == "written-first-1"
    assert fact["content"]["letter"]["marks"] == []


async def test_nobody_to_write_to_is_said(room: Mailroom) -> None:
    with pytest.raises(Rejected) as refused:
        await room.send("Hello?", "nobody knows this thread")
    assert refused.value.code == "no_recipient"


async def test_an_operator_cannot_write_headers(asked: Mailroom) -> None:
    for content in (
        Content(parts=(Text(text="x"),), subject="Hello\r\nBcc: everybody@mail.example"),
        Content(parts=(Text(text="x"),), subject="Hello\x00"),
        Content(parts=(Text(text="x"),), cc=(Address(address="a@b.example\r\nBcc: c@d.example"),)),
        Content(parts=(Text(text="x"),), cc=(Address(address="a@b.example> BCC:<c@d.example"),)),
    ):
        with pytest.raises(Rejected):
            await asked.send(content, CHAT)
    cc = (Address(address="c@d.example", name="C\r\nBcc: everybody@mail.example"),)
    await asked.send(Content(parts=(Text(text="x"),), cc=cc), CHAT, author_name="Olga\r\nBcc: x@y.example")
    (sent,) = asked.smtp.mails
    assert sent.recipients == (ANNA, "c@d.example")
    assert read(sent.content)["Bcc"] is None


async def test_the_other_letters_of_a_domain_are_spelled_as_the_wire_wants(room: Mailroom) -> None:
    letter = Letter(to=(Address(address="ivan@почта.рф"),))
    await room.send(Content(parts=(Text(text="x"),), letter=letter), "first-2")
    assert room.smtp.mails[0].recipients == ("ivan@xn--80a1acny.xn--p1ai",)
    letter = Letter(to=(Address(address="иван@почта.рф"),))
    await room.send(Content(parts=(Text(text="x"),), letter=letter), "first-3")
    assert room.smtp.mails[1].recipients == ("иван@xn--80a1acny.xn--p1ai",)
    assert "SMTPUTF8" in room.smtp.mails[1].options
    assert room.smtp.mails[1].sender == ADDRESS


async def test_what_was_sent_is_not_looked_for_again(asked: Mailroom) -> None:
    """The journal did not hear of it, and its copy was never kept."""
    asked.open(sent_folder="Nowhere")
    message = uuid7()
    names = {await asked.send("Ten", CHAT, identity=message) for _ in range(2)}
    assert (len(names), len(asked.smtp.mails)) == (1, 1)


async def test_one_wrong_password_is_one_refusal(asked: Mailroom) -> None:
    """The library would try it in every way that the server offers."""
    asked.smtp.refuses_logins = True
    with pytest.raises(Retryable):
        await asked.send("Ten", CHAT)
    assert len(asked.smtp.logins) == 1
