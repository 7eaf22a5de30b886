"""A folder of blobs and a crash: what is synced, when, and what is seen afterwards."""

import asyncio
import errno
import os
import sys
import time
from pathlib import Path

import pytest

from shared.failure import Unavailable
from shared.files.blobs import Blobs
from tests.integration.files.places import Synced, in_folder
from tests.integration.files.sending import fresh, repeated, sent, whole

pytestmark = pytest.mark.feature("MS3")

ROOT = Path(__file__).parents[3]
CRASHING = """
import asyncio, os, sys
from shared.files.blobs import Blobs
from tests.integration.files.sending import sent

url, name, fatal = sys.argv[1], sys.argv[2], int(sys.argv[3])
syncs = 0

def sync(descriptor):
    global syncs
    syncs += 1
    if syncs == fatal:
        os._exit(137)
    os.fsync(descriptor)

asyncio.run(Blobs.open(url, sync=sync).put(name, sent(b"x" * 100_000), limit=10**6))
"""


async def test_the_file_and_its_folder_are_synced(tmp_path: Path) -> None:
    synced = Synced()
    blobs = Blobs.open(f"file://{tmp_path}", sync=synced)
    name = fresh()
    await blobs.put(name, repeated(b"x" * 70_000, 100), limit=10**7)
    (file, size), *folders = synced.seen
    assert file.parent == tmp_path / "incoming"
    assert size == 7_000_000
    assert folders == [(tmp_path, 0), (tmp_path / name[-2:], 0)]


async def test_in_a_folder_that_exists_two_syncs_are_enough(tmp_path: Path) -> None:
    synced = Synced()
    blobs = Blobs.open(f"file://{tmp_path}", sync=synced)
    name = fresh()
    for suffix in ("", ".preview"):
        synced.seen.clear()
        await blobs.put(name + suffix, sent(b"x"), limit=10)
    assert [path.name for path, _ in synced.seen][1:] == [name[-2:]]


@pytest.mark.parametrize(
    ("fatal", "there"),
    [
        pytest.param(1, False, id="before the file is synced"),
        pytest.param(2, False, id="between write and rename"),
        pytest.param(3, True, id="after rename"),
    ],
)
async def test_a_crash_leaves_a_whole_blob_or_none(tmp_path: Path, fatal: int, there: bool) -> None:
    name = fresh()
    url = f"file://{tmp_path}"
    crashing = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CRASHING, url, name, str(fatal), cwd=ROOT
    )
    assert await crashing.wait() == 137
    blobs = Blobs.open(url)
    assert await blobs.size(name) == (100_000 if there else None)
    await blobs.put(name, sent(b"again"), limit=10)
    assert await whole(blobs, name) == b"again"


@pytest.mark.parametrize("hours", [1, 25])
def test_leftovers_of_a_crash_go_after_a_day(tmp_path: Path, hours: int) -> None:
    Blobs.open(f"file://{tmp_path}")
    leftover = tmp_path / "incoming" / f"{fresh()}.left"
    leftover.write_bytes(b"x")
    then = time.time() - hours * 3600
    os.utime(leftover, (then, then))
    Blobs.open(f"file://{tmp_path}")
    assert leftover.exists() == (hours < 24)


@pytest.mark.parametrize("fatal", [1, 2, 3])
async def test_a_disk_that_fails_is_unavailable(tmp_path: Path, fatal: int) -> None:
    synced = Synced()

    def sync(descriptor: int) -> None:
        synced(descriptor)
        if len(synced.seen) == fatal:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    blobs = Blobs.open(f"file://{tmp_path}", sync=sync)
    name = fresh()
    with pytest.raises(Unavailable, match="No space left"):
        await blobs.put(name, sent(b"x"), limit=10)
    assert in_folder(tmp_path) == ([] if fatal < 3 else [name])
    assert await blobs.put(name, sent(b"y"), limit=10) == 1


async def test_a_lost_folder_is_unavailable(tmp_path: Path) -> None:
    blobs = Blobs.open(f"file://{tmp_path / 'blobs'}")
    (tmp_path / "blobs").rename(tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        await blobs.put(fresh(), sent(b"x"), limit=10)
    assert await blobs.size(fresh()) is None


def test_a_file_in_its_place_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_bytes(b"")
    with pytest.raises(Unavailable, match="the folder of blobs"):
        Blobs.open(f"file://{tmp_path / 'blobs'}")


async def test_a_blob_that_is_deleted_while_it_is_read_is_read_to_its_end(tmp_path: Path) -> None:
    blobs = Blobs.open(f"file://{tmp_path}")
    name = fresh()
    await blobs.put(name, repeated(b"x" * 1_000_000, 3), limit=10**7)
    read = 0
    async for chunk in blobs.read(name):
        read += len(chunk)
        await blobs.delete(name)
    assert read == 3_000_000


async def test_nobody_else_may_look(tmp_path: Path) -> None:
    blobs = Blobs.open(f"file://{tmp_path / 'blobs'}")
    name = fresh()
    await blobs.put(name, sent(b"x"), limit=10)
    for folder in ("incoming", name[-2:]):
        assert (tmp_path / "blobs" / folder).stat().st_mode & 0o077 == 0
