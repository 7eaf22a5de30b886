"""Reading in processes: several at once, and nothing that a mail does reaches the gateway."""

import asyncio
import os
import signal
import time

import psutil
import pytest

from gateways.email.mail import UnreadableMail
from gateways.email.reading.frames import Refused, frame, request, value
from gateways.email.reading.prescan import REFUSALS
from gateways.email.reading.reader import read
from gateways.email.reading.room import ReadingRoom
from tests.support.letters import file_part, letter, letter_of, part
from tests.support.waiting import eventually

pytestmark = pytest.mark.feature("CH11", "BY12")


def letters(count: int) -> list[bytes]:
    return [letter(f"Письмо {number}", headers={"Message-ID": f"<{number}@x>"}) for number in range(count)]


async def test_mails_are_read_each_for_whoever_asked_by_poor_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHBOARD_PLANTED", "planted")
    async with ReadingRoom(workers=1, seconds=20) as room:
        given_up = asyncio.create_task(room.read(letter()))
        await asyncio.sleep(0)
        given_up.cancel()
        raws = letters(40)
        mails = await asyncio.gather(*(room.read(raw) for raw in raws))
        assert mails == [read(raw) for raw in raws]
        vouched = letter(headers={"Authentication-Results": "mx.example.com; dmarc=pass"})
        assert (await room.read(vouched, believed={"mx.example.com"})).dmarc == "pass"
        with pytest.raises(UnreadableMail) as refused:
            await room.read(b"X: y\r\n" * 5000)
        assert (refused.value.reason, str(refused.value)) == ("fields", REFUSALS["fields"][0])
        big = os.urandom(3_000_000)
        mail = await room.read(
            letter_of("mixed", part("x"), file_part(big, "application/x", "attachment; filename=a"))
        )
        assert mail.attachments[0].content == big
        process = psutil.Process(room.pids[0])
        assert process.rlimit(psutil.RLIMIT_AS)[0] <= 2 * 1024**3
        assert "SWITCHBOARD_PLANTED" not in process.environ()
    assert not process.is_running()


async def test_what_a_dead_worker_held_is_read_and_who_killed_two_is_unreadable() -> None:
    """What breaks a worker is played by a signal."""
    async with ReadingRoom(workers=1, seconds=20) as room:
        await room.read(letter())
        (killed,) = room.pids
        asked = [asyncio.create_task(room.read(raw)) for raw in letters(20)]
        os.kill(killed, signal.SIGKILL)
        mails = await asyncio.gather(*asked)
        assert [mail.text for mail in mails] == [f"Письмо {number}" for number in range(20)]
        (first,) = room.pids
        long = letter("On 1/1/2026 10:10, a wrote:\n" * 50_000)
        asked = [asyncio.create_task(room.read(raw)) for raw in (long, *letters(2))]
        await asyncio.sleep(0.05)
        os.kill(first, signal.SIGKILL)
        os.kill(await another(room, first), signal.SIGKILL)
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert [getattr(outcome, "reason", None) for outcome in outcomes] == ["crash", None, None]


async def another(room: ReadingRoom, former: int) -> int:
    """The worker that came after, as soon as it is there."""
    await eventually(lambda: room.pids and former not in room.pids, seconds=20, every_seconds=0.001)
    return room.pids[0]


async def test_a_mail_that_takes_too_long_is_unreadable_and_the_others_are_read() -> None:
    async with ReadingRoom(workers=1, seconds=0.7) as room:
        await room.read(letter())
        (stuck,) = room.pids
        os.kill(stuck, signal.SIGSTOP)
        started = time.monotonic()
        first, second = await asyncio.gather(*(room.read(raw) for raw in letters(2)), return_exceptions=True)
        assert isinstance(first, UnreadableMail)
        assert first.reason == "time"
        assert getattr(second, "text", None) == "Письмо 1"
        assert time.monotonic() - started < 10
        assert not psutil.pid_exists(stuck)


def test_frames() -> None:
    refused = Refused("bug", "words", "ValueError at reading.py:1")
    assert value(frame(refused)[8:]) == refused
    assert value(frame(read(letter()))[8:]) == read(letter())
    assert value(request(b"x", ["b"])[8:]).believed == ("b",)
