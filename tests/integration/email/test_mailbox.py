"""What a real mailbox does to those who listen: nothing is lost, nothing comes twice."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateways.email import tables
from gateways.email.mailbox import RESCAN_DAYS
from gateways.kit.unfetched import Unfetched
from shared.failure import ChannelDown, Retryable
from tests.support.dovecot import PASSWORD
from tests.support.mailroom import ADDRESS, Mailroom, mail
from tests.support.proxy import Mode, Proxy

pytestmark = pytest.mark.feature("CH11")


def texts(facts: list[dict[str, Any]]) -> list[str]:
    return [fact["content"]["parts"][0]["text"] for fact in facts]


async def test_what_was_there_before_is_not_new_and_what_comes_is(room: Mailroom) -> None:
    room.deliver(mail("long ago"))
    await room.begin()
    listening = asyncio.create_task(room.heard(1))
    await asyncio.sleep(0)
    room.deliver(mail("now"))
    assert texts(await listening) == ["now"]


async def test_a_look_when_nothing_came_brings_nothing_again(room: Mailroom) -> None:
    """`UID n:*` names the last mail, whatever n is."""
    room.hurried(idle_seconds=0.05)
    await room.begin()
    room.deliver(mail("once"))
    await room.heard(1)
    assert [await room.turn() for _ in range(3)] == [[], [], []]


@pytest.mark.feature("BY11")
async def test_the_days_before_the_first_start_come_as_old_ones(room: Mailroom) -> None:
    room.open(history_days=3)
    room.deliver(mail("yesterday"))
    (fact,) = await room.heard(1)
    assert fact["backfill"]
    room.deliver(mail("today"))
    (fact,) = await room.heard(1)
    assert not fact["backfill"]


async def test_many_mails_come_in_pages_and_in_order(room: Mailroom) -> None:
    await room.begin()
    for number in range(130):
        room.deliver(mail(f"text {number}"))
    facts = await room.heard(130)
    assert texts(facts) == [f"text {number}" for number in range(130)]
    assert len({fact["message_id"] for fact in facts}) == 130


@pytest.mark.feature("BY11")
async def test_other_numbers_and_the_same_mails_are_nothing_new(room: Mailroom) -> None:
    await room.begin()
    for number in range(3):
        room.deliver(mail(f"text {number}"))
    await room.heard(3)
    await room.channel.close()
    room.deliver(mail("while we were away"))
    room.dovecot.renumber(room.user)
    (fact,) = await room.heard(1)
    assert texts([fact]) == ["while we were away"]
    assert fact["backfill"]
    room.deliver(mail("later"))
    (fact,) = await room.heard(1)
    assert (texts([fact]), fact["backfill"]) == (["later"], False)


async def test_what_is_older_than_the_window_of_a_rescan_is_left(room: Mailroom) -> None:
    await room.begin()
    place = room.dovecot._maildir(room.user, "INBOX")
    room.deliver(mail("an old one", at=datetime.now(UTC) - timedelta(days=RESCAN_DAYS + 5)))
    (path,) = (place / "new").iterdir()
    old = (datetime.now(UTC) - timedelta(days=RESCAN_DAYS + 5)).timestamp()
    os.utime(path, (old, old))
    await room.heard(1)
    async with room.transactions.writing() as conn:
        await conn.execute(tables.heard.delete())
    await room.channel.close()
    room.dovecot.renumber(room.user)
    room.deliver(mail("a new one"))
    assert texts(await room.heard(1)) == ["a new one"]


async def test_one_mail_in_two_folders_is_one_message(room: Mailroom) -> None:
    room.open(folders=("INBOX", "Clients"))
    once = mail("once")
    room.dovecot.deliver(room.user, mail("before"), "Clients")
    await room.begin()
    await room.begin("Clients")
    room.deliver(once)
    room.deliver(once, "Clients")
    room.deliver(mail("another"), "Clients")
    assert texts(await room.heard(1)) == ["once"]
    assert texts(await room.heard(1, "Clients")) == ["another"]


async def test_nobody_sees_that_a_mail_was_taken(room: Mailroom) -> None:
    await room.begin()
    room.deliver(mail("unread"))
    await room.heard(1)
    await room.channel.close()
    place = room.dovecot._maildir(room.user, "INBOX")
    assert not [path.name for path in (place / "cur").iterdir() if "S" in path.name.partition(":2,")[2]]


async def test_a_large_mail_is_told_and_not_fetched(room: Mailroom) -> None:
    room.open(largest_bytes=10_000)
    await room.begin()
    room.deliver(
        mail("x" * 60 + "\n" + "word " * 10_000, subject="My whole life", message_id="big@mail.example")
    )
    room.deliver(mail("small"))
    big, small = await room.heard(2)
    assert big["dialog"]["chat"] == "big@mail.example"
    assert big["content"]["subject"] == "My whole life"
    assert "too big" in texts([big])[0]
    assert "cut" in big["content"]["letter"]["marks"]
    assert big["sender"]["address"] == "anna@mail.example"
    assert texts([small]) == ["small"]


async def test_a_cut_within_a_mail_loses_nothing(room: Mailroom) -> None:
    await room.begin()
    for number in range(5):
        room.deliver(mail(f"text {number} " + "word " * 3000))
    async with Proxy(room.dovecot.port) as proxy:
        room.imap_port = proxy.port
        proxy.cut_after = 20_000
        room.open()
        with pytest.raises(Unfetched):
            await room.turn()
        assert proxy.cuts == 1
        proxy.cut_after = None
        facts = await room.heard(5)
    assert [text.split()[1] for text in texts(facts)] == ["0", "1", "2", "3", "4"]


async def test_a_server_that_says_nothing_does_not_hold_us(room: Mailroom) -> None:
    """The connection stands, and no byte passes: seen after the longest wait, then begun anew."""
    await room.begin()
    async with Proxy(room.dovecot.port) as proxy:
        room.imap_port = proxy.port
        room.hurried(idle_seconds=0.2, answer_seconds=0.5)
        await room.turn()
        proxy.mode = Mode.BLACKHOLE
        room.deliver(mail("in the dark"))
        with pytest.raises(Unfetched):
            await room.turn()
        proxy.mode = Mode.PASS
        assert texts(await room.heard(1)) == ["in the dark"]


async def test_three_refused_log_ins_and_nobody_is_bothered_any_more(room: Mailroom) -> None:
    room.open(password="wrong")
    for _ in range(2):
        with pytest.raises(Retryable):
            await room.turn()
    with pytest.raises(ChannelDown, match="login_needed"):
        await room.turn()
    before = room.dovecot.log().count(f"static({room.user}")
    assert before == 3
    with pytest.raises(ChannelDown, match="login_needed"):
        await room.turn()
    with pytest.raises(ChannelDown, match="login_needed"):
        await room.channel.probe()
    assert room.dovecot.log().count(f"static({room.user}") == before
    room.open(password=PASSWORD)
    await room.begin()


async def test_a_folder_that_is_not_there_is_named(room: Mailroom) -> None:
    room.open(folders=("Clïents & more",))
    with pytest.raises(Unfetched, match="Clïents & more"):
        await room.turn("Clïents & more")


async def test_a_folder_of_other_letters(room: Mailroom) -> None:
    room.open(folders=("Клиенты & заказы",))
    room.dovecot.deliver(room.user, mail("before"), "&BBoEOwQ4BDUEPQRCBEs- &- &BDcEMAQ6BDAENwRL-")
    await room.begin("Клиенты & заказы")
    room.dovecot.deliver(room.user, mail("now"), "&BBoEOwQ4BDUEPQRCBEs- &- &BDcEMAQ6BDAENwRL-")
    assert texts(await room.heard(1, "Клиенты & заказы")) == ["now"]


async def test_what_one_of_us_sent_elsewhere_is_seen_in_sent_and_ours_is_not(room: Mailroom) -> None:
    room.open(folders=("INBOX", "Sent"))
    await room.begin()
    await room.begin("Sent")
    room.deliver(mail("How much?", message_id="q9@mail.example"))
    (asked,) = await room.heard(1)
    await room.send("Ten", asked["dialog"]["chat"])
    answer = mail(
        "Eleven", sender=ADDRESS, to="anna@mail.example", subject="Re: A question",
        headers={"In-Reply-To": "<q9@mail.example>"},
    )  # fmt: skip
    room.deliver(answer, "Sent")
    (outside,) = await room.heard(1, "Sent")
    assert outside["origin"] == "external"
    assert outside["dialog"] == asked["dialog"]
    assert texts([outside]) == ["Eleven"]
