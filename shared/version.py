"""The version of this release; all services of one release share it."""

from typing import Final

VERSION: Final = "0.1.0"
