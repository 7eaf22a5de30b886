"""A smaller picture of an image, drawn in a process of its own with little memory, time and output.

    drawn = await keep_preview(blobs, str(attachment_id))      # now there is a blob <id>.preview

None means: there is no preview, the message goes on without it. Decoding is where hostile images strike,
so it never happens in this process.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast
from weakref import WeakKeyDictionary

from shared import log
from shared.files.blobs import Blobs
from shared.files.kinds import sniff

MIME_TYPE: Final = "image/webp"
LONGEST_SIDE: Final = 640
"""Pixels; drawing.py says the same."""

_DRAWING: Final = Path(__file__).parent / "drawing.py"
_SECONDS: Final = 20.0
_AT_ONCE: Final = 2
_MOST_BYTES: Final = 2 * 1024 * 1024
_HEADER: Final = re.compile(rb"([0-9]{1,4}) ([0-9]{1,4}) ([0-9]{1,9}) ([0-9]{1,9})\n")

_log = log.get_logger()
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Preview:
    """A WebP without any metadata, upright; `image_*` are the sides of the image itself, upright too."""

    data: bytes
    width: int
    height: int
    image_width: int
    image_height: int
    mime_type: str = MIME_TYPE


def preview_name(name: str) -> str:
    """The blob of the preview of the blob `name`."""
    return f"{name}.preview"


async def preview(source: Path | bytes, *, seconds: float = _SECONDS) -> Preview | None:
    """The preview of an image, None if it is not one, is too big, or takes longer than `seconds`."""
    with closing(await asyncio.to_thread(_opened, source)) as file:
        return await _drawn(file, seconds)


async def keep_preview(blobs: Blobs, name: str) -> Preview | None:
    """Draws the preview of a blob and stores it beside. Raises BlobGone and Unavailable."""
    with closing(await asyncio.to_thread(_unnamed)) as file:
        async for chunk in blobs.read(name):
            await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(file.seek, 0)
        drawn = await _drawn(file, _SECONDS)
    if drawn is not None:
        await blobs.put(preview_name(name), _once(drawn.data), limit=_MOST_BYTES)
    return drawn


async def _drawn(image: BinaryIO, seconds: float) -> Preview | None:
    turns = _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE))
    with closing(await asyncio.to_thread(_unnamed)) as result:
        async with turns:
            refused = await _run(image, result, seconds)
        drawn = None if refused else await asyncio.to_thread(_read, result)
    if drawn is None:
        _log.info("preview_refused", reason=refused or "no picture came out")
    return drawn


async def _run(image: BinaryIO, result: BinaryIO, seconds: float) -> str | None:
    """Why there is no picture, or None. The process is gone when this returns, whatever happens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-B", str(_DRAWING), stdin=image, stdout=result, stderr=DEVNULL, cwd="/", env={}
    )
    try:
        async with asyncio.timeout(seconds):
            code = await process.wait()
    except TimeoutError:
        return f"took longer than {seconds:g} s"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return f"exit {code}" if code else None


def _opened(source: Path | bytes) -> BinaryIO:
    if isinstance(source, Path):
        return source.open("rb")
    return _unnamed(source)


def _unnamed(data: bytes = b"") -> BinaryIO:
    """A temporary file that goes with its descriptor."""
    file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115  # the callers close it
    file.write(data)
    file.seek(0)
    return file


def _read(result: BinaryIO) -> Preview | None:
    """What came out is believed as little as what went in."""
    result.seek(0)
    written = result.read(_MOST_BYTES)
    header = _HEADER.match(written)
    if header is None:
        return None
    data = written[header.end() :]
    width, height, image_width, image_height = map(int, header.groups())
    if sniff(data) != MIME_TYPE or not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        return None
    return Preview(data, width, height, image_width, image_height)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
