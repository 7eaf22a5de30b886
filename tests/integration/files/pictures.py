"""Images as people send them, and as nobody should."""

import io
import struct
import zlib
from typing import Final

from PIL import Image
from PIL.PngImagePlugin import PngInfo

PLACE: Final = "Planted Street 7"
"""What must not be found in a preview."""

_ORIENTATION, _DESCRIPTION, _GPS = 0x0112, 0x010E, 0x8825


def four_colours(width: int = 80, height: int = 40) -> Image.Image:
    """Red, green; blue, white: shows which way is up."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("green", (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    image.paste("white", (width // 2, height // 2, width, height))
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """With the place where it was taken."""
    told = Image.Exif()
    told[_ORIENTATION] = orientation
    told[_DESCRIPTION] = PLACE
    told.get_ifd(_GPS).update({1: "N", 2: (55.0, 45.0, 7.0), 29: PLACE})
    return told


def talkative(kind: str) -> bytes:
    """An image that tells where it was taken in every way its format knows."""
    words = PngInfo()
    words.add_text("Comment", PLACE)
    words.add_itxt("XML:com.adobe.xmp", PLACE)
    return encoded(
        four_colours(),
        kind,
        exif=exif(),
        xmp=PLACE.encode(),
        icc_profile=PLACE.encode(),
        comment=PLACE.encode(),
        **({"pnginfo": words} if kind == "PNG" else {}),
    )


def chunk(kind: bytes, inside: bytes) -> bytes:
    """A chunk of PNG."""
    return struct.pack(">I", len(inside)) + kind + inside + struct.pack(">I", zlib.crc32(kind + inside))


def png(width: int, height: int, *before: bytes) -> bytes:
    """A true PNG of one bit a pixel, all black, `before` its pixels: 30,000 × 30,000 is about 110 KB."""
    packed = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    pixels = b"".join(packed.compress(row) for _ in range(height)) + packed.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), *before, chunk(b"IDAT", pixels), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def long_gif(frames: int) -> bytes:
    shades = [Image.new("L", (100, 100), shade * 37 % 256) for shade in range(frames)]
    return encoded(shades[0], "GIF", save_all=True, append_images=shades[1:], duration=1)


def huge_exif_jpeg(segments: int) -> bytes:
    """Many metadata segments of the greatest size; the format allows it."""
    plain = encoded(four_colours(), "JPEG")
    segment = b"\xff\xe1\xff\xff" + b"Exif\0\0II*\0\x08\0\0\0" + bytes(65_519)
    return plain[:2] + segment * segments + plain[2:]


def wide_webp(width: int, height: int) -> bytes:
    """A little animation that claims a great canvas, which the decoder makes at once."""
    shades = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    small = encoded(shades[0], "WEBP", save_all=True, append_images=shades[1:])
    at = small.index(b"VP8X") + 12
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return small[:at] + canvas + small[at + 6 :]


def many_scans_jpeg(side: int, scans: int) -> bytes:
    """A progressive JPEG whose last scan is told again and again: little to send, long to decode."""
    plain = encoded(Image.new("L", (side, side), 128), "JPEG", progressive=True, quality=50)
    last = plain.rindex(b"\xff\xda")
    return plain[:last] + plain[last:-2] * scans + plain[-2:]
