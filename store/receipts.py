"""Receipts: what became of messages of ours, one by one or all up to one. One that comes first waits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from shared.contract.envelope import Envelope
from shared.contract.events import MessageDelivery
from store.delivery import SWEPT, yields
from store.ledger import Ledger
from store.sights import SightText
from store.views import LineView
from store.waiting import Waiting

Touched = dict[UUID, SightText | None]
"""Lines that changed, with who could see them before; nobody where the line is new."""


def delivery(ledger: Ledger, envelope: Envelope[MessageDelivery], touched: Touched) -> Iterable[Waiting]:
    """Moves what the receipt is about; what waited for a provider's id that it brings is returned."""
    event = envelope.data
    dialog_id = event.dialog.dialog_id
    if event.up_to is not None:
        last = ledger.lines.get(ledger.externals.get((dialog_id, event.up_to), dialog_id))
        if last is None:
            ledger.await_target(Waiting(envelope, dialog_id, None, event.up_to))
        else:
            _sweep(ledger, event, last, touched)
        return ()
    line = target(ledger, dialog_id, event.message_id, event.external_id)
    if line is None:
        ledger.await_target(Waiting(envelope, dialog_id, event.message_id, event.external_id))
        return ()
    return _report(ledger, event, line, touched)


def target(
    ledger: Ledger, dialog_id: UUID, message_id: UUID | None, external_id: str | None
) -> LineView | None:
    """The line that an event is about, by our id or the provider's."""
    if message_id is not None and message_id in ledger.lines:
        return ledger.lines[message_id]
    if external_id is None or (dialog_id, external_id) not in ledger.externals:
        return None
    return ledger.lines.get(ledger.externals[dialog_id, external_id])


def touch(ledger: Ledger, line: LineView, changes: dict[str, Any], touched: Touched) -> LineView:
    """The line with these changes, kept in the ledger and among those to be told."""
    touched.setdefault(line.entry_id, ledger.sight(line))
    changed = line.model_copy(update=changes)
    ledger.change_line(changed)
    return changed


def _report(ledger: Ledger, event: MessageDelivery, line: LineView, touched: Touched) -> Iterable[Waiting]:
    """An outcome of one message: its state if that is forward, and the ids that the provider gave it."""
    names = dict.fromkeys(name for name in (event.external_id, *event.external_ids) if name)
    new = [name for name in names if (line.dialog_id, name) not in ledger.externals]
    for name in new:
        ledger.name_line(line.dialog_id, name, line.entry_id)
    changes: dict[str, Any] = {}
    if new and line.external_id is None:
        changes["external_id"] = new[0]
    if event.sequence is not None and line.sequence is None:
        changes["sequence"] = event.sequence
    if line.direction == "out" and yields(line.state, event.state, event.code):
        changes |= {"state": event.state, "code": event.code, "words": event.words}
    if changes:
        line = touch(ledger, line, {**changes, "version": event.version}, touched)
    return ledger.arrived(line, new)


def _sweep(ledger: Ledger, event: MessageDelivery, last: LineView, touched: Touched) -> None:
    """Everything of ours up to `last` that is with the provider."""
    if event.state not in SWEPT:
        return
    dialog = ledger.dialogs[last.dialog_id]
    dialog = dialog._replace(delivered_to=max(dialog.delivered_to, last.position))
    if event.state == "read":
        dialog = dialog._replace(read_to=max(dialog.read_to, last.position))
    ledger.keep_dialog(dialog)
    for line in list(ledger.lines.values()):
        if (
            line.dialog_id == last.dialog_id
            and line.direction == "out"
            and line.position <= last.position
            and line.state in SWEPT[event.state]
        ):
            touch(ledger, line, {"state": event.state, "version": event.version}, touched)
