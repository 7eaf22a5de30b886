"""Ctrl-C means: stop in order, exit 0. Works under make too, which by itself would die of it first.

Every wish to end (SIGINT, SIGTERM, SIGHUP) becomes KeyboardInterrupt; a second one does not wait any more.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

WISHES = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def wishes_interrupt() -> None:
    for wish in WISHES:
        signal.signal(wish, _interrupt)


def wishes_are_ignored() -> None:
    for wish in WISHES:
        signal.signal(wish, signal.SIG_IGN)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def own_foreground() -> Iterator[None]:
    """The terminal sends its Ctrl-C to the foreground group: that is us alone meanwhile, without make."""
    terminal = sys.stdin.fileno() if sys.stdin is not None and sys.stdin.isatty() else None
    if terminal is None or os.getpgrp() == os.getpid() or os.tcgetpgrp(terminal) != os.getpgrp():
        yield
        return
    former = os.getpgrp()
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # or handing the terminal over would stop us
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # make would not see a Ctrl-Z, and nobody could wake us
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        os.tcsetpgrp(terminal, former)


def end_with_make() -> None:
    """The make that runs us, if one does, hands no SIGINT down but waits for us: so we look after it."""
    make = os.getppid()
    if _name(make) in {"make", "gmake"} and _catches_interrupt(make):
        threading.Thread(target=_follow, args=(make,), daemon=True).start()


def _follow(make: int) -> None:
    while os.getppid() == make and _catches_interrupt(make):
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGINT)


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _catches_interrupt(pid: int) -> bool:
    """Once a signal has reached it, make restores the default before it waits for its children."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1)
