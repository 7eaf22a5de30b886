"""One try to send one message, and what its end means: the table of fates, for a connector.

=====================  ===========================================  ==========================
raised                 the entry                                    besides
=====================  ===========================================  ==========================
nothing                sent
Retryable(dialog)      queued, paused for `after`
Retryable(account)     queued                                       the account pauses
ChannelDown            queued                                       the account stops, probes
Rejected               failed, with its code and words
Unconfirmed            unconfirmed
Unavailable            queued, paused for a second (our database)
no answer in time      as after a crash
any other: our bug     as after a crash; at the fifth time failed
=====================  ===========================================  ==========================
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from gateways.kit.channel import Channel, Sent
from gateways.kit.journal import Entry, Outcome
from shared.clock import Clock
from shared.contract.envelope import Catalogue, Envelope
from shared.contract.outbound import SendMessage
from shared.db.types import to_micros
from shared.failure import MAX_ATTEMPTS, ChannelDown, LeaseLost, Rejected, Retryable, Unavailable, Unconfirmed
from shared.faultpoint import reach
from shared.log import get_logger
from shared.metrics import OUTBOUND_SECONDS
from shared.trace import tracing

log = get_logger()

SEND_SECONDS: Final = 60.0
AGAIN_SECONDS: Final = 1.0
UNCONFIRMED_WORDS: Final = "The provider did not confirm it: it may or may not have arrived."

_MESSAGES: Final = Catalogue(SendMessage)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a try ended. `down`: why the account stops; `account_pause`: for how many seconds it pauses."""

    outcome: Outcome
    down: str | None = None
    account_pause: float = 0.0


class Attempts:
    """Tries messages of one account through its channel."""

    def __init__(self, name: str, channel: Channel, clock: Clock) -> None:
        self.channel = channel
        self._name = name
        self._clock = clock
        self._bugs: Counter[UUID] = Counter()

    def decode(self, entry: Entry) -> Envelope[SendMessage]:
        """The act as it came; it was decoded before it was written, so this does not fail."""
        return cast(Envelope[SendMessage], _MESSAGES.decode(entry.body, SendMessage.TYPE))

    def after_crash(self, entry: Entry) -> Outcome:
        """What an entry becomes whose call began and was not seen to end."""
        if self.channel.capabilities.deduplicates:
            return Outcome(entry, "queued")
        return Outcome(entry, "unconfirmed", code="unconfirmed", words=UNCONFIRMED_WORDS)

    async def make(self, entry: Entry, guard: Callable[[], None]) -> Attempt:
        """Calls the channel. `guard` raises `LeaseLost` when the account is not ours any more."""
        act = self.decode(entry)
        with tracing(act.traceparent):
            log.info("send_started", message_id=entry.message_id, dialog_id=entry.dialog_id)
            started = time.monotonic()
            try:
                reach("in_sending")
                guard()
                async with asyncio.timeout(SEND_SECONDS):
                    sent = await self.channel.send(act)
            except LeaseLost:
                raise
            except Exception as error:  # noqa: BLE001  # the table above
                attempt = self._failed(entry, error)
            else:
                OUTBOUND_SECONDS.labels(self._name).observe(time.monotonic() - started)
                attempt = self._sent(entry, sent)
            log.info(
                "message_sent" if attempt.outcome.state == "sent" else "message_not_sent",
                message_id=entry.message_id,
                dialog_id=entry.dialog_id,
                state=attempt.outcome.state,
                code=attempt.outcome.code,
            )
        return attempt

    def _sent(self, entry: Entry, sent: Sent) -> Attempt:
        self._bugs.pop(entry.message_id, None)
        return Attempt(Outcome(entry, "sent", external_ids=sent.external_ids, sequence=sent.sequence))

    def _failed(self, entry: Entry, error: Exception) -> Attempt:
        match error:
            case Retryable(after=after, scope="dialog"):
                return Attempt(Outcome(entry, "queued", paused_until=self._after(after)))
            case Retryable(after=after):
                return Attempt(Outcome(entry, "queued"), account_pause=after)
            case ChannelDown(reason=reason):
                return Attempt(Outcome(entry, "queued"), down=reason)
            case Rejected(code=code, words=words):
                return Attempt(Outcome(entry, "failed", code=code, words=words))
            case Unconfirmed(words=words):
                return Attempt(Outcome(entry, "unconfirmed", code="unconfirmed", words=words))
            case Unavailable():
                return Attempt(Outcome(entry, "queued", paused_until=self._after(AGAIN_SECONDS)))
        if not isinstance(error, TimeoutError):
            log.error("send_failed", message_id=entry.message_id, exc_info=error)
            self._bugs[entry.message_id] += 1
            if self._bugs[entry.message_id] >= MAX_ATTEMPTS:
                del self._bugs[entry.message_id]
                return Attempt(Outcome(entry, "failed", code="internal", words=type(error).__name__))
        outcome = self.after_crash(entry)
        if outcome.state == "queued":
            outcome = Outcome(entry, "queued", paused_until=self._after(AGAIN_SECONDS))
        return Attempt(outcome)

    def _after(self, seconds: float) -> int:
        return to_micros(self._clock.now()) + int(seconds * 1_000_000)
