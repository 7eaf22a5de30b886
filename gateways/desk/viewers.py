"""What each operator may see and do, as the store knows it, kept for those who are at work here.

`access` is a short name of all of it: a page that was shown under another one has to take a fresh snapshot.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, cast
from uuid import UUID

from pydantic_core import from_json

from gateways.desk.store_client import StoreClient
from shared.access import Clause, Viewer, sight
from shared.contract.feed import Sight
from shared.contract.rights import Right
from shared.failure import Unavailable
from shared.http.problem import Problem

FRESH_SECONDS: Final = 2.0
KEPT_SECONDS: Final = 3600.0


class UnknownOperator(Exception):
    """The store does not know the operator yet, or knows that it is switched off."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.disabled = code == "operator_disabled"


@dataclass(frozen=True, slots=True)
class Known:
    """An operator's state and sight, read at `seq`."""

    viewer: Viewer
    operator: dict[str, Any]
    seq: int
    clause: Clause = field(init=False)
    access: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "clause", sight(self.viewer))
        parts = [
            str(self.viewer.access_version),
            ",".join(sorted(self.viewer.rights)),
            ",".join(sorted(self.viewer.accounts)),
            ",".join(sorted(self.viewer.groups)),
        ]
        object.__setattr__(self, "access", blake2b("|".join(parts).encode(), digest_size=9).hexdigest())

    def sees(self, seen_by: Sight | None) -> bool:
        """Whether an entity with this sight is visible; none at all: it is not there."""
        if seen_by is None:
            return False
        if (scope := seen_by.scope) is not None:
            return self.clause.matches(scope)
        if seen_by.operator_id is not None:
            return seen_by.operator_id == self.viewer.operator_id
        return seen_by.right is None or seen_by.right in self.viewer.rights


@dataclass(slots=True)
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    known: Known | None = None
    read_at: float = 0.0


class Viewers:
    """Asked at each request and at each change of access; one query at a time per operator."""

    def __init__(self, store: StoreClient) -> None:
        self._store = store
        self._entries: dict[UUID, _Entry] = {}

    async def get(self, operator_id: UUID, *, at_least: int = 0) -> Known:
        """As of feed row `at_least` or later. Raises `UnknownOperator`, or `Unavailable`: nobody can tell."""
        entry = self._entries.setdefault(operator_id, _Entry())
        async with entry.lock:
            if entry.known is not None and at_least and entry.known.seq >= at_least:
                return entry.known
            return await self._read(operator_id, entry)

    async def lately(self, operator_id: UUID) -> Known:
        """As of two seconds ago or later; while the store is away, as it was last known."""
        entry = self._entries.setdefault(operator_id, _Entry())
        async with entry.lock:
            if entry.known is not None and time.monotonic() - entry.read_at < FRESH_SECONDS:
                return entry.known
            try:
                return await self._read(operator_id, entry)
            except Unavailable:
                if entry.known is None:
                    raise
                return entry.known

    def sweep(self) -> None:
        """Forgets whom nobody asked about for an hour."""
        limit = time.monotonic() - KEPT_SECONDS
        for operator_id, entry in list(self._entries.items()):
            if entry.read_at < limit and not entry.lock.locked():
                del self._entries[operator_id]

    async def _read(self, operator_id: UUID, entry: _Entry) -> Known:
        try:
            told = from_json(await self._store.get("/v1/viewer", viewer=operator_id))
        except Problem as refused:
            entry.known = None
            raise UnknownOperator(refused.kind.code) from None
        operator = told["operator"]
        viewer = Viewer(
            operator_id,
            frozenset(cast(list[Right], told["rights"])),
            frozenset(told["accounts"]),
            int(told["access_version"]),
            frozenset(operator.get("groups", ())),
        )
        if operator.get("disabled"):
            entry.known = None
            raise UnknownOperator("operator_disabled")
        entry.known = Known(viewer, operator, int(told["seq"]))
        entry.read_at = time.monotonic()
        return entry.known
