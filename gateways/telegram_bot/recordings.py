"""A recording of ours as Telegram plays it: what is neither OGG nor MP3 nor M4A is converted first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from gateways.kit.attachments import Attachment
from gateways.kit.voice import MIME_TYPE, NotConverted, Voice
from shared.failure import Rejected

PLAYED: Final = frozenset({MIME_TYPE, "audio/opus", "audio/mpeg", "audio/mp4", "audio/x-m4a"})
_CHUNK: Final = 64 * 1024


@asynccontextmanager
async def playable(recording: Attachment, voice: Voice) -> AsyncIterator[Attachment]:
    """The recording, converted where it has to be; raises `Rejected`. The result is gone with the block."""
    if recording.mime_type.partition(";")[0].strip().lower() in PLAYED:
        yield recording
        return
    with TemporaryDirectory(prefix="voice") as folder:
        source, target = Path(folder) / "recording", Path(folder) / "voice.ogg"
        await _write(recording, source)
        try:
            converted = await voice.convert(source, target)
        except NotConverted as error:
            raise Rejected(error.code, error.words) from None
        yield Attachment(target.name, MIME_TYPE, converted.size_bytes, lambda: _read(target))


async def _write(recording: Attachment, path: Path) -> None:
    with path.open("wb") as file:
        async for chunk in recording.chunks():
            await asyncio.to_thread(file.write, chunk)


async def _read(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
