"""A thread that ends the process when the ordered stop takes too long, and says what was stuck.

It needs nothing of the event loop, which may be what is stuck; nor of the log, whose reader may be gone.
"""

import asyncio
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import PurePath
from typing import Final

from shared.log import get_logger

_REPORT_SECONDS: Final = 0.3
_FRAMES: Final = 6

log = get_logger()


class Watchdog:
    """Asleep until `start`; `seconds` later the process exits with 1."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._begun: queue.SimpleQueue[float] = queue.SimpleQueue()  # its put is safe in a signal handler
        self._main_thread = threading.get_ident()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._step: Callable[[], str] = lambda: "before the event loop"
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def attach(self, loop: asyncio.AbstractEventLoop, step: Callable[[], str]) -> None:
        """From now on the report names the loop's tasks, and the step that `step` says."""
        self._loop, self._step = loop, step

    def start(self) -> None:
        """The stop has begun. Only the first call counts."""
        self._begun.put(time.monotonic())

    def _watch(self) -> None:
        due = self._begun.get() + self._seconds
        time.sleep(max(0.0, due - time.monotonic()))
        report = threading.Thread(target=self._report, daemon=True)
        report.start()
        report.join(_REPORT_SECONDS)
        os._exit(1)

    def _report(self) -> None:
        frame = sys._current_frames().get(self._main_thread)  # noqa: SLF001  # there is no public way
        stack = traceback.format_stack(frame)[-_FRAMES:] if frame else []
        log.critical("stop_stuck", step=self._step(), tasks=self._tasks(), main_thread="".join(stack))

    def _tasks(self) -> list[str]:
        if self._loop is None:
            return []
        return sorted(task_place(task) for task in asyncio.all_tasks(self._loop))


def task_place(task: "asyncio.Task[object]") -> str:
    """The task's name and the calls in which it waits, outermost first."""
    calls = []
    waits: object = task.get_coro()
    while (frame := getattr(waits, "cr_frame", None)) is not None:
        calls.append(f"{frame.f_code.co_name} ({PurePath(frame.f_code.co_filename).name}:{frame.f_lineno})")
        waits = getattr(waits, "cr_await", None)
    return f"{task.get_name()}: {' > '.join(calls)}"
