"""What a folder and a bucket promise alike."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from shared.files.blobs import BlobGone, TooLarge
from tests.integration.files.places import Stored
from tests.integration.files.sending import broken_after, fresh, repeated, sent, whole
from tests.support.waiting import eventually

pytestmark = pytest.mark.feature("MS3")

LIMIT = 30_000_000
NOISE = random.Random(3).randbytes(9_500_000)


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param([], id="nothing"),
        pytest.param([b""], id="an empty chunk"),
        pytest.param([b"a", b"", b"bc"], id="a few"),
        pytest.param([NOISE[at : at + 65_536] for at in range(0, len(NOISE), 65_536)], id="many"),
        pytest.param([NOISE], id="one big"),
    ],
)
async def test_what_was_put_is_read(stored: Stored, chunks: list[bytes]) -> None:
    name = fresh()
    assert await stored.blobs.put(name, sent(*chunks), limit=LIMIT) == sum(map(len, chunks))
    assert await whole(stored.blobs, name) == b"".join(chunks)
    assert await stored.blobs.size(name) == sum(map(len, chunks))
    assert stored.everything() == [name]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (0, 10),
        (9_499_999, None),
        (9_499_999, 9_500_000),
        (4_194_303, 4_194_305),
        (1_000, 9_000_000),
        (5, 5),
        (9_400_000, 99_000_000),
        (9_500_000, None),
        (99_000_000, None),
        (99_000_000, 99_000_001),
    ],
)
async def test_ranges(stored: Stored, start: int, end: int | None) -> None:
    name = fresh()
    await stored.blobs.put(name, sent(NOISE), limit=LIMIT)
    assert await whole(stored.blobs, name, start, end) == NOISE[start:end]


@pytest.mark.parametrize(("start", "end"), [(-1, None), (5, 4), (0, -1)])
async def test_impossible_ranges(stored: Stored, start: int, end: int | None) -> None:
    with pytest.raises(ValueError, match="no such range"):
        stored.blobs.read(fresh(), start, end)


async def test_exactly_the_limit_is_allowed(stored: Stored) -> None:
    assert await stored.blobs.put(fresh(), repeated(b"x" * 1000, 10), limit=10_000) == 10_000


@pytest.mark.parametrize("limit", [0, 5, 2_500_000, 8_999_999])
async def test_too_large_leaves_nothing(stored: Stored, limit: int) -> None:
    with pytest.raises(TooLarge) as told:
        await stored.blobs.put(fresh(), repeated(b"x" * 1_000_000, 9), limit=limit)
    assert told.value.limit == limit
    assert stored.everything() == []


async def test_an_endless_sender_is_stopped_at_the_limit(stored: Stored) -> None:
    with pytest.raises(TooLarge):
        await stored.blobs.put(fresh(), repeated(b"x" * 65_536, 10**9), limit=1_000_000)
    assert stored.everything() == []


@pytest.mark.parametrize("times", [0, 1, 9])
async def test_a_broken_sender_leaves_nothing_and_its_error_is_its_own(stored: Stored, times: int) -> None:
    with pytest.raises(ConnectionResetError, match="gone"):
        await stored.blobs.put(
            fresh(), broken_after(b"x" * 1_000_000, times, ConnectionResetError("gone")), limit=LIMIT
        )
    assert stored.everything() == []


async def test_a_cancelled_put_leaves_nothing(stored: Stored) -> None:
    hanging = asyncio.Event()

    async def sender() -> AsyncIterator[bytes]:
        yield b"x" * 3_000_000
        hanging.set()
        await asyncio.Event().wait()

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(stored.blobs.put(fresh(), sender(), limit=LIMIT))
        await hanging.wait()
        task.cancel()
    assert task.cancelled()
    await eventually(lambda: stored.everything() == [])


async def test_a_failed_replacement_keeps_the_former(stored: Stored) -> None:
    name = fresh()
    await stored.blobs.put(name, sent(b"former"), limit=LIMIT)
    with pytest.raises(TooLarge):
        await stored.blobs.put(name, sent(b"too much"), limit=3)
    assert await whole(stored.blobs, name) == b"former"


async def test_the_same_blob_at_once_is_one_blob(stored: Stored) -> None:
    name = fresh()
    async with asyncio.TaskGroup() as tasks:
        for letter in b"abcd":
            tasks.create_task(stored.blobs.put(name, repeated(bytes([letter]) * 100_000, 5), limit=LIMIT))
    assert stored.everything() == [name]
    assert len(set(await whole(stored.blobs, name))) == 1


async def test_what_is_absent(stored: Stored) -> None:
    name = fresh()
    assert await stored.blobs.size(name) is None
    assert not await stored.blobs.delete(name)
    with pytest.raises(BlobGone) as told:
        await whole(stored.blobs, name)
    assert told.value.name == name


async def test_a_deleted_blob_is_gone_and_its_preview_stays(stored: Stored) -> None:
    name = fresh()
    await stored.blobs.put(name, sent(b"x"), limit=LIMIT)
    await stored.blobs.put(f"{name}.preview", sent(b"y"), limit=LIMIT)
    assert await stored.blobs.delete(name)
    assert not await stored.blobs.delete(name)
    assert stored.everything() == [f"{name}.preview"]


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../x", "a/b", "a\\b", "/etc/passwd", "incoming/x", "%2e%2e"),
        *("a\0", "A1", "-rf", "a..b", "ab.", "ab.x.y", "ab\n", "я1", "a" * 200),
    ],
    ids=ascii,
)
async def test_only_ids_are_names(stored: Stored, name: str) -> None:
    with pytest.raises(ValueError, match="the name of a blob"):
        await stored.blobs.put(name, sent(b"x"), limit=LIMIT)
    for refused in (stored.blobs.size, stored.blobs.delete):
        with pytest.raises(ValueError, match="the name of a blob"):
            await refused(name)
    with pytest.raises(ValueError, match="the name of a blob"):
        stored.blobs.read(name)
    assert stored.everything() == []
