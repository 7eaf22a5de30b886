"""Fetches the files of one account: a waiting row ──▶ its bytes as a blob ──▶ a fact that completes it.

==========================================  ==========================================================
a try ended with                            the file
==========================================  ==========================================================
nothing                                     is stored: `AttachmentStored`
Blocked, TooLarge, Rejected                 cannot be had: `AttachmentFailed`, with words
Retryable                                   later, as it says
ChannelDown                                 later; the account stops, and its probe says when it is back
Unavailable: our database or our blobs      soon
any other, or no end in time                later and later; at the last of `MOST_TRIES` it failed
==========================================  ==========================================================

Whatever it waits for: after `PATIENCE` it failed. A blob is whole or absent, so one that is there already is
not fetched again: a process that ended between blob and fact costs nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NoReturn

from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit import media
from gateways.kit.acceptance import Acceptance
from gateways.kit.channel import Channel, Fetching
from gateways.kit.condition import Account, Condition
from gateways.kit.download import download
from gateways.kit.health import Stopped
from gateways.kit.http import FILE_LIMITS, GuardedClient, Limits
from gateways.kit.intake import about_file
from gateways.kit.media import Ended, Job
from gateways.kit.polling import Rhythm
from gateways.kit.unfetched import Blocked, TooLarge, Unfetched
from shared.clock import Clock
from shared.contract.inbound import AttachmentFailed, AttachmentStored
from shared.db.engine import reading
from shared.db.lease import Lease
from shared.db.types import to_micros
from shared.failure import ChannelDown, LeaseLost, Rejected, Retryable, Unavailable
from shared.faultpoint import reach
from shared.files import blobs as files
from shared.files.blobs import Blobs
from shared.files.kinds import HEAD_BYTES, kind_of, sniff
from shared.files.preview import keep_preview
from shared.log import get_logger
from shared.metrics import MEDIA_FAILED
from shared.trace import tracing

log = get_logger()

AT_ONCE: Final = 4
"""Files of one account that are fetched side by side."""
RHYTHM: Final = Rhythm(first_seconds=1.0, longest_seconds=600.0)
MOST_TRIES: Final = 10
PATIENCE: Final = timedelta(days=1)
TICK_SECONDS: Final = 1.0
SOON_SECONDS: Final = 1.0
FAILED_WORDS: Final = "The file could not be fetched. {why}"
TIMED_OUT_WORDS: Final = "It did not come whole in time."
OURS_WORDS: Final = "Something went wrong on our side."


@dataclass(frozen=True, slots=True)
class Media:
    """Where bytes come from and go to. `provider` may reach what the settings permit, `anywhere` never."""

    blobs: Blobs
    provider: GuardedClient
    anywhere: GuardedClient
    limits: Limits = FILE_LIMITS
    rhythm: Rhythm = RHYTHM
    most_tries: int = MOST_TRIES


class Fetcher:
    """`run` it while the account is ours; `wanted` is set when there may be something to fetch."""

    def __init__(
        self,
        account: Account,
        channel: Channel,
        media: Media,
        acceptance: Acceptance,
        lease: Lease,
        condition: Condition,
        clock: Clock,
        wanted: asyncio.Event,
    ) -> None:
        self._account = account
        self._channel = channel
        self._media = media
        self._acceptance = acceptance
        self._lease = lease
        self._condition = condition
        self._clock = clock
        self._wanted = wanted
        self._in_hand: dict[str, Job] = {}

    @property
    def idle(self) -> bool:
        """Whether nothing is being fetched."""
        return not self._in_hand

    async def run(self) -> NoReturn:
        """Fetches until cancelled, which is safe at any point; raises `LeaseLost` only."""
        async with asyncio.TaskGroup() as group:
            while True:
                for job in await self._next():
                    self._in_hand[job.blob] = job
                    group.create_task(self._carry_out(job))
                await self._wait()
        raise AssertionError("it never ends")

    async def _next(self) -> list[Job]:
        self._lease.check()
        self._wanted.clear()
        free = AT_ONCE - len(self._in_hand)
        if free <= 0 or self._condition.health.stopped:
            return []
        transactions = self._acceptance.transactions
        now, busy = to_micros(self._clock.now()), [job.attachment_id for job in self._in_hand.values()]
        try:
            async with reading(transactions.engine) as conn:
                jobs = await media.due(conn, self._account.slug, now, free, busy)
            if jobs:
                async with transactions.writing() as conn:
                    await self._lease.fence(conn)
                    await media.begin(conn, jobs)
        except Unavailable as error:
            log.warning("media_unavailable", account=self._account.slug, reason=str(error))
            return []
        return jobs

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(TICK_SECONDS):
                await self._wanted.wait()

    async def _carry_out(self, job: Job) -> None:
        with tracing(job.traceparent):
            try:
                await self._try(job)
            except Unavailable as error:
                log.warning("media_unavailable", account=self._account.slug, reason=str(error))
                await asyncio.sleep(SOON_SECONDS)
            finally:
                del self._in_hand[job.blob]
                self._wanted.set()

    async def _try(self, job: Job) -> None:
        """One try and what follows from its end; raises `Unavailable` where that could not be written."""
        try:
            self._lease.check()
            async with asyncio.timeout(self._media.limits.seconds):
                stored = await self._stored(job)
        except LeaseLost:
            raise
        except Exception as error:  # noqa: BLE001  # the table above
            await self._failed(job, error)
        else:
            reach("after_media_stored")
            log.info("file_fetched", attachment_id=job.attachment_id, bytes=stored.size_bytes)
            await self._tell(job, stored, "stored")

    async def _stored(self, job: Job) -> AttachmentStored:
        """The bytes as a blob, and what they are by their content."""
        blobs, file = self._media.blobs, job.wanted.file
        size = await blobs.size(job.blob)
        if size is None:
            async with aclosing(self._opened(job)) as chunks:
                size = await blobs.put(job.blob, chunks, limit=self._media.limits.bytes)
        head = b"".join([chunk async for chunk in blobs.read(job.blob, 0, HEAD_BYTES)])
        mime = sniff(head, file.name)
        drawn = await keep_preview(blobs, job.blob) if kind_of(mime) == "image" else None
        return AttachmentStored(
            dialog_id=job.dialog_id,
            message_id=job.wanted.message_id,
            attachment_id=job.attachment_id,
            mime_type=mime,
            size_bytes=size,
            width=file.width if drawn is None else drawn.image_width,
            height=file.height if drawn is None else drawn.image_height,
            duration_seconds=file.duration_seconds,
        )

    def _opened(self, job: Job) -> AsyncGenerator[bytes, None]:
        reference, limits = job.wanted.reference, self._media.limits
        if job.wanted.way == "provider":
            return download(self._media.provider, reference, limits)
        if job.wanted.way == "anywhere":
            return download(self._media.anywhere, reference, limits)
        if not isinstance(self._channel, Fetching):
            raise TypeError(f"{type(self._channel).__name__} wants files and has no fetch")
        return self._channel.fetch(reference)

    async def _failed(self, job: Job, error: Exception) -> None:
        """The rows of the table but the first. `job.tries` does not count the try that ended."""
        log.info(
            "file_not_fetched", attachment_id=job.attachment_id, reason=_code(error), tries=job.tries + 1
        )
        match error:
            case Retryable(after=after):
                return await self._later(job, error, after, counted=False)
            case ChannelDown(reason=reason):
                self._condition.hear(Stopped(reason))
                return await self._later(job, error, SOON_SECONDS, counted=False)
            case Unavailable():
                return await self._later(job, error, SOON_SECONDS, counted=False)
            case Blocked() | TooLarge() | Rejected() | files.TooLarge():
                return await self._give_up(job, error)
        if not isinstance(error, Unfetched | TimeoutError):
            log.error("fetch_failed", attachment_id=job.attachment_id, exc_info=error)
        if job.tries + 1 >= self._media.most_tries:
            return await self._give_up(job, error)
        return await self._later(job, error, self._media.rhythm.after(error, job.tries + 1), counted=True)

    async def _later(self, job: Job, error: Exception, seconds: float, *, counted: bool) -> None:
        now = self._clock.now()
        if to_micros(now - PATIENCE) > job.at:
            return await self._give_up(job, error)
        due_at = to_micros(now + timedelta(seconds=seconds))
        async with self._acceptance.transactions.writing() as conn:
            await self._lease.fence(conn)
            await media.postpone(conn, job, due_at, job.tries + counted)
        return None

    async def _give_up(self, job: Job, error: Exception) -> None:
        MEDIA_FAILED.labels(self._account.channel, _code(error)).inc()
        fact = AttachmentFailed(
            dialog_id=job.dialog_id,
            message_id=job.wanted.message_id,
            attachment_id=job.attachment_id,
            code=_code(error),
            words=FAILED_WORDS.format(why=_words(error)),
        )
        await self._tell(job, fact, "failed")

    async def _tell(self, job: Job, fact: AttachmentStored | AttachmentFailed, state: Ended) -> None:
        """The fact and the end of its row, in one transaction."""
        now = self._clock.now()
        row = about_file(fact, self._account.channel, self._account.slug, time=now)

        async def end(conn: AsyncConnection) -> None:
            await self._lease.fence(conn)
            await media.finish(conn, job, state)

        await self._acceptance.accept([row], end)


def _code(error: Exception) -> str:
    match error:
        case Unfetched() | Rejected():
            return error.code
        case files.TooLarge():
            return TooLarge.code
        case TimeoutError():
            return "too_slow"
        case Retryable():
            return "throttled"
        case ChannelDown():
            return "channel_down"
        case Unavailable():
            return "unavailable"
    return "internal"


def _words(error: Exception) -> str:
    """Words for operators; those of a bug may hold anything."""
    match error:
        case Unfetched() | Rejected():
            return error.words
        case files.TooLarge(limit=limit):
            return f"It is larger than {limit} bytes."
        case TimeoutError():
            return TIMED_OUT_WORDS
        case ChannelDown(reason=reason):
            return reason
        case Retryable():
            return "The provider put it off for too long."
    return OURS_WORDS
