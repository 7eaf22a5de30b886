"""What a fake provider has to tell when it is asked: a long poll, as messengers offer it.

    news = News()
    provider = Provider([Route("POST", "/v1/updates", news.answer), ...])
    news.tell({"id": "m1", ...}, {"id": "m2", ...})

`{"after": cursor, "wait": seconds}` → `{"updates": [...], "cursor": "2"}`; nothing new: an empty list after
the wait. The cursor is the number of the last update told; what lies before it may be forgotten, as providers
do, and is only kept here to be looked at. `most` updates come at once.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.support.provider import Request


class News:
    """In order; `asking` polls wait right now, `most_asking` did so at once at any time."""

    def __init__(self, *, most: int = 100, longest_seconds: float = 5.0) -> None:
        self.told: list[Any] = []
        self.asking = 0
        self.most_asking = 0
        self.furthest = 0
        """The highest cursor that anybody asked from: what lies before it was made safe."""
        self.longest_seconds = longest_seconds
        """Nobody is kept waiting longer, whatever they ask for."""
        self._most = most
        self._new = asyncio.Condition()
        self._waiting: set[asyncio.Task[None]] = set()

    def tell(self, *updates: Any) -> None:
        """From now on whoever asks is told these too."""
        self.told += updates
        task = asyncio.ensure_future(self._notify())
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def answer(self, request: Request) -> dict[str, Any]:
        """The route's answer."""
        asked = request.json()
        after = int(asked["after"] or 0)
        self.furthest = max(self.furthest, after)
        self.asking += 1
        self.most_asking = max(self.most_asking, self.asking)
        try:
            await self._until(lambda: len(self.told) > after, min(asked["wait"], self.longest_seconds))
        finally:
            self.asking -= 1
        updates = self.told[after : after + self._most]
        return {"updates": updates, "cursor": str(after + len(updates))}

    async def _until(self, ready: Callable[[], bool], seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds), self._new:
                await self._new.wait_for(ready)
        except TimeoutError:
            return

    async def _notify(self) -> None:
        async with self._new:
            self._new.notify_all()
