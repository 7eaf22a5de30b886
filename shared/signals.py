"""SIGTERM and SIGINT: the first asks for the ordered stop, a second ends the process at once.

A terminal and a supervisor may both tell us about one Ctrl-C, with different signals: within a second that
counts as one. Handlers run between bytecodes, so even a busy event loop is told.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final, Self

SAME_WISH_SECONDS: Final = 1.0
_WATCHED: Final = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Handlers for the time of a `with` block; `on_first` is called in the handler itself."""

    def __init__(self, on_first: Callable[[], None]) -> None:
        self._on_first = on_first
        self._first: tuple[int, float] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: Callable[[], None] = lambda: None
        self._before: dict[signal.Signals, Any] = {}

    def attach(self, loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
        """Call `stop` in this loop at the first signal; at once when it has come already."""
        self._loop, self._stop = loop, stop
        if self._first is not None:
            loop.call_soon(stop)

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._handle) for number in _WATCHED}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = (number, now)
            self._on_first()
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._stop)
        elif number == self._first[0] or now - self._first[1] > SAME_WISH_SECONDS:
            os._exit(128 + number)
