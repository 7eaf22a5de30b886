"""Voice is converted by the real ffmpeg, and hostile files cost little and open no other door."""

import asyncio
import math
import struct
import time
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from gateways.kit.attachments import Attachment
from gateways.kit.recordings import playable
from gateways.kit.voice import MIME_TYPE, Converted, NotConverted, Voice, VoiceLimits, audible, available
from shared.contract.capabilities import Capabilities
from shared.failure import Rejected


def recording(path: Path, seconds: float) -> Path:
    """A tone as WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        samples = (int(9000 * math.sin(at * 0.17)) for at in range(int(seconds * 16_000)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path


def _children() -> set[int]:
    return {one.pid for one in psutil.Process().children(recursive=True)}


async def refused(source: Path, limits: VoiceLimits | None = None) -> str:
    target = source.with_suffix(".out")
    with pytest.raises(NotConverted) as error:
        await Voice(limits).convert(source, target)
    assert not target.exists()
    assert error.value.words
    return error.value.code


async def test_a_recording_becomes_opus(tmp_path: Path) -> None:
    target = tmp_path / "voice.ogg"
    made = await Voice().convert(recording(tmp_path / "a.wav", 2), target)
    raw = target.read_bytes()
    assert raw.startswith(b"OggS")
    assert b"OpusHead\x01\x01" in raw[:100]
    assert made.size_bytes == len(raw) < 20_000
    assert made.duration_seconds == pytest.approx(2, abs=0.1)


async def test_a_long_one_is_cut_at_the_limit(tmp_path: Path) -> None:
    limits = VoiceLimits(duration_seconds=1)
    made = await Voice(limits).convert(recording(tmp_path / "a.wav", 3), tmp_path / "voice.ogg")
    assert made.duration_seconds == pytest.approx(1, abs=0.1)


def _playlist(lines: str) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{lines}\n#EXT-X-ENDLIST\n".encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not sound at all",
        b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00",
        b"OggS" + b"\x00" * 5000,
        b"\x00" * 100_000,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
async def test_what_is_no_sound_is_refused(tmp_path: Path, raw: bytes) -> None:
    source = tmp_path / "a.bin"
    source.write_bytes(raw)
    assert await refused(source) == "voice_unreadable"


async def test_a_playlist_opens_no_other_file_and_no_address(tmp_path: Path) -> None:
    """Each of these would play the good recording, if it were followed."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.close()

    other = tmp_path / "other.ogg"
    await Voice().convert(recording(tmp_path / "other.wav", 1), other)
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        for name, raw in {
            "a.m3u8": _playlist(f"http://127.0.0.1:{port}/x.ogg"),
            "b.m3u8": _playlist(f"file://{other}"),
            "c.ffconcat": f"ffconcat version 1.0\nfile '{other}'\n".encode(),
            "d.sdp": f"v=0\ns=x\nc=IN IP4 127.0.0.1\nm=audio {port} RTP/AVP 0\n".encode(),
        }.items():
            source = tmp_path / name
            source.write_bytes(raw)
            assert await refused(source) == "voice_unreadable"
    assert not asked


async def test_limits_of_output_time_and_memory(tmp_path: Path) -> None:
    source = recording(tmp_path / "a.wav", 20)
    assert await refused(source, VoiceLimits(output_bytes=20_000)) == "voice_too_long"
    assert await refused(source, VoiceLimits(wall_seconds=0.01)) == "voice_too_long"
    assert await refused(source, VoiceLimits(memory_bytes=8 * 1024 * 1024)) == "voice_unreadable"


async def test_whoever_gives_up_leaves_no_program_behind(tmp_path: Path) -> None:
    source = recording(tmp_path / "a.wav", 60)
    before = _children()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await Voice().convert(source, tmp_path / "voice.ogg")
    assert not (tmp_path / "voice.ogg").exists()
    assert _children() <= before


async def test_conversions_take_turns(tmp_path: Path) -> None:
    voice = Voice()
    source = recording(tmp_path / "a.wav", 1)
    most = 0
    before = _children()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(voice.convert(source, tmp_path / f"{n}.ogg")) for n in range(3)]
        until = time.monotonic() + 20
        while not all(task.done() for task in tasks) and time.monotonic() < until:
            most = max(most, len(_children() - before))
            await asyncio.sleep(0.005)
    assert all(isinstance(task.result(), Converted) for task in tasks)
    assert most == 1


def test_the_capability_is_that_of_the_machine() -> None:
    assert available()
    assert audible(Capabilities(voice=True)).voice


async def test_without_ffmpeg_the_capability_says_no(tmp_path: Path) -> None:
    source = recording(tmp_path / "a.wav", 0.1)
    assert not audible(Capabilities(voice=True), "no-such-program").voice
    with pytest.raises(NotConverted) as error:
        await Voice(program="no-such-program").convert(source, tmp_path / "voice.ogg")
    assert error.value.code == "voice_unavailable"


async def test_a_recording_of_ours_is_converted_where_the_provider_does_not_play_it(tmp_path: Path) -> None:
    wav = recording(tmp_path / "a.wav", 1).read_bytes()

    async def chunks(raw: bytes) -> AsyncIterator[bytes]:
        yield raw[:1000]
        yield raw[1000:]

    given = Attachment("a.wav", "audio/x-wav; codecs=1", len(wav), lambda: chunks(wav))
    async with playable(given, Voice(), ("audio/x-wav",)) as same:
        assert same is given
    async with playable(given, Voice()) as made:
        raw = b"".join([chunk async for chunk in made.chunks()])
    assert raw.startswith(b"OggS")
    assert (made.mime_type, made.size_bytes) == (MIME_TYPE, len(raw))
    with pytest.raises(Rejected, match="voice"):
        async with playable(Attachment("a", "audio/webm", 3, lambda: chunks(b"no!")), Voice()):
            pass
