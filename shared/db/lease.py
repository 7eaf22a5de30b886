"""One active process by name: a row `(name, owner, epoch, until)` on the database's clock.

Renewed each second, over after five without renewal. Every transaction of the active one updates the row
`WHERE owner = me AND epoch = mine` (`fence`), so whoever was frozen and wakes up changes nothing. Who has not
reached the database for three fifths of the lease gives up by itself. On SQLite one process runs: it holds a
`flock`, which the system releases at death, and the row only counts epochs.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn
from uuid import uuid4

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, Update, bindparam, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db.dialect import database_micros, insert, is_sqlite, micros_of
from shared.db.direct import run
from shared.db.engine import outages, writing
from shared.db.file_lock import FileLock
from shared.db.silence import end_silent
from shared.failure import LeaseLost, Unavailable
from shared.log import get_logger
from shared.metrics import LEASE_HELD

log = get_logger()

_LOOK_AGAIN_SECONDS: Final = 0.5


def leases_table(metadata: MetaData) -> Table:
    """The table `leases`, added to a service's own metadata; its migration creates it."""
    return Table(
        "leases",
        metadata,
        Column("name", Text, primary_key=True),
        Column("owner", Text, nullable=False),
        Column("epoch", BigInteger, nullable=False),
        Column("until", BigInteger, nullable=False),
    )


_leases: Final = leases_table(MetaData())


@cache
def _prolong(on_sqlite: bool) -> Update:
    mine = (
        _leases.c.name == bindparam("my_name"),
        _leases.c.owner == bindparam("my_owner"),
        _leases.c.epoch == bindparam("my_epoch"),
    )
    micros = bindparam("micros", type_=BigInteger)
    return update(_leases).where(*mine).values(until=micros_of(on_sqlite=on_sqlite) + micros)


class Lease:
    """A lease of one name. `owner` is for the reader of the table: each object counts as another owner."""

    def __init__(self, engine: AsyncEngine, name: str, owner: str, seconds: float = 5.0) -> None:
        self.name = name
        self.epoch = 0
        """Raised by each `acquire`; 0 while nothing is held."""
        self.inherited = False
        """Whether it was last taken from an owner that had not released it, and that may still be frozen."""
        self._engine = engine
        self._owner = f"{owner}/{uuid4().hex[:12]}"
        self._seconds = seconds
        self._reached = 0.0
        path = engine.url.database
        self._file = FileLock(Path(f"{path}.{name}.lock")) if is_sqlite(engine) and path else None

    @property
    def held(self) -> bool:
        """Whether surely nobody else can have it: the last renewal is younger than the lease."""
        if not self.epoch:
            return False
        if self._file is not None:
            return self._file.locked
        return time.monotonic() < self._reached + self._seconds

    async def acquire(self) -> None:
        """Returns as the owner; waits as long as somebody else is, or the database is away."""
        complaint = ""
        while True:
            try:
                if await self._take():
                    break
                words = "held by another"
            except Unavailable as error:
                words = str(error)
            with suppress(Unavailable):
                await end_silent(self._engine)
            if words != complaint:
                complaint = words
                log.info("lease_awaited", lease=self.name, reason=words)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS * random.uniform(0.5, 1.0))  # noqa: S311 - spreads standbys
        LEASE_HELD.labels(self.name).set(1)
        log.info("lease_acquired", lease=self.name, epoch=self.epoch, inherited=self.inherited)

    async def hold(self) -> NoReturn:
        """Renews until it is lost, then raises `LeaseLost`."""
        while True:
            await asyncio.sleep(self._seconds / 5)
            try:
                await self._renew()
                await end_silent(self._engine)
            except Unavailable as error:
                if time.monotonic() - self._reached > self._seconds * 0.6:
                    self._lose(f"not renewed for {self._seconds * 0.6:g} s: {error}", error)

    async def fence(self, conn: AsyncConnection) -> None:
        """Locks the row for this transaction; raises `LeaseLost` when it is not ours any more."""
        mine = {"my_name": self.name, "my_owner": self._owner, "my_epoch": self.epoch, "micros": self._micros}
        if not self.epoch or await run(conn, _prolong(is_sqlite(conn)), mine) != 1:
            self._lose("another process has it")

    def check(self) -> None:
        """Raises `LeaseLost` unless surely held: asked before an effect that no transaction fences."""
        if not self.held:
            self._lose("not renewed in time")

    async def release(self) -> None:
        """Lets the next one in at once; never fails."""
        if not self.epoch:
            return
        theirs = update(_leases).where(_leases.c.name == self.name, _leases.c.owner == self._owner)
        with suppress(Unavailable), outages():
            async with asyncio.timeout(self._seconds * 0.4), writing(self._engine) as conn:
                await conn.execute(theirs.values(owner="", until=0))
        self._forget()
        log.info("lease_released", lease=self.name)

    async def _take(self) -> bool:
        if self._file is not None and not self._file.take():
            return False
        try:
            with outages():
                async with asyncio.timeout(self._seconds * 2), writing(self._engine) as conn:
                    return await self._take_row(conn)
        finally:
            if not self.epoch and self._file is not None:
                self._file.drop()  # cancelled or failed on the way: a lock without an owner

    async def _take_row(self, conn: AsyncConnection) -> bool:
        asked = time.monotonic()
        now = database_micros(conn)
        blank = insert(conn, _leases).values(name=self.name, owner="", epoch=0, until=0)
        look = select(_leases.c.owner, (_leases.c.until <= now).label("over")).where(
            _leases.c.name == self.name
        )
        row = (await conn.execute(look)).first()
        if row is None:
            await conn.execute(blank.on_conflict_do_nothing())
            row = (await conn.execute(look)).one()
        free: Any = true() if self._file else or_(_leases.c.until <= now, _leases.c.owner == self._owner)
        if not (self._file or row.over or row.owner == self._owner):
            return False
        grab = (
            update(_leases)
            .where(_leases.c.name == self.name, free)
            .values(owner=self._owner, epoch=_leases.c.epoch + 1, until=now + self._micros)
            .returning(_leases.c.epoch)
        )
        epoch = (await conn.execute(grab)).scalar_one_or_none()
        if epoch is None:
            return False
        self.epoch, self._reached = epoch, asked
        self.inherited = self._file is None and row.owner not in {"", self._owner}
        return True

    @property
    def _micros(self) -> int:
        return int(self._seconds * 1_000_000)

    async def _renew(self) -> None:
        if self._file is not None:
            return
        asked = time.monotonic()
        with outages():
            async with asyncio.timeout(self._seconds * 0.3), writing(self._engine) as conn:
                await self.fence(conn)
        self._reached = asked

    def _lose(self, words: str, cause: BaseException | None = None) -> NoReturn:
        if self.epoch:
            log.warning("lease_lost", lease=self.name, epoch=self.epoch, reason=words)
        self._forget()
        raise LeaseLost(f"lease {self.name}: {words}") from cause

    def _forget(self) -> None:
        self.epoch = 0
        LEASE_HELD.labels(self.name).set(0)
        if self._file is not None:
            self._file.drop()
