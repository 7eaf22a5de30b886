"""The files that facts name: every end of a try has its row, and a try is counted before it begins."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateways.kit.media import attachment_id, media_table
from gateways.kit.unfetched import BLOCKED_WORDS, Blocked, Broken, TooLarge, TooSlow, Unreachable
from shared.clock import FixedClock
from shared.contract.inbound import AttachmentFailed, AttachmentStored
from shared.db.engine import writing
from shared.failure import ChannelDown, Rejected, Retryable, Unavailable
from tests.integration.kit.fetched import BYTES, MESSAGE, Deaf, Desk, Shelf, desk
from tests.integration.kit.scripted import Scripted
from tests.support.provider import Provider, Reply, Route
from tests.support.provider_faults import Hang
from tests.support.waiting import eventually

pytestmark = pytest.mark.feature("MS3")


@pytest.mark.parametrize(
    ("trouble", "tries"),
    [
        ([Retryable(0.01, "account")] * 5, 1),
        ([Unavailable("our disk")], 1),
        ([TooSlow("x"), Broken("x"), Unreachable("x")], 4),
        ([KeyError("our bug"), TimeoutError()], 3),
    ],
    ids=["throttled", "ours", "provider", "bug"],
)
async def test_what_may_be_well_later_is_tried_again(
    database_url: Callable[[str], str], tmp_path: Path, trouble: list[Exception], tries: int
) -> None:
    channel = Shelf()
    channel.script["fetch"].extend(trouble)
    async with desk(database_url("gateway"), tmp_path, channel) as made:
        blob = await made.want("f1")
        (told,) = await eventually(made.told, seconds=20)
        assert isinstance(told, AttachmentStored)
        assert (str(told.attachment_id), told.mime_type, told.size_bytes) == (blob, "text/plain", 10)
        assert b"".join([chunk async for chunk in made.media.blobs.read(blob)]) == BYTES
        ((row),) = await made.rows()
        assert (row.state, row.tries, row.reference) == ("stored", tries, "")
        assert len(channel.tries) == len(trouble) + 1


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (Blocked("address"), "blocked", BLOCKED_WORDS["address"]),
        (TooLarge("It is larger than 9 bytes."), "too_large", "It is larger than 9 bytes."),
        (Rejected("gone", "It is not there."), "gone", "It is not there."),
    ],
    ids=["blocked", "large", "gone"],
)
async def test_what_can_never_be_had_is_told_at_once(
    database_url: Callable[[str], str], tmp_path: Path, error: Exception, code: str, words: str
) -> None:
    channel = Shelf()
    channel.script["fetch"].append(error)
    async with desk(database_url("gateway"), tmp_path, channel) as made:
        blob = await made.want("f1")
        (told,) = await eventually(made.told)
        assert isinstance(told, AttachmentFailed)
        assert (told.code, told.words) == (code, f"The file could not be fetched. {words}")
        assert await made.media.blobs.size(blob) is None
        assert len(channel.tries) == 1


@pytest.mark.parametrize("channel", [Shelf(), Deaf()], ids=["broken", "without a fetch"])
async def test_the_last_try_gives_up(
    database_url: Callable[[str], str], tmp_path: Path, channel: Scripted
) -> None:
    channel.script["fetch"].extend([Broken("secret token")] * 9)
    async with desk(database_url("gateway"), tmp_path, channel) as made:
        await made.want("f1")
        (told,) = await eventually(made.told)
        assert isinstance(told, AttachmentFailed)
        assert told.code == ("broken" if isinstance(channel, Shelf) else "internal")
        ((row),) = await made.rows()
        assert (row.state, row.tries) == ("failed", 4)


async def test_a_provider_that_hangs_costs_a_bounded_time(
    database_url: Callable[[str], str], tmp_path: Path
) -> None:
    """And the files of the others do not wait for it."""
    routes = [Route("GET", "/slow", lambda _request: ""), Route("GET", "/quick", lambda _r: Reply(BYTES))]
    async with Provider(routes) as provider:
        provider.script("/slow", *[Hang()] * 4)
        url, end_point = database_url("gateway"), provider.end_point
        async with desk(url, tmp_path, Shelf(), permitted=end_point, seconds=0.6) as made:
            slow = await made.want(f"{provider.url}/slow", "provider")
            quick = await made.want(f"{provider.url}/quick", "provider", place=1)
            first, second = await eventually(lambda: _both(made), seconds=20)
            assert (str(first.attachment_id), type(first)) == (quick, AttachmentStored)
            assert (str(second.attachment_id), type(second)) == (slow, AttachmentFailed)
        assert provider.left("/slow") == 0


async def _both(made: Desk) -> list[Any]:
    told = await made.told()
    return told if len(told) == 2 else []


async def test_an_address_of_a_client_never_leads_inside(
    database_url: Callable[[str], str], tmp_path: Path
) -> None:
    """Not even where the provider's own addresses may."""
    async with Provider([Route("GET", "/a", lambda _request: Reply(BYTES))]) as provider:
        async with desk(database_url("gateway"), tmp_path, Shelf(), permitted=provider.end_point) as made:
            await made.want(f"{provider.url}/a", "anywhere")
            (told,) = await eventually(made.told)
            assert isinstance(told, AttachmentFailed)
            assert told.code == "blocked"
        assert not provider.requests


async def test_a_try_is_counted_before_it_begins(database_url: Callable[[str], str], tmp_path: Path) -> None:
    """So a file that ends the process is not fetched for ever."""
    channel, begun = Shelf(), asyncio.Event()

    class Stuck(Shelf):
        async def fetch(self, reference: str) -> AsyncGenerator[bytes, None]:
            begun.set()
            await asyncio.Event().wait()
            yield reference.encode()

    url = database_url("gateway")
    async with desk(url, tmp_path, Stuck()) as made:
        await made.want("f1")
        await begun.wait()
        ((row),) = await made.rows()
        assert (row.state, row.tries) == ("waiting", 1)
        async with writing(made.kept.engine) as conn:
            table = media_table(sa.MetaData())
            await conn.execute(sa.update(table).values(tries=3))
    channel.script["fetch"].append(Broken("again"))
    async with desk(url, tmp_path, channel) as made:
        (told,) = await eventually(made.told)
        assert isinstance(told, AttachmentFailed)
        assert len(channel.tries) == 1


async def test_what_is_put_off_for_a_day_is_given_up(
    database_url: Callable[[str], str], tmp_path: Path
) -> None:
    channel = Shelf()
    channel.script["fetch"].append(Retryable(1))
    clock = FixedClock(datetime.now(UTC) + timedelta(days=1, minutes=1))
    async with desk(database_url("gateway"), tmp_path, channel, clock=clock) as made:
        await made.want("f1")
        (told,) = await eventually(made.told)
        assert isinstance(told, AttachmentFailed)
        assert told.code == "throttled"


async def test_an_account_that_is_down_fetches_nothing_until_it_is_back(
    database_url: Callable[[str], str], tmp_path: Path
) -> None:
    channel = Shelf()
    channel.script["fetch"].append(ChannelDown("revoked"))
    async with desk(database_url("gateway"), tmp_path, channel) as made:
        await made.want("f1")
        await eventually(lambda: made.condition.health.state == "down")
        with pytest.raises(AssertionError):
            await eventually(lambda: len(channel.tries) > 1, seconds=1.5)
        await made.condition.heard(None)
        (told,) = await eventually(made.told)
        assert isinstance(told, AttachmentStored)


async def test_a_message_that_is_repeated_is_not_fetched_again(
    database_url: Callable[[str], str], tmp_path: Path
) -> None:
    """Nor is a blob that a process left which ended before it told."""
    channel = Shelf()

    async def left() -> AsyncIterator[bytes]:
        yield b"left by another"

    async with desk(database_url("gateway"), tmp_path, channel) as made:
        blob = str(attachment_id(MESSAGE, 0))
        await made.media.blobs.put(blob, left(), limit=100)
        await made.want("f1")
        (told,) = await eventually(made.told)
        assert isinstance(told, AttachmentStored)
        assert told.size_bytes == 15
        await made.want("f1")
        await made.want("f2", place=1)
        await eventually(lambda: _both(made))
        assert channel.tries == ["f2"]


async def test_whoever_lost_the_lease_fetches_nothing(
    database_url: Callable[[str], str], tmp_path: Path
) -> None:
    channel = Shelf()
    async with desk(database_url("gateway"), tmp_path, channel) as made:
        async with writing(made.kept.engine) as conn:
            await conn.exec_driver_sql("UPDATE leases SET epoch = epoch + 1")
        await made.want("f1")
        await eventually(lambda: not made.lease.held)
        ((row),) = await made.rows()
        assert (row.state, row.tries) == ("waiting", 0)
        assert not channel.tries
