"""Telephone calls (EX3): one line of history for each says how far the call came and plays its recording.

A call rings, is answered or missed, and ends: each news moves its line forward, none moves it back.
"""

from __future__ import annotations

from typing import Any, Final

from shared.contract.content import Audio, Content, File
from shared.contract.envelope import Envelope
from shared.contract.events import CallHappened
from shared.db.types import to_micros
from store.ledger import Ledger
from store.receipts import Touched, touch
from store.views import LineView

_ORDER: Final = ("ringing", "answered", "missed", "ended")
_RECORDED: Final = "audio/mpeg"
"""Of a recording whose type nobody told: players look at the bytes."""


def name_of(external_id: str) -> str:
    """The provider's id of a call among those of messages."""
    return f"call:{external_id}"


def happened(ledger: Ledger, envelope: Envelope[CallHappened], touched: Touched) -> None:
    """The call's line, or what is new of it."""
    event = envelope.data
    dialog_id, name = event.dialog.dialog_id, name_of(event.external_id)
    line = ledger.lines.get(ledger.externals.get((dialog_id, name), envelope.id))
    if line is None:
        line = _line(ledger, envelope)
        ledger.add_line(line)
        ledger.name_line(dialog_id, name, line.entry_id)
        touched[line.entry_id] = None
        return
    before = line.detail or {}
    said = _said(event)
    if _ORDER.index(event.state) < _ORDER.index(before.get("state", "ringing")):
        said = {key: value for key, value in said.items() if key not in before}
    if any(before.get(key) != value for key, value in said.items()):
        content = line.content or _recording(event)
        changes = {"detail": {**before, **said}, "content": content, "version": event.version}
        touch(ledger, line, changes, touched)


def _line(ledger: Ledger, envelope: Envelope[CallHappened]) -> LineView:
    event = envelope.data
    dialog = ledger.dialogs[event.dialog.dialog_id]
    state = event.conversation
    return LineView(
        entry_id=envelope.id,
        dialog_id=dialog.dialog_id,
        conversation_id=dialog.conversation_id if state is None else state.conversation_id,
        position=ledger.place_in_order(dialog.dialog_id, to_micros(min(event.at, envelope.time))),
        kind=event.TYPE.rpartition(".")[0],
        at=event.at,
        received_at=envelope.time,
        author=event.actor,
        content=_recording(event),
        detail=_said(event),
        version=event.version,
        cause=event.cause,
    )


def _said(event: CallHappened) -> dict[str, Any]:
    """What a line says of a call."""
    fields = {"external_id", "direction", "state", "identity", "operator_id", "duration_seconds"}
    return event.model_dump(mode="json", include=fields, exclude_none=True)


def _recording(event: CallHappened) -> Content | None:
    if event.recording_id is None:
        return None
    file = File(
        attachment_id=event.recording_id,
        mime_type=event.recording_type or _RECORDED,
        duration_seconds=event.duration_seconds,
        state="stored",
    )
    return Content(parts=(Audio(file=file),))
