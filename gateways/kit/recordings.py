"""A recording of ours as a provider plays it: converted where it has to be, for as long as it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from gateways.kit.attachments import Attachment
from gateways.kit.voice import MIME_TYPE, NotConverted, Voice
from shared.failure import Rejected

_READ: Final = 64 * 1024


@asynccontextmanager
async def playable(
    recording: Attachment, voice: Voice, played: Collection[str] = (MIME_TYPE,)
) -> AsyncIterator[Attachment]:
    """The recording for as long as the block lasts, as OGG/Opus unless its type is among `played`.

    Raises `Rejected` with words where it cannot be converted.
    """
    if recording.mime_type.partition(";")[0].strip().lower() in played:
        yield recording
        return
    with TemporaryDirectory(prefix="switchboard-voice-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder) / "recording", Path(folder) / "voice.ogg"
        await _write(recording, source)
        try:
            converted = await voice.convert(source, target)
        except NotConverted as error:
            raise Rejected(error.code, error.words) from None
        yield Attachment(target.name, MIME_TYPE, converted.size_bytes, lambda: _chunks(target))


async def _write(recording: Attachment, path: Path) -> None:
    with path.open("wb") as file:
        async for chunk in recording.chunks():
            await asyncio.to_thread(file.write, chunk)


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, _READ):
            yield chunk
