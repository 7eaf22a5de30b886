"""Voice as messengers play it (OGG with Opus), made by ffmpeg: a program that reads hostile files.

It gets one file and no other door: containers and protocols by list, so that a playlist cannot name another
file or an address; its memory, processor time, output and wall time are limited (ulimit before it starts), it
has no environment, and what it says is read within bounds. Where ffmpeg is not installed, the capability says
no.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.contract.capabilities import Capabilities
from shared.log import get_logger

PROGRAM: Final = "ffmpeg"
MIME_TYPE: Final = "audio/ogg"

_FORMATS: Final = "aac,aiff,amr,caf,flac,matroska,webm,mov,mp4,m4a,3gp,mp3,ogg,wav"
_LAUNCH: Final = 'ulimit -v "$1" && ulimit -t "$2" && ulimit -f "$3" && ulimit -c 0 && shift 3 && exec "$@"'
_OUT_TIME: Final = re.compile(rb"out_time_us=(\d{1,15})\s")
_SAID_BYTES: Final = 64 * 1024

log = get_logger()


class NotConverted(Exception):
    """`code`: voice_unavailable, voice_too_long, voice_unreadable; `words` go to the operator."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code
        self.words = words


@dataclass(frozen=True, slots=True)
class Converted:
    size_bytes: int
    duration_seconds: float


@dataclass(frozen=True, slots=True)
class VoiceLimits:
    wall_seconds: float = 60.0
    processor_seconds: int = 30
    memory_bytes: int = 1024 * 1024 * 1024
    """Of address space."""
    output_bytes: int = 20 * 1024 * 1024
    duration_seconds: int = 3600
    at_once: int = 1


def available(program: str = PROGRAM) -> bool:
    """Whether this machine can convert."""
    return shutil.which(program) is not None


def audible(capabilities: Capabilities, program: str = PROGRAM) -> Capabilities:
    """The capabilities of a channel whose voice must be converted, on this machine."""
    return capabilities if available(program) else capabilities.model_copy(update={"voice": False})


class Voice:
    """One for each process."""

    def __init__(self, limits: VoiceLimits | None = None, program: str = PROGRAM) -> None:
        self._program = program
        self._limits = limits or VoiceLimits()
        self._turns = asyncio.Semaphore(self._limits.at_once)

    async def convert(self, source: Path, target: Path) -> Converted:
        """Writes the sound of `source` to `target`; raises `NotConverted`, and then there is no `target`."""
        program = shutil.which(self._program)
        if program is None:
            raise NotConverted("voice_unavailable", "Voice cannot be sent: ffmpeg is not installed here.")
        with _whole_or_none(target):
            async with self._turns:
                return await self._convert(program, source, target)

    async def _convert(self, program: str, source: Path, target: Path) -> Converted:
        limits = self._limits
        async with _running(self._command(program, source, target)) as process:
            try:
                async with asyncio.timeout(limits.wall_seconds):
                    said = await _said(process)
                    code = await process.wait()
            except TimeoutError:
                raise NotConverted("voice_too_long", "The voice message took too long to convert.") from None
        found = _OUT_TIME.findall(said)
        size = _size(target)
        if size >= limits.output_bytes:
            raise NotConverted("voice_too_long", "The voice message is too long.")
        if code != 0 or not found or not size:
            log.info("voice_not_converted", exit_code=code)
            raise NotConverted("voice_unreadable", "The voice message cannot be read.")
        return Converted(size, int(found[-1]) / 1_000_000)

    def _command(self, program: str, source: Path, target: Path) -> list[str]:
        limits = self._limits
        blocks = limits.output_bytes // 512 + 1
        bounds = [limits.memory_bytes // 1024, limits.processor_seconds, blocks]
        reading = ["-protocol_whitelist", "file", "-format_whitelist", _FORMATS, "-i", f"file:{source}"]
        longest = str(limits.duration_seconds)
        sound = ["-map", "0:a:0", "-map_metadata", "-1", "-ac", "1", "-ar", "48000", "-t", longest]
        opus = ["-c:a", "libopus", "-b:a", "32k", "-application", "voip", "-f", "ogg", f"file:{target}"]
        quiet = ["-nostdin", "-hide_banner", "-loglevel", "quiet", "-nostats", "-progress", "pipe:1"]
        limited = ["/bin/sh", "-c", _LAUNCH, "sh", *map(str, bounds)]
        return [*limited, program, *quiet, "-threads", "1", "-y", *reading, *sound, *opus]


@contextmanager
def _whole_or_none(target: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@asynccontextmanager
async def _running(command: list[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program; it and its children are gone when the block ends."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _said(process: asyncio.subprocess.Process) -> bytes:
    """The end of what the program wrote."""
    if process.stdout is None:
        raise RuntimeError("the program was started without a pipe")
    said = b""
    while chunk := await process.stdout.read(4096):
        said = (said + chunk)[-_SAID_BYTES:]
    return said
