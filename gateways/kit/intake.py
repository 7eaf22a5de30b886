"""Turns what a gateway heard into rows of the spool: the only way by which a fact leaves a gateway."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gateways.kit.media import Wanted
from gateways.kit.spool import SpoolRow
from shared.bus.outgoing import Outgoing
from shared.clock import uuid7
from shared.contract.envelope import Catalogue, Data, wrap
from shared.contract.ids import fact_id
from shared.contract.inbound import (
    AccountDeclared,
    AccountHealth,
    AttachmentFailed,
    AttachmentStored,
    DeliveryReported,
    DeliveryState,
    Fact,
    MessageHeard,
    RequestLeft,
    fact_word,
)
from shared.contract.people import DialogRef
from shared.db.inbox import KEPT
from shared.topology import INBOUND, inbound_key
from shared.trace import current

_MESSAGES: Final = Catalogue(MessageHeard)


def heard(
    fact: Fact,
    *,
    identity: UUID,
    time: datetime,
    traceparent: str | None,
    reports: UUID | None = None,
    files: tuple[Wanted, ...] = (),
) -> SpoolRow:
    """A fact of a dialog; `identity` is its id by shared/contract/ids.py. `files` of it are to be fetched."""
    dialog = fact.dialog
    key, body = _wire(
        fact,
        dialog.dialog_id,
        dialog.channel,
        dialog.account,
        identity=identity,
        time=time,
        trace=traceparent,
    )
    return SpoolRow(identity, dialog.dialog_id, dialog.account, key, fact.TYPE, body, reports, files)


def backfilled(row: SpoolRow) -> SpoolRow:
    """What was fetched; a message that is older than the deduplication keys by the provider's time is marked.

    Nobody could tell a repeat of it from a new one, so it goes to history and opens nothing (BY11).
    """
    if row.type != MessageHeard.TYPE:
        return row
    envelope = _MESSAGES.decode(row.body, row.type)
    said = envelope.data
    if not isinstance(said, MessageHeard) or said.backfill or said.sent_at is None:
        return row
    if said.received_at - said.sent_at <= KEPT:
        return row
    marked = envelope.model_copy(update={"data": said.model_copy(update={"backfill": True})})
    return replace(row, body=marked.encode())


def about_file(
    fact: AttachmentStored | AttachmentFailed, channel: str, account: str, *, time: datetime
) -> SpoolRow:
    """What became of a file that was to be fetched."""
    identity = fact_id("attachment", str(fact.attachment_id), fact_word(fact))
    key, body = _wire(fact, fact.dialog_id, channel, account, identity=identity, time=time, trace=current())
    return SpoolRow(identity, fact.dialog_id, account, key, fact.TYPE, body)


def left(request: RequestLeft, *, identity: UUID, time: datetime, traceparent: str | None) -> SpoolRow:
    """A form that somebody filled in; it belongs to no dialog, so its order is its own."""
    channel, account = request.channel, request.account
    key, body = _wire(request, identity, channel, account, identity=identity, time=time, trace=traceparent)
    return SpoolRow(identity, identity, account, key, request.TYPE, body)


def _wire(
    data: Data, dialog: UUID, channel: str, account: str, *, identity: UUID, time: datetime, trace: str | None
) -> tuple[str, bytes]:
    """The routing key and the envelope."""
    envelope = wrap(
        data, id=identity, source=f"{channel}/{account}", time=time, subject=str(dialog), traceparent=trace
    )
    return inbound_key(fact_word(data), channel, account), envelope.encode()


def reported(
    dialog: DialogRef,
    message_id: UUID,
    *,
    state: DeliveryState,
    not_after: int,
    at: datetime,
    traceparent: str | None,
    external_ids: tuple[str, ...] = (),
    sequence: int | None = None,
    code: str | None = None,
    words: str | None = None,
) -> SpoolRow:
    """What became of a message of ours while it had until `not_after`; sent again, it has another day."""
    report = DeliveryReported.model_construct(
        dialog=dialog,
        provider={},
        message_id=message_id,
        external_id=external_ids[0] if external_ids else None,
        external_ids=external_ids if len(external_ids) > 1 else (),
        state=state,
        code=code,
        words=words,
        at=at,
        part=None,
        sequence=sequence,
    )
    identity = fact_id("delivery", str(message_id), f"{state} {not_after}")
    return heard(report, identity=identity, time=at, traceparent=traceparent, reports=message_id)


def about_account(data: AccountDeclared | AccountHealth, *, at: datetime) -> Outgoing:
    """A fact about an account itself; it goes past the spool, because it is said again at each start."""
    return _outgoing(data, data.channel, data.account, at)


def _outgoing(data: Data, channel: str, account: str, at: datetime) -> Outgoing:
    identity = uuid7(at)
    envelope = wrap(
        data, id=identity, source=f"{channel}/{account}", time=at, subject=f"account:{channel}.{account}"
    )
    return Outgoing(
        INBOUND, inbound_key(fact_word(data), channel, account), envelope.encode(), str(identity), data.TYPE
    )
