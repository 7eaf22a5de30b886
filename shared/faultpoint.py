"""Named places where a test may end the process, as a crash would: nothing is flushed, closed or told.

`SWITCHBOARD_FAULT_AT=after_commit` ends it at the first arrival at `after_commit`, `after_commit:3` at the
third. `SWITCHBOARD_FAULT_ON=raise:m1,kill:m2` plants a bug of ours: whoever handles what is marked `m1`
raises, with `m2` the process ends. Without the variables an arrival costs one comparison.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import Final, NoReturn

_NAME, _, _COUNT = os.environ.get("SWITCHBOARD_FAULT_AT", "").partition(":")
_NTH = int(_COUNT or 1)
_arrivals: Counter[str] = Counter()

_BUGS = [bug.partition(":") for bug in os.environ.get("SWITCHBOARD_FAULT_ON", "").split(",")]
_PLANTED: Final = {mark: deed for deed, _, mark in _BUGS if mark}


def reach(name: str) -> None:
    """Here the process ends, if the environment says so."""
    if name != _NAME:
        return
    _arrivals[name] += 1
    if _arrivals[name] == _NTH:
        _end(f"{name}:{_NTH} reached")


def stumble(what: object) -> None:
    """Here a bug strikes, if one is planted for the `external_id` of what is handled."""
    if not _PLANTED:
        return
    mark = getattr(what, "external_id", None)
    deed = _PLANTED.get(mark) if isinstance(mark, str) else None
    if deed == "raise":
        raise PlantedError(f"a bug is planted on {mark}")
    if deed == "kill":
        _end(f"on {mark}")


class PlantedError(Exception):
    """A bug of ours that a test planted."""


def _end(why: str) -> NoReturn:
    sys.stderr.write(f"faultpoint {why}, pid {os.getpid()} ends\n")
    sys.stderr.flush()
    os._exit(137)
