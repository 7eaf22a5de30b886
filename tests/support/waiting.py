"""Waiting for a condition instead of sleeping: the test goes on at once, or fails with what it last saw."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

Seen = TypeVar("Seen")


@overload
async def eventually(
    look: Callable[[], Awaitable[Seen]], *, seconds: float = 10, every_seconds: float = 0.02
) -> Seen: ...


@overload
async def eventually(
    look: Callable[[], Seen], *, seconds: float = 10, every_seconds: float = 0.02
) -> Seen: ...


async def eventually(look: Callable[[], Any], *, seconds: float = 10, every_seconds: float = 0.02) -> Any:
    """What `look` returned when it was first truthy. An AssertionError of `look` means: not yet."""
    until = time.monotonic() + seconds
    while True:
        refused: AssertionError | None = None
        seen: object = None
        try:
            found = look()
            result = await found if inspect.isawaitable(found) else found
            if result:
                return result
            seen = result
        except AssertionError as error:
            refused = error
        if time.monotonic() >= until:
            raise AssertionError(f"not within {seconds} s; last seen: {refused or seen!r}") from refused
        await asyncio.sleep(every_seconds)


def eventually_blocking(
    look: Callable[[], Seen], *, seconds: float = 10, every_seconds: float = 0.02
) -> Seen:
    """The same for code without an event loop."""
    until = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() >= until:
            raise AssertionError(f"not within {seconds} s; last seen: {seen!r}")
        time.sleep(every_seconds)
    return seen
