"""A service that misbehaves as its first argument says; started as a process of its own by the tests."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from shared import health
from shared.config import Settings, load
from shared.log import get_logger
from shared.service import Service, run

log = get_logger()
MODE = sys.argv[1] if len(sys.argv) > 1 else ""


class ProgramSettings(Settings):
    """Nothing of its own."""

    database_url: SecretStr = SecretStr("sqlite:///unused.db")


@asynccontextmanager
async def entered(name: str, *, leave_seconds: float = 0.0) -> AsyncIterator[str]:
    log.info("entered", what=name)
    try:
        yield name
    finally:
        await asyncio.sleep(leave_seconds)
        log.info("left", what=name)
        if MODE == "fails_to_leave" and name == "broker":
            raise RuntimeError("cannot leave")


async def loop_of(service: Service) -> None:
    await service.stopping.wait()
    await asyncio.sleep(0.2)
    log.info("batch_finished")


async def forever(name: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        log.info("cancelled", what=name)


async def fails() -> None:
    await asyncio.sleep(0.2)
    raise KeyError("planted-secret-of-the-broker and the reason")


async def deaf() -> None:
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(100)


async def ends() -> None:
    await asyncio.sleep(0.1)
    log.info("ending")


async def cancels_itself() -> None:
    await asyncio.sleep(0.1)
    never = asyncio.get_running_loop().create_future()
    never.cancel()
    await never


async def block() -> None:
    await asyncio.sleep(0.3)
    log.info("blocking")
    time.sleep(100)  # noqa: ASYNC251  # the fault under test


TASKS: dict[str, dict[str, Callable[[], Coroutine[Any, Any, None]]]] = {
    "task_fails": {"consumer": fails},
    "two_fail": {"consumer": fails, "publisher": fails},
    "task_ends": {"consumer": ends},
    "task_may_end": {"warming": ends},
    "cancelled_within": {"consumer": cancels_itself},
    "deaf_task": {"deaf one": deaf},
    "blocked_loop": {"blocker": block},
}


async def ok() -> health.Health:
    return health.OK


async def main(service: Service) -> None:
    if MODE == "fails_at_start":
        await service.enter(entered("database"))
        raise RuntimeError("cannot start")
    await service.enter(entered("database"))
    await service.enter(
        entered("broker", leave_seconds={"slow_to_leave": 60.0}.get(MODE, 0.0)), name="broker connection"
    )
    service.spawn(forever("ticker"), name="ticker")
    service.spawn(loop_of(service), name="loop", grace=5)
    service.check("broker", ok)
    for name, work in TASKS.get(MODE, {}).items():
        service.spawn(work(), name=name, may_end=MODE == "task_may_end")
    log.info("up")
    if MODE == "main_waits":
        await service.until_stopped()
        log.info("main_said_goodbye")
    if MODE == "main_never_returns":
        await asyncio.Event().wait()


if __name__ == "__main__":
    run("program", load(ProgramSettings, sys.argv), main)
