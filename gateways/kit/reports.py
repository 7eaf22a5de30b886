"""What the router is told when an act has ended: rows of the spool, written with the end itself.

=============  ======================================================================================
a message      `DeliveryReported`, however it ended
an edit        `MessageEdited`, once the provider did it
a deletion     `MessageDeleted`, once the provider did it
either failed  `DeliveryReported` of the message in the state that it has, with the code and words
a withdrawal   of a message that is not sent: that message is `failed`, code `withdrawn`
               too late: `DeliveryReported` of the message in the state that it has, code `too_late`
all else       nothing
=============  ======================================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from gateways.kit import acts
from gateways.kit.intake import heard, reported
from gateways.kit.journal import Entry, Outcome
from gateways.kit.ours import Message
from gateways.kit.spool import SpoolRow
from shared.contract.envelope import Envelope
from shared.contract.ids import fact_id
from shared.contract.inbound import (
    REPLAYED,
    DeliveryReported,
    DeliveryState,
    Fact,
    MessageDeleted,
    MessageEdited,
)
from shared.contract.outbound import Act, DeleteMessage, EditMessage, SendMessage
from shared.trace import child

WITHDRAWN_WORDS: Final = "It was taken back before it was sent."
TOO_LATE_WORDS: Final = "It is too late to take it back."


def told(outcomes: Sequence[Outcome], now: datetime) -> tuple[list[Outcome], list[SpoolRow]]:
    """The outcomes as they are written, those that nobody is told of as `reported`; and what is told."""
    ended: list[Outcome] = []
    rows: list[SpoolRow] = []
    for outcome in outcomes:
        row = None if outcome.state == "queued" else of_outcome(outcome, now)
        if row is not None:
            rows.append(row)
        quiet = row is None and outcome.state != "queued"
        ended.append(replace(outcome, state="reported") if quiet else outcome)
    return ended, rows


def of_outcome(outcome: Outcome, now: datetime) -> SpoolRow | None:
    """The row that tells of an entry's end; none where nothing is told."""
    act = acts.decode(outcome.entry)
    data = act.data
    if outcome.state == "queued" or outcome.state == "reported":  # noqa: PLR1714  # narrows the type
        return None
    if isinstance(data, SendMessage):
        return reported(
            data.dialog,
            data.message_id,
            state=outcome.state,
            not_after=outcome.entry.not_after,
            at=now,
            traceparent=child(act.traceparent),
            external_ids=outcome.external_ids,
            sequence=outcome.sequence,
            code=outcome.code,
            words=outcome.words,
        )
    fact = _of_change(data, outcome, now)
    return None if fact is None else _row(act, outcome.entry, fact, now)


def replayed(entry: Entry, now: datetime) -> SpoolRow | None:
    """Tells of a message that was given up and is sent again; none of another act."""
    act = acts.decode(entry)
    if not isinstance(act.data, SendMessage):
        return None
    return reported(
        act.data.dialog,
        act.data.message_id,
        state="queued",
        not_after=entry.not_after,
        at=now,
        traceparent=child(act.traceparent),
        code=REPLAYED,
    )


def too_late(withdrawal: Entry, message: Message, now: datetime) -> SpoolRow:
    """Tells who wanted a message back that it is gone."""
    act = acts.decode(withdrawal)
    fact = DeliveryReported(
        dialog=act.data.dialog,
        message_id=withdrawal.message_id,
        state=_state(message),
        code="too_late",
        words=TOO_LATE_WORDS,
        at=now,
    )
    return _row(act, withdrawal, fact, now)


def _of_change(act: Act, outcome: Outcome, now: datetime) -> Fact | None:
    """`external_ids` of the outcome are the names of the message that the act was about."""
    if not isinstance(act, EditMessage | DeleteMessage):
        return None
    if outcome.state == "failed":
        state: DeliveryState = "sent" if outcome.external_ids else "queued"
        return DeliveryReported(
            dialog=act.dialog,
            message_id=act.message_id,
            state=state,
            code=outcome.code,
            words=outcome.words,
            at=now,
        )
    if outcome.state != "sent" or not outcome.external_ids:
        return None
    name = outcome.external_ids[0]
    if isinstance(act, EditMessage):
        return MessageEdited(dialog=act.dialog, external_id=name, content=act.content, edited_at=now)
    return MessageDeleted(dialog=act.dialog, external_id=name, deleted_at=now)


def _row(act: Envelope[Act], entry: Entry, fact: Fact, now: datetime) -> SpoolRow:
    identity = fact_id("act", str(entry.message_id), f"{entry.part} {fact.TYPE}")
    return heard(
        fact, identity=identity, time=now, traceparent=child(act.traceparent), reports=entry.message_id
    )


def _state(message: Message) -> DeliveryState:
    """What is known of a message; one that was reported keeps its names or its code."""
    if message.state != "reported":
        return "unconfirmed" if message.state == "sending" else message.state
    if message.external_ids or message.code is None:
        return "sent"
    return "unconfirmed" if message.code == "unconfirmed" else "failed"
