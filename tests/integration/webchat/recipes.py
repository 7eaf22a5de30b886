"""Big and strange inputs from small recipes, each at most 5 MB, made before the clock runs.

{"make": "repeat", "of": "x", "times": 3}               →  "xxx"
{"make": "join", "of": ["a", {"make": "hex", …}]}       →  the pieces in a row
{"make": "nest", "depth": 3, "open": "[", "close": "]"} →  "[[[]]]"
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from tests.integration.files import pictures

MOST_BYTES: Final = 5_000_000
_MEGABYTE: Final = 1_000_000


def made(value: Any) -> Any:
    """`value` with every recipe in it carried out."""
    if isinstance(value, list):
        return [made(one) for one in value]
    if not isinstance(value, dict):
        return value
    arguments = {name: made(one) for name, one in value.items() if name != "make"}
    if "make" not in value:
        return arguments
    result = _RECIPES[value["make"]](**arguments)
    assert len(result) <= MOST_BYTES, value
    return result


def as_bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


def _repeat(of: str | bytes, times: int) -> str | bytes:
    return of * times


def _join(of: Sequence[str | bytes]) -> str | bytes:
    return "".join(map(str, of)) if all(isinstance(one, str) for one in of) else b"".join(map(as_bytes, of))


def _nest(depth: int, open: str, close: str = "", inside: str = "") -> str:  # noqa: A002  # the data's word
    return open * depth + inside + close * depth


def _around(before: str, after: str, first: int, last: int) -> list[str]:
    """One text for each depth: lists in lists between two halves of a frame."""
    return [before + "[" * depth + "]" * depth + after for depth in range(first, last + 1)]


def _hex(of: str) -> bytes:
    return bytes.fromhex(of)


def _gzip(of: str | bytes) -> bytes:
    return gzip.compress(as_bytes(of), mtime=0)


@cache
def _gzip_of_zeros(megabytes: int) -> bytes:
    """Blocks that do not look back are the same bytes each time."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(_MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    check = 0
    for _ in range(megabytes):
        check = zlib.crc32(bytes(_MEGABYTE), check)
    tail = struct.pack("<II", check, megabytes * _MEGABYTE % (1 << 32))
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + block * megabytes + packer.flush() + tail


def _zip_of_zeros(megabytes: int, files: int, layers: int = 1) -> bytes:
    inside = bytes(megabytes * _MEGABYTE)
    for _ in range(layers):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(files):
                archive.writestr(f"{number}.zip", inside)
        inside = stream.getvalue()
    return inside


def _picture(kind: str, width: int = 80, height: int = 40) -> bytes:
    return pictures.encoded(pictures.four_colours(width, height), kind)


def _chunked(of: str | bytes, size: int) -> bytes:
    body = as_bytes(of)
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


_RECIPES: Final[dict[str, Callable[..., Any]]] = {
    "repeat": _repeat,
    "join": _join,
    "nest": _nest,
    "around": _around,
    "hex": _hex,
    "gzip": _gzip,
    "gzip of zeros": _gzip_of_zeros,
    "zip of zeros": _zip_of_zeros,
    "chunked": _chunked,
    "picture": _picture,
    "png": pictures.png,
    "gif": pictures.long_gif,
    "exif": pictures.huge_exif_jpeg,
    "webp": pictures.wide_webp,
    "scans": pictures.many_scans_jpeg,
}
