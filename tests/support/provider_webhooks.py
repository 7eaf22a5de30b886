"""The other direction of a fake provider: it calls our webhook, repeated, turned round, all at once."""

import asyncio
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import aiohttp

Order: TypeAlias = Literal["given", "reversed", "shuffled"]


@dataclass(frozen=True)
class Webhook:
    """Where to, and how a body is signed: `sign` gives the headers of its proof."""

    url: str
    sign: Callable[[bytes], Mapping[str, str]] = lambda _body: {}
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    patience_seconds: float = 15.0


@dataclass(frozen=True)
class Pushed:
    """How a call ended; without `status` there was no answer, and `error` says why. `at` is monotonic."""

    at: float
    body: bytes
    status: int | None
    text: str = ""
    error: str = ""

    @property
    def ok(self) -> bool:
        return self.status is not None and self.status < 300


async def deliver(
    hook: Webhook, updates: Sequence[Any], *, times: int, order: Order, together: bool, seed: int = 1
) -> list[Pushed]:
    """Calls once for each of `updates`, `times` over; the outcomes stand in the order of the calls."""
    bodies = [_encoded(update) for _ in range(times) for update in updates]
    if order == "reversed":
        bodies.reverse()
    elif order == "shuffled":
        random.Random(seed).shuffle(bodies)
    async with aiohttp.ClientSession() as session:
        if not together:
            return [await _call(session, hook, body) for body in bodies]
        async with asyncio.TaskGroup() as group:
            calls = [group.create_task(_call(session, hook, body)) for body in bodies]
        return [call.result() for call in calls]


async def _call(session: aiohttp.ClientSession, hook: Webhook, body: bytes) -> Pushed:
    at = time.monotonic()
    headers = {**hook.headers, **hook.sign(body)}
    timeout = aiohttp.ClientTimeout(total=hook.patience_seconds)
    try:
        async with session.post(hook.url, data=body, headers=headers, timeout=timeout) as answer:
            return Pushed(at, body, answer.status, await answer.text())
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Pushed(at, body, None, error=type(error).__name__)


def _encoded(update: Any) -> bytes:
    if isinstance(update, bytes):
        return update
    return update.encode() if isinstance(update, str) else json.dumps(update, ensure_ascii=False).encode()
