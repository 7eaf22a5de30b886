"""The program that draws a preview: an image on stdin; on stdout a line of four sides, then WebP.

    640 480 4000 3000        width and height of the preview, of the image

It imports nothing of ours and is run with an empty environment. It limits itself before it reads a byte:
memory, processor time, output, descriptors. Whatever goes wrong is an exit code.
"""

import contextlib
import os
import resource
import sys
import warnings
from typing import Final

from PIL import Image

LONGEST_SIDE: Final = 640
MOST_PIXELS: Final = 50_000_000
_MEMORY: Final = 512 * 1024 * 1024
_PROCESSOR_SECONDS: Final = 6
_OUTPUT: Final = 2 * 1024 * 1024
_DESCRIPTORS: Final = 32

_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How to turn upright what a camera stored as told by EXIF."""


def limit_ourselves() -> None:
    os.nice(10)  # conversations come before pictures
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, _OUTPUT),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def draw() -> None:
    """Only the first frame is ever decoded; a bomb is refused by its header."""
    with Image.open(sys.stdin.buffer, formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
        width, height = image.size
        if width * height > MOST_PIXELS:
            sys.exit("too many pixels")
        orientation = 1
        with contextlib.suppress(Exception):  # a broken EXIF does not cost the picture
            orientation = image.getexif().get(_ORIENTATION, 1)
        small: Image.Image = image
        if image.mode not in ("RGB", "RGBA", "L", "LA", "CMYK", "YCbCr"):
            small = image.convert("RGBA" if image.has_transparency_data else "RGB")
        small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
        small = small.convert("RGBA" if small.has_transparency_data else "RGB")
    if orientation in _UPRIGHT:
        small = small.transpose(_UPRIGHT[orientation])
        if orientation >= 5:
            width, height = height, width
    bare = Image.frombytes(
        small.mode, small.size, small.tobytes()
    )  # pixels alone: no EXIF, no profile, no text
    sys.stdout.buffer.write(b"%d %d %d %d\n" % (*bare.size, width, height))
    bare.save(sys.stdout.buffer, "WEBP", quality=80, method=4)


if __name__ == "__main__":
    limit_ourselves()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    draw()
