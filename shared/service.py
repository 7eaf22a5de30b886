"""A service starts as a column you read downwards and stops in reverse.

    async def main(service: Service) -> None:
        engine = await service.enter(open_engine(...))
        broker = await service.enter(Broker(...))
        service.check("broker", ...)
        service.spawn(run_loop(...), name="loop", grace=10)

    run("router", load(RouterSettings, sys.argv[1:]), main)

`main` sets up and may return; the service then lives until it is told to stop. SIGTERM or SIGINT: readiness
says 503, then what was entered and spawned is left in reverse order within `drain_seconds`; a watchdog names
what is stuck and ends the process. A second signal ends it at once: every state is safe to be killed in.
A task that fails, or ends though nobody asked, is logged once, stops the service in the same order, exit 1.
"""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Any, Final, NoReturn, TypeVar

import uvloop

from shared import log as logging
from shared import metrics
from shared.config import Settings
from shared.health import Check, OpsServer
from shared.log import get_logger
from shared.signals import Signals
from shared.version import VERSION
from shared.watchdog import Watchdog

WATCHDOG_SECONDS: Final = 4.5
"""Beyond the drain; with its 20 s at most, a process is gone 25 s after it was told to stop."""

log = get_logger()
T = TypeVar("T")
Main = Callable[["Service"], Awaitable[None]]


class Service:
    """What `main` is given: a stack to enter, a group that owns its tasks, checks, and the wish to stop."""

    def __init__(
        self, name: str, settings: Settings, ops: OpsServer, stack: AsyncExitStack, group: asyncio.TaskGroup
    ):
        self.name = name
        self.settings = settings
        self.ops = ops
        self.stopping = asyncio.Event()
        self.step = "starting"
        self._stack = stack
        self._group = group
        self._failure: BaseException | None = None
        self._waits_for_stop = False

    async def enter(self, entered: AbstractAsyncContextManager[T], *, name: str = "") -> T:
        """Enter it now; it is left at the stop, after everything entered or spawned later."""
        name = name or type(entered).__name__
        return await self._stack.enter_async_context(_Step(self, name, entered))

    def on_stop(self, close: Callable[[], Awaitable[object]], *, name: str) -> None:
        """Call this at its turn of the stop."""

        async def called() -> None:
            self.step = f"stopping {name}"
            await close()

        self._stack.push_async_callback(called)

    def spawn(
        self, work: Coroutine[Any, Any, object], *, name: str, grace: float = 0.0, may_end: bool = False
    ) -> asyncio.Task[None]:
        """A task of the service's group. At its turn of the stop it has `grace` seconds to see `stopping` and
        return, then it is cancelled and waited for. Ending before is a failure unless it `may_end`."""
        task = self._group.create_task(self._guarded(work, name, may_end), name=name)

        async def end() -> None:
            self.step = f"stopping task {name}"
            if grace and not task.done():
                await asyncio.wait([task], timeout=grace)
            task.cancel()
            await asyncio.wait([task])

        self._stack.push_async_callback(end)
        return task

    def check(self, name: str, check: Check) -> None:
        """Readiness depends on this from now on."""
        self.ops.check(name, check)

    def stop(self) -> None:
        """Begin the ordered stop; calling it again changes nothing."""
        self.ops.drain()
        self.stopping.set()

    async def until_stopped(self) -> None:
        """For a `main` with something to do at the stop before anything is closed."""
        self._waits_for_stop = True
        await self.stopping.wait()

    def fail(self, error: BaseException, *, task: str) -> None:
        """Remember and log the first failure, and stop."""
        if self._failure is None:
            self._failure = error
            log.error("service_failed", task=task, exc_info=error)
        self.stop()

    @property
    def failed(self) -> bool:
        return self._failure is not None

    async def _guarded(self, work: Coroutine[Any, Any, object], name: str, may_end: bool) -> None:
        try:
            await work
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self.stopping.is_set() or (task is not None and task.cancelling()):
                raise
            self.fail(RuntimeError(f"task {name} was cancelled from within"), task=name)
        except Exception as error:  # noqa: BLE001  # whatever ends a task ends the service, in order
            self.fail(error, task=name)
        else:
            if not may_end and not self.stopping.is_set():
                self.fail(RuntimeError(f"task {name} ended though nobody stopped it"), task=name)

    async def live(self, main: Main) -> None:
        """Run `main`, then wait for the wish to stop. A `main` that still runs then is cancelled."""
        await self._stack.enter_async_context(self.ops)
        body = self._group.create_task(
            self._guarded(_as_coroutine(main(self)), "main", may_end=True), name="main"
        )
        wish = self._group.create_task(self.stopping.wait(), name="wish to stop")
        await asyncio.wait([body, wish], return_when=asyncio.FIRST_COMPLETED)
        if not self.stopping.is_set():
            self.step = "running"
            log.info("service_started", ops_port=self.ops.port)
            await wish
        if not self._waits_for_stop:
            body.cancel()
        self.step = "stopping main"
        await asyncio.wait([body])

    async def leave(self) -> None:
        """Leave everything in reverse; what takes longer than `drain_seconds` is named and cancelled."""
        self.stop()
        closing = self._group.create_task(
            self._guarded(self._stack.aclose(), "stop", may_end=True), name="stop"
        )
        await asyncio.wait([closing], timeout=self.settings.drain_seconds)
        if not closing.done():
            log.error("stop_overran", step=self.step, drain_seconds=self.settings.drain_seconds)
            self._failure = self._failure or TimeoutError(self.step)
            closing.cancel()
            await asyncio.wait([closing])
        self.step = "waiting for tasks"


class _Step(AbstractAsyncContextManager[T]):
    """An entered thing that says when it is being left."""

    def __init__(self, service: Service, name: str, entered: AbstractAsyncContextManager[T]) -> None:
        self._service, self._name, self._entered = service, name, entered

    async def __aenter__(self) -> T:
        self._service.step = f"starting {self._name}"
        return await self._entered.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        self._service.step = f"stopping {self._name}"
        return await self._entered.__aexit__(kind, error, trace)


async def _live(name: str, settings: Settings, main: Main, signals: Signals, watchdog: Watchdog) -> bool:
    """The whole life in one task group; says whether it failed."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_report)
    lag = metrics.LoopLag()
    ops = OpsServer(
        service=name,
        instance=settings.instance,
        version=VERSION,
        host=settings.ops_host,
        port=settings.ops_port,
        lag=lag,
    )
    async with asyncio.TaskGroup() as group:
        service = Service(name, settings, ops, AsyncExitStack(), group)
        watchdog.attach(loop, lambda: service.step)
        signals.attach(loop, service.stop)
        beat = group.create_task(lag.watch(), name="event loop lag")
        try:
            await service.live(main)
        except OSError as error:  # the operations port is taken
            service.fail(error, task="operations port")
        watchdog.start()
        await service.leave()
        beat.cancel()
    return service.failed


async def _as_coroutine(awaitable: Awaitable[None]) -> None:
    await awaitable


def _report(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What asyncio found and nobody awaited."""
    log.error(
        "event_loop_complained", words=str(context.get("message", "")), exc_info=context.get("exception")
    )


def _spare_collections() -> None:
    """Batches of decoded messages fill the young generation at once: searched for cycles each time, they cost
    a quarter of the processor. What was imported never goes, so it is not searched at all."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def run(name: str, settings: Settings, main: Main) -> NoReturn:
    """Run the service until it is told to stop; ends the process with 0, or with 1 after a failure."""
    _spare_collections()
    logging.configure(name, settings.instance, level=settings.log_level, secrets=settings.secrets())
    watchdog = Watchdog(settings.drain_seconds + WATCHDOG_SECONDS)
    signals = Signals(watchdog.start)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, signals:
        failed = runner.run(_live(name, settings, main, signals, watchdog))
    log.info("service_stopped", failed=failed)
    sys.exit(1 if failed else 0)
