"""What IMAP servers do, and what the library makes of it: each of these would hold us up or lose a mail."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateways.kit.unfetched import Unfetched
from tests.support.imap_script import ImapScript
from tests.support.mailroom import Mailroom, mail

pytestmark = pytest.mark.feature("CH11")


@pytest.fixture
async def server(room: Mailroom) -> AsyncIterator[ImapScript]:
    async with ImapScript([mail("before")]) as scripted:
        room.imap_port = scripted.port
        room.open()
        yield scripted
        await room.close()


async def test_goodbye_in_the_place_of_idling(server: ImapScript, room: Mailroom) -> None:
    """The library would wait for its `+` for ever, whatever time limit it was given."""
    await room.begin()
    server.idle = "bye"
    with pytest.raises(Unfetched):
        await asyncio.wait_for(room.turn(), 2)
    server.idle = "push"
    server.deliver(mail("after that"))
    assert len(await room.heard(1)) == 1


async def test_an_end_without_a_word_while_listening(server: ImapScript, room: Mailroom) -> None:
    """The library would tell whoever waits for a push nothing about it."""
    await room.begin()
    server.idle = "close"
    with pytest.raises(Unfetched):
        await asyncio.wait_for(room.turn(), 2)


async def test_a_server_that_cannot_push_is_looked_at(server: ImapScript, room: Mailroom) -> None:
    server.idle = "absent"
    await room.begin()
    listening = asyncio.create_task(room.heard(1))
    await asyncio.sleep(0.05)
    server.deliver(mail("without a push"))
    assert len(await listening) == 1
    assert not any("IDLE" in line for line in server.said)


async def test_a_mail_that_comes_while_we_search_is_not_waited_for(
    server: ImapScript, room: Mailroom
) -> None:
    """It was told between two commands, and the server tells nothing twice."""
    await room.begin()
    server.arrives = mail("in between")
    async with asyncio.timeout(2):
        assert len(await room.heard(1)) == 1


async def test_no_charset_is_named(server: ImapScript, room: Mailroom) -> None:
    await room.begin()
    server.deliver(mail("plain"))
    assert len(await room.heard(1)) == 1
    assert any("SEARCH" in line for line in server.said)


async def test_the_number_behind_the_mail(server: ImapScript, room: Mailroom) -> None:
    server.number_behind = True
    await room.begin()
    for text in ("one", "two"):
        server.deliver(mail(text))
    facts = await room.heard(2)
    assert [fact["content"]["parts"][0]["text"] for fact in facts] == ["one", "two"]


async def test_a_mail_that_the_server_lists_and_never_gives(server: ImapScript, room: Mailroom) -> None:
    await room.begin()
    server.withholds = {2}
    server.deliver(mail("never given"))
    server.deliver(mail("given"))
    withheld, given = await room.heard(2)
    assert withheld["content"]["letter"]["kind"] == "unreadable"
    assert given["content"]["parts"][0]["text"] == "given"


async def test_very_many_mails_at_once_are_asked_for_in_parts(server: ImapScript, room: Mailroom) -> None:
    """The library reads each line of a chunk within the last one: a thousand lines would end it."""
    await room.begin()
    for number in range(1000):
        server.mails.append(b"From: a@b.example\r\nSubject: %d\r\n\r\n%d" % (number, number))
    server.deliver(mail("the last"))
    facts = await room.heard(1001, seconds=30)
    assert facts[-1]["content"]["parts"][0]["text"] == "the last"


async def test_the_last_mail_is_not_fetched_again(server: ImapScript, room: Mailroom) -> None:
    """A search for `n:*` names the last mail, whatever n is."""
    room.hurried(idle_seconds=0.05)
    await room.begin()
    server.deliver(mail("once"))
    await room.heard(1)
    for _ in range(3):
        assert await room.turn() == []
    assert len([line for line in server.said if "BODY.PEEK" in line]) == 1
    assert len([line for line in server.said if "SEARCH UID 3:*" in line]) >= 3
