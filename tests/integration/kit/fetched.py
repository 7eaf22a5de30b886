"""A channel that has every file, and the fetcher of one account over a gateway's database."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gateways.kit.addresses import Guard
from gateways.kit.condition import Account, Condition
from gateways.kit.fetching import Fetcher, Media
from gateways.kit.http import GuardedClient, Limits
from gateways.kit.media import Wanted, Way, attachment_id, media_table
from gateways.kit.polling import Rhythm
from gateways.kit.spool import SpoolRow
from shared.clock import Clock, SystemClock
from shared.contract.content import File
from shared.contract.envelope import Catalogue
from shared.contract.inbound import AttachmentFailed, AttachmentStored
from shared.db.engine import reading
from shared.db.lease import Lease
from shared.files.blobs import Blobs
from tests.integration.kit.heard import CHANNEL, Kept, gateway_database, said
from tests.integration.kit.scripted import Scripted
from tests.support.waiting import eventually

BYTES = b"some bytes"
MESSAGE = UUID(int=1)
CATALOGUE = Catalogue(AttachmentStored, AttachmentFailed)


class Shelf(Scripted):
    """Has every file; `script["fetch"]` holds what happens at each try before."""

    async def fetch(self, reference: str) -> AsyncGenerator[bytes, None]:
        self.tries.append(reference)
        yield BYTES[:4]
        if self.script["fetch"]:
            raise self.script["fetch"].popleft()
        yield BYTES[4:]


class Deaf(Scripted):
    """Announces no files, and yet a fact of its names one."""


@dataclass
class Desk:
    """An account's fetcher and what came of its work."""

    kept: Kept
    media: Media
    lease: Lease
    condition: Condition
    wanted: asyncio.Event

    async def want(self, reference: str, way: Way = "channel", place: int = 0) -> str:
        """A message with a file, accepted; the name of its blob."""
        file = File(attachment_id=attachment_id(MESSAGE, place), name="a.txt")
        row = replace(said("chat", reference, "look"), files=(Wanted(MESSAGE, file, reference, way),))
        await self.kept.acceptance.accept([row])
        self.wanted.set()
        return str(file.attachment_id)

    async def told(self) -> list[AttachmentStored | AttachmentFailed]:
        rows: list[SpoolRow] = await self.kept.rows()
        decoded = [CATALOGUE.decode(row.body, row.type).data for row in rows]
        return [one for one in decoded if isinstance(one, AttachmentStored | AttachmentFailed)]

    async def rows(self) -> list[Any]:
        async with reading(self.kept.engine) as conn:
            table = media_table(sa.MetaData())
            return list(await conn.execute(sa.select(table).order_by(table.c.at)))


@asynccontextmanager
async def desk(
    url: str,
    folder: Path,
    channel: Scripted,
    *,
    permitted: str = "",
    seconds: float = 5,
    clock: Clock | None = None,
) -> AsyncIterator[Desk]:
    clock = clock or SystemClock()
    limits = Limits(bytes=1000, seconds=seconds, connect_seconds=0.5, answer_seconds=0.5)
    async with (
        gateway_database(url) as kept,
        GuardedClient(Guard(filter(None, [permitted]))) as provider,
        GuardedClient() as anywhere,
    ):
        media = Media(
            Blobs.open(f"file://{folder / 'blobs'}"), provider, anywhere, limits, Rhythm(0, 0.01, 0.05), 4
        )
        lease = Lease(kept.engine, "invented.main", "me", 60)  # nobody renews it
        await lease.acquire()
        account = Account(CHANNEL, "main")
        made = Desk(kept, media, lease, Condition(account, clock), asyncio.Event())
        fetcher = Fetcher(account, channel, media, kept.acceptance, lease, made.condition, clock, made.wanted)
        task: asyncio.Task[None] = asyncio.create_task(fetcher.run())
        try:
            yield made
            with suppress(AssertionError):  # a fetch that never ends is the test's own
                await eventually(lambda: fetcher.idle, seconds=2)
        finally:
            task.cancel()
            (ended,) = await asyncio.gather(task, return_exceptions=True)
            await lease.release()
        assert isinstance(ended, asyncio.CancelledError | BaseExceptionGroup), ended
