"""Counters of folders and accounts: the store counts, and is asked for one operator at most once a second."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json

from gateways.desk.store_client import StoreClient

EVERY_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Counted:
    seq: int
    folders: list[Any]
    accounts: list[Any]


@dataclass(slots=True)
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    counted: Counted | None = None
    asked_at: float = float("-inf")


class Counters:
    def __init__(self, store: StoreClient) -> None:
        self._store = store
        self._entries: dict[UUID, _Entry] = {}

    async def after(self, operator_id: UUID, seq: int) -> Counted:
        """Counted at feed row `seq` or later; waits until the store may be asked again."""
        entry = self._entries.setdefault(operator_id, _Entry())
        async with entry.lock:
            if entry.counted is not None and entry.counted.seq >= seq:
                return entry.counted
            pause = entry.asked_at + EVERY_SECONDS - time.monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            entry.asked_at = time.monotonic()
            told = from_json(await self._store.get("/v1/folders", viewer=operator_id))
            entry.counted = Counted(int(told["seq"]), told["folders"], told.get("accounts", []))
            return entry.counted

    def sweep(self) -> None:
        """Forgets whom nobody counted for an hour."""
        limit = time.monotonic() - 3600
        for operator_id, entry in list(self._entries.items()):
            if entry.asked_at < limit and not entry.lock.locked():
                del self._entries[operator_id]
