"""Where mails of strangers are read: in processes of their own, which cannot block or break the gateway.

    async with ReadingRoom() as room:
        mail = await room.read(raw)          # several at once: they share the workers

A mail has five seconds and one gigabyte. A worker that takes more is killed and replaced, its mail is
`UnreadableMail`, and the others that it held are read by the next one. A worker that died is not proof that
its mail killed it: the mail is read once more, alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from gateways.email.mail import Mail, UnreadableMail
from gateways.email.reading.frames import HEAD, READY, Refused, request, value
from gateways.email.reading.prescan import refusal
from shared.log import get_logger

_ROOT: Final = Path(__file__).parents[3]
_KEPT_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
_BATCH_MAILS: Final = 8
_BATCH_BYTES: Final = 1024 * 1024
_SENDING_SECONDS: Final = 30.0
_STARTING_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 1.0
_PIECE_BYTES: Final = 64 * 1024
_BUFFER_BYTES: Final = 1024 * 1024

log = get_logger()


class _Job:
    def __init__(self, raw: bytes, believed: Collection[str]) -> None:
        self.frame = request(raw, believed)
        self.done: asyncio.Future[Mail] = asyncio.get_running_loop().create_future()
        self.sent = asyncio.Event()
        self.crashed = False
        """Its worker died once already."""

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class _Died(Exception):
    """The worker is gone and has not answered."""


class ReadingRoom:
    def __init__(self, *, workers: int = 2, seconds: float = 5.0) -> None:
        self._seconds = seconds
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._workers = [_Worker(self._jobs, seconds) for _ in range(workers)]
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(worker.work(), name="reading") for worker in self._workers]
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._jobs.empty():
            self._jobs.get_nowait().done.cancel()

    async def read(self, raw: bytes, *, believed: Collection[str] = ()) -> Mail:
        """Raises `UnreadableMail`."""
        job = _Job(raw, believed)
        self._jobs.put_nowait(job)
        return await job.done

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the workers that run now."""
        return tuple(worker.pid for worker in self._workers if worker.pid is not None)


class _Worker:
    """Keeps one process busy, and replaces it."""

    def __init__(self, jobs: asyncio.Queue[_Job], seconds: float) -> None:
        self._jobs = jobs
        self._seconds = seconds
        self._process: Process | None = None
        self._ready = False

    @property
    def pid(self) -> int | None:
        """Of its process, if that is there and ready."""
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and alive and self._ready else None

    async def work(self) -> None:
        batch: list[_Job] = []
        try:
            while True:
                try:
                    if self.pid is None:
                        await self._start()
                    batch = batch or await self._next_batch()
                    batch = await self._read_batch(batch)
                except OSError as error:  # no process to be had now: the mails wait
                    log.warning("reader_not_started", error=str(error))
                    await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            for job in batch:
                job.done.cancel()
            await self._stop()

    async def _next_batch(self) -> list[_Job]:
        """Several small mails, or a big one by itself: each answer is a change of process."""
        batch = [await self._jobs.get()]
        size = len(batch[0].frame)
        while len(batch) < _BATCH_MAILS and size < _BATCH_BYTES and not self._jobs.empty():
            batch.append(self._jobs.get_nowait())
            size += len(batch[-1].frame)
        return batch

    async def _read_batch(self, batch: list[_Job]) -> list[_Job]:
        """What is left to read: after a death, all but the mail that the worker died of."""
        process = self._process if self.pid is not None and self._process else await self._start()
        waiting = list(batch)
        sending = asyncio.create_task(_send(process, batch))
        try:
            while waiting:
                answered = await self._answer(process, waiting[0])
                _tell(waiting.pop(0), answered)
        except TimeoutError:
            log.warning("mail_took_too_long", seconds=self._seconds, bytes=len(waiting[0].frame))
            waiting.pop(0).fail(refusal("time"))
            await self._stop()
        except _Died:
            await self._stop()
            waiting = await self._after_death(waiting)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        return waiting

    async def _answer(self, process: Process, job: _Job) -> Mail | Refused:
        """The time of a mail begins when all of it is there."""
        async with asyncio.timeout(_SENDING_SECONDS):
            await job.sent.wait()
        head = await _taken(process, HEAD.size, self._seconds)
        answered: Mail | Refused = value(await _taken(process, HEAD.unpack(head)[0], _SENDING_SECONDS))
        return answered

    async def _after_death(self, waiting: list[_Job]) -> list[_Job]:
        """The first one is read once more and alone; the second time it is the reason."""
        first, *others = waiting
        if first.crashed:
            log.warning("mail_broke_its_reader", bytes=len(first.frame))
            first.fail(refusal("crash"))
            return others
        first.crashed = True
        for job in await self._read_batch([first]):
            job.fail(refusal("crash"))
        return others

    async def _start(self) -> Process:
        await self._stop()
        environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateways.email.reading.worker",
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd=_ROOT,
            env=environment,
            limit=_BUFFER_BYTES,
        )
        try:
            await _taken(self._process, len(READY), _STARTING_SECONDS)
        except _Died:
            raise OSError("it ended before it was ready") from None
        self._ready = True
        return self._process

    async def _stop(self) -> None:
        process, self._process, self._ready = self._process, None, False
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


async def _taken(process: Process, size: int, seconds: float) -> bytes:
    if process.stdout is None:
        raise _Died
    try:
        async with asyncio.timeout(seconds):
            return await process.stdout.readexactly(size)
    except (asyncio.IncompleteReadError, ConnectionError):
        raise _Died from None


async def _send(process: Process, jobs: list[_Job]) -> None:
    """Ends early where the worker died: whoever waits for its answer learns of that."""
    for job in jobs:
        job.sent.clear()
    with contextlib.suppress(ConnectionError):
        for job in jobs:
            left = memoryview(job.frame)
            while left and process.stdin is not None:
                process.stdin.write(left[:_PIECE_BYTES])  # all at once would be moved for each bit that goes
                left = left[_PIECE_BYTES:]
                await process.stdin.drain()
            job.sent.set()
    for job in jobs:
        job.sent.set()


def _tell(job: _Job, answered: Mail | Refused) -> None:
    if job.done.done():
        return
    if isinstance(answered, Refused):
        if answered.place:
            log.error("mail_not_read", reason=answered.reason, place=answered.place)
        job.done.set_exception(UnreadableMail(answered.reason, answered.words))
    else:
        job.done.set_result(answered)
