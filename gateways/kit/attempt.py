"""One try to do one act, and what its end means: the table of fates, for a connector.

=====================  ===========================================  ==========================
raised                 the entry                                    besides
=====================  ===========================================  ==========================
nothing                sent
Retryable(dialog)      queued, paused for `after`
Retryable(account)     queued                                       the account pauses
Troubling              as `Retryable` of its scope                  a trouble, not a throttle
InPart                 as its reason; over in time: unconfirmed
ChannelDown            queued                                       the account stops, probes
Rejected               failed, with its code and words
Unconfirmed            unconfirmed                                  a trouble
Repeatable             as after a crash, paused for `after`         a trouble
Unavailable            queued, paused for a second (our database)
no answer in time      as after a crash                             a trouble
any other: our bug     as after a crash; at the fifth time failed   a trouble
=====================  ===========================================  ==========================

After a crash a message is sent again only where the provider drops repeats, or where the channel's own `send`
finds out first what became of an earlier try (`Resuming`); else it is `unconfirmed`. Every
other act is done again, `Unconfirmed` too, and failed at the fifth trouble.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from gateways.kit import acts
from gateways.kit.attachments import files_of, upload_seconds
from gateways.kit.channel import Channel, Resuming, Sent
from gateways.kit.health import Delivered, Paused, Sign, Stopped, Troubled
from gateways.kit.journal import INTERRUPTED, Entry, Outcome
from gateways.kit.retrying import InPart, Repeatable, Troubling
from shared.clock import Clock
from shared.contract.envelope import Envelope
from shared.contract.outbound import Act, DeleteMessage, EditMessage, SendMessage
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

NOT_SENT_WORDS: Final = "The message was not sent, or so long ago that it cannot be changed."
CANNOT_WORDS: Final = "This channel cannot do it: {capability}."


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a try ended, and what it tells of the account's health."""

    outcome: Outcome
    sign: Sign | None = None
    pause_until: int = 0
    """Until when the account is to be quiet, in microseconds since 1970."""


class Attempts:
    """Tries acts of one account through its channel."""

    def __init__(self, name: str, channel: Channel, clock: Clock) -> None:
        acts.require_verbs(channel)
        self.channel = channel
        self._name = name
        self._clock = clock
        self._troubles: Counter[UUID] = Counter()

    def after_crash(self, entry: Entry) -> Outcome:
        """What an entry becomes whose call began and was not seen to end."""
        safe = self.channel.capabilities.deduplicates or isinstance(self.channel, Resuming)
        if entry.part < 0 or safe:
            return Outcome(entry, "queued", code=INTERRUPTED if entry.part >= 0 else None)
        return Outcome(entry, "unconfirmed", code="unconfirmed", words=UNCONFIRMED_WORDS)

    async def make(self, entry: Entry, guard: Callable[[], None], names: tuple[str, ...] = ()) -> Attempt:
        """Calls the channel. `guard` raises `LeaseLost` when the account is not ours any more.

        `names`: the provider's, of the message that the act is about.
        """
        act = acts.named(acts.decode(entry), names)
        with tracing(act.traceparent):
            if refused := self._refused(entry, act):
                return Attempt(_about(act.data, refused))
            said = {"message_id": entry.message_id, "dialog_id": entry.dialog_id}
            verb = acts.VERBS[type(act.data)].name
            log.info("send_started" if entry.part >= 0 else "act_started", **said, verb=verb)
            started = time.monotonic()
            try:
                reach("in_sending")
                guard()
                async with asyncio.timeout(_seconds(act.data)):
                    sent = await acts.carry_out(self.channel, act)
            except LeaseLost:
                raise
            except Exception as error:  # noqa: BLE001  # the table above
                attempt = self._failed(entry, error)
                outcome = _as_begun(entry, error, attempt.outcome)
                attempt = replace(attempt, outcome=_about(act.data, outcome))
            else:
                OUTBOUND_SECONDS.labels(self._name).observe(time.monotonic() - started)
                self._troubles.pop(entry.message_id, None)
                attempt = Attempt(_done(entry, act.data, sent), Delivered())
            outcome = attempt.outcome
            event = _EVENTS[entry.part >= 0][outcome.state in ("sent", "reported")]
            log.info(event, **said, verb=verb, state=outcome.state, code=outcome.code)
        return attempt

    def _refused(self, entry: Entry, act: Envelope[Act]) -> Outcome | None:
        """An act that cannot be done; the router refuses by capabilities too, by those it knew."""
        if capability := acts.cannot(self.channel.capabilities, act.data):
            words = CANNOT_WORDS.format(capability=capability)
            return Outcome(entry, "failed", code="not_possible", words=words)
        if acts.names_needed(act.data):
            return Outcome(entry, "failed", code="message_not_sent", words=NOT_SENT_WORDS)
        return None

    def _failed(self, entry: Entry, error: Exception) -> Attempt:
        match error.why if isinstance(error, InPart) else error:
            case Retryable(after=after, scope="dialog") as error:
                trouble = Troubled(error.words) if isinstance(error, Troubling) else None
                return Attempt(Outcome(entry, "queued", paused_until=self._after(after)), trouble)
            case Troubling(after=after, words=words):
                return Attempt(Outcome(entry, "queued"), Troubled(words), self._after(after))
            case Retryable(after=after):
                now = self._clock.now()
                pause = Paused(now, now + timedelta(seconds=after))
                return Attempt(Outcome(entry, "queued"), pause, self._after(after))
            case ChannelDown(reason=reason):
                return Attempt(Outcome(entry, "queued"), Stopped(reason))
            case Rejected(code=code, words=words):
                return Attempt(Outcome(entry, "failed", code=code, words=words))
            case Repeatable(after=after, words=words):
                again = replace(self.after_crash(entry), paused_until=self._after(after))
                return Attempt(again, Troubled(words))
            case Unconfirmed(words=words) if entry.part >= 0:
                return Attempt(
                    Outcome(entry, "unconfirmed", code="unconfirmed", words=words), Troubled(words)
                )
            case Unavailable():
                return Attempt(Outcome(entry, "queued", paused_until=self._after(AGAIN_SECONDS)))
        return Attempt(self._troubled(entry, error), Troubled(_reason(error)))

    def _troubled(self, entry: Entry, error: Exception) -> Outcome:
        """Nobody knows what became of it: no answer in time, or a bug of ours."""
        unanswered = isinstance(error, TimeoutError | Unconfirmed)
        if not unanswered:
            log.error("send_failed", message_id=entry.message_id, exc_info=error)
        if not unanswered or entry.part < 0:
            self._troubles[entry.message_id] += 1
        if self._troubles[entry.message_id] >= MAX_ATTEMPTS:
            del self._troubles[entry.message_id]
            code = "unconfirmed" if unanswered else "internal"
            return Outcome(entry, "failed", code=code, words=_reason(error))
        outcome = self.after_crash(entry)
        if outcome.state == "queued":
            return replace(outcome, paused_until=self._after(AGAIN_SECONDS))
        return outcome

    def _after(self, seconds: float) -> int:
        return to_micros(self._clock.now()) + int(seconds * 1_000_000)


def _seconds(act: Act) -> float:
    """How long a try may take; files take their time."""
    files = files_of(act.content) if isinstance(act, SendMessage | EditMessage) else ()
    return SEND_SECONDS + sum(upload_seconds(file.size_bytes or 0) for file in files)


def _about(act: Act, outcome: Outcome) -> Outcome:
    """The outcome with the names of the message that the act was about."""
    if not isinstance(act, EditMessage | DeleteMessage):
        return outcome
    return replace(outcome, external_ids=act.external_ids)


def _as_begun(entry: Entry, error: Exception, outcome: Outcome) -> Outcome:
    """The outcome of a try of what the provider has in part, or may have from an earlier one."""
    begun = entry.interrupted or isinstance(error, InPart)
    if not begun or outcome.state != "queued" or outcome.code is not None:
        return outcome
    return replace(outcome, code=INTERRUPTED)


def _reason(error: Exception) -> str:
    """Words for operators; those of a bug may hold anything, so its name alone is told."""
    match error:
        case Unconfirmed(words=words):
            return words
        case TimeoutError():
            return UNCONFIRMED_WORDS
    return type(error).__name__


_EVENTS: Final = {True: ("message_not_sent", "message_sent"), False: ("act_not_done", "act_done")}


def _done(entry: Entry, act: Act, sent: Sent | None) -> Outcome:
    """What an entry becomes when the provider did it; a change keeps the names of what it changed."""
    if isinstance(act, SendMessage):
        if sent is None:
            raise TypeError("a channel's send returns what was sent")
        return Outcome(entry, "sent", external_ids=sent.external_ids, sequence=sent.sequence)
    if isinstance(act, EditMessage | DeleteMessage):
        return _about(act, Outcome(entry, "sent"))
    return Outcome(entry, "reported")
