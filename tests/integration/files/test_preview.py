"""Previews: what honest images become, and that hostile ones cost little and harm nobody."""

import asyncio
import io
import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageOps

from shared.files.blobs import BlobGone
from shared.files.kinds import sniff
from shared.files.preview import Preview, keep_preview, preview
from tests.integration.files import pictures
from tests.integration.files.places import Stored
from tests.integration.files.sending import fresh, sent, whole
from tests.support.waiting import eventually

pytestmark = pytest.mark.feature("MS3")

BOMBS: dict[str, Callable[[], bytes]] = {
    "30,000 × 30,000 in 110 KB": lambda: pictures.png(30_000, 30_000),
    "a canvas of 196 MB twice in 200 bytes": lambda: pictures.wide_webp(7_000, 7_000),
    "the greatest canvas of WebP": lambda: pictures.wide_webp(16_383, 16_383),
    "3,000 scans": lambda: pictures.many_scans_jpeg(6_000, 3_000),
    "a packed text of 200 MB": lambda: pictures.png(
        64, 32, pictures.chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 1))
    ),
    "a packed colour profile of 200 MB": lambda: pictures.png(
        64, 32, pictures.chunk(b"iCCP", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 1))
    ),
}

HEAVY: dict[str, Callable[[], bytes]] = {
    "1,000 frames": lambda: pictures.long_gif(1_000),
    "6 MB of EXIF in JPEG": lambda: pictures.huge_exif_jpeg(100),
    "20 MB of EXIF in PNG": lambda: pictures.png(
        64, 32, pictures.chunk(b"eXIf", b"II*\0" + bytes(20_000_000))
    ),
}

NOT_IMAGES = {
    "nothing": b"",
    "text": b"hello",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "a header alone": b"\x89PNG\r\n\x1a\n",
    "half a PNG": pictures.encoded(pictures.four_colours(), "PNG")[:-60],
    "half a JPEG": pictures.encoded(pictures.four_colours(), "JPEG")[:-200],
    "a GIF of JavaScript": b"GIF89a/*\0\0\0*/=1;alert(1)",
    "another format": pictures.encoded(pictures.four_colours(), "TIFF"),
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "noise": os.urandom(10_000),
}


def decoded(drawn: Preview | None) -> Image.Image:
    assert drawn is not None
    assert sniff(drawn.data) == drawn.mime_type == "image/webp"
    image = Image.open(io.BytesIO(drawn.data), formats=("WEBP",))
    assert image.size == (drawn.width, drawn.height)
    return image


def corners(image: Image.Image) -> list[str]:
    """The colours of the four quarters, row by row."""
    small = image.convert("RGB")
    names = {(255, 0, 0): "red", (0, 128, 0): "green", (0, 0, 255): "blue", (255, 255, 255): "white"}
    found = []
    for y in (0.25, 0.75):
        for x in (0.25, 0.75):
            pixel = small.getpixel((int(small.width * x), int(small.height * y)))
            assert isinstance(pixel, tuple)
            found.append(
                names[min(names, key=lambda one: sum(abs(a - b) for a, b in zip(one, pixel, strict=True)))]
            )
    return found


def drawings() -> list[psutil.Process]:
    """The drawing processes of this one."""
    found = []
    for child in psutil.Process().children():
        try:
            if any(word.endswith("drawing.py") for word in child.cmdline()):
                found.append(child)
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
    return found


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize(
    ("size", "then"),
    [((80, 40), (80, 40)), ((1600, 900), (640, 360)), ((30, 3000), (6, 640)), ((1, 1), (1, 1))],
)
async def test_images(kind: str, size: tuple[int, int], then: tuple[int, int]) -> None:
    drawn = await preview(pictures.encoded(pictures.four_colours(*size), kind))
    image = decoded(drawn)
    assert drawn is not None
    assert image.size == then
    assert (drawn.image_width, drawn.image_height) == size
    if size[0] > 10:
        assert corners(image) == ["red", "green", "blue", "white"]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA"])
async def test_modes_of_png(mode: str) -> None:
    source = Image.new(mode, (64, 32))
    assert decoded(await preview(pictures.encoded(source, "PNG"))).size == (64, 32)


async def test_the_colours_of_print() -> None:
    source = pictures.encoded(pictures.four_colours().convert("CMYK"), "JPEG")
    assert corners(decoded(await preview(source))) == ["red", "green", "blue", "white"]


async def test_what_is_transparent_stays_so() -> None:
    image = decoded(await preview(pictures.encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG")))
    assert image.mode == "RGBA"
    assert image.getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize("orientation", range(10))
async def test_it_stands_upright(orientation: int) -> None:
    source = pictures.encoded(pictures.four_colours(), "JPEG", exif=pictures.exif(orientation), quality=95)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(source)))
    drawn = await preview(source)
    assert corners(decoded(drawn)) == corners(upright)
    assert drawn is not None
    assert (drawn.image_width, drawn.image_height) == upright.size


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_nothing_is_told_but_the_picture(kind: str) -> None:
    source = pictures.talkative(kind)
    assert pictures.PLACE.encode() in source
    drawn = await preview(source)
    image = decoded(drawn)
    assert drawn is not None
    assert pictures.PLACE.encode() not in drawn.data
    assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
    assert not image.getexif()


async def test_a_file_is_read_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(pictures.encoded(pictures.four_colours(), "PNG"))
    assert decoded(await preview(path)).size == (80, 40)


@pytest.mark.parametrize("name", NOT_IMAGES)
async def test_what_is_no_image_has_no_preview(name: str) -> None:
    assert await preview(NOT_IMAGES[name]) is None


@pytest.mark.parametrize("name", BOMBS)
async def test_bombs_have_no_preview(name: str) -> None:
    bomb = await asyncio.to_thread(BOMBS[name])
    before = psutil.Process().memory_info().rss
    began = time.monotonic()
    assert await preview(bomb) is None
    assert time.monotonic() - began < 25
    assert psutil.Process().memory_info().rss - before < 50_000_000
    assert not drawings()


@pytest.mark.parametrize("name", HEAVY)
async def test_what_is_heavy_beside_the_picture_is_left_behind(name: str) -> None:
    source = await asyncio.to_thread(HEAVY[name])
    drawn = await preview(source)
    assert len(decoded(drawn).tobytes()) <= 100 * 100 * 4
    assert drawn is not None
    assert len(drawn.data) < 2_000


async def test_who_takes_too_long_is_ended() -> None:
    slow = await asyncio.to_thread(pictures.many_scans_jpeg, 4_000, 3_000)
    began = time.monotonic()
    assert await preview(slow, seconds=0.5) is None
    assert time.monotonic() - began < 5
    assert not drawings()


async def test_a_cancelled_preview_ends_its_process() -> None:
    slow = await asyncio.to_thread(pictures.many_scans_jpeg, 4_000, 3_000)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(preview(slow))
        await eventually(drawings)
        task.cancel()
    assert task.cancelled()
    assert not drawings()


async def test_two_are_drawn_at_once_and_the_others_wait() -> None:
    source = await asyncio.to_thread(pictures.png, 2_000, 2_000)
    most = 0
    async with asyncio.TaskGroup() as tasks:
        drawn = [tasks.create_task(preview(source)) for _ in range(6)]
        while not all(task.done() for task in drawn):
            most = max(most, len(drawings()))
            await asyncio.wait(drawn, timeout=0.01)
    assert most == 2
    assert all(task.result() is not None for task in drawn)


async def test_it_is_kept_beside_its_image(stored: Stored) -> None:
    name = fresh()
    await stored.blobs.put(name, sent(pictures.talkative("JPEG")), limit=10**6)
    drawn = await keep_preview(stored.blobs, name)
    assert drawn is not None
    assert await whole(stored.blobs, f"{name}.preview") == drawn.data
    assert stored.everything() == [name, f"{name}.preview"]


async def test_without_a_preview_nothing_is_kept(stored: Stored) -> None:
    name = fresh()
    await stored.blobs.put(name, sent(b"<svg>"), limit=10**6)
    assert await keep_preview(stored.blobs, name) is None
    assert stored.everything() == [name]
    with pytest.raises(BlobGone):
        await keep_preview(stored.blobs, fresh())
