"""Named places where a test may end the process, as a crash would: nothing is flushed, closed or told.

`SWITCHBOARD_FAULT_AT=after_commit` ends it at the first arrival at `after_commit`, `after_commit:3` at the
third. Without the variable an arrival costs one comparison.
"""

from __future__ import annotations

import os
import sys
from collections import Counter

_NAME, _, _COUNT = os.environ.get("SWITCHBOARD_FAULT_AT", "").partition(":")
_NTH = int(_COUNT or 1)
_arrivals: Counter[str] = Counter()


def reach(name: str) -> None:
    """Here the process ends, if the environment says so."""
    if name != _NAME:
        return
    _arrivals[name] += 1
    if _arrivals[name] == _NTH:
        sys.stderr.write(f"faultpoint {name}:{_NTH} reached, pid {os.getpid()} ends\n")
        sys.stderr.flush()
        os._exit(137)
