"""What happens to a message later: edited, deleted, reacted to, its files stored or failed (MS10).

The original is kept. An older edit that comes after a newer one changes nothing. Whatever comes before its
message waits for it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from shared.contract.envelope import Envelope
from shared.contract.events import (
    AttachmentFailed,
    AttachmentStored,
    DialogEvent,
    MessageDeleted,
    MessageEdited,
    MessageReacted,
)
from store.attachments import as_before, with_file
from store.ledger import Ledger
from store.receipts import Touched, target, touch
from store.views import LineView, Reaction
from store.waiting import Waiting

Change = MessageEdited | MessageDeleted | MessageReacted | AttachmentStored | AttachmentFailed
CHANGES = (MessageEdited, MessageDeleted, MessageReacted, AttachmentStored, AttachmentFailed)


def changed(ledger: Ledger, envelope: Envelope[Change], touched: Touched) -> None:
    """Applies a change to the message that it is about, or lets it wait."""
    event = envelope.data
    dialog_id = event.dialog.dialog_id
    message_id, external_id = about(event)
    line = target(ledger, dialog_id, message_id, external_id)
    if line is None:
        ledger.await_target(Waiting(envelope, dialog_id, message_id, external_id))
    elif changes := _changes(line, event):
        touch(ledger, line, {**changes, "version": event.version}, touched)


def about(event: DialogEvent) -> tuple[UUID | None, str | None]:
    """The ids, ours and the provider's, that an event names its message by."""
    said = event.__dict__  # an attribute that is not there would be looked for at length
    return said.get("message_id"), said.get("external_id")


def _changes(line: LineView, event: Change) -> dict[str, Any]:
    if isinstance(event, MessageEdited):
        if line.edited_at is not None and event.edited_at < line.edited_at:
            return {}
        original = line.original or line.content
        content = event.content if line.content is None else as_before(event.content, line.content)
        return {"content": content, "original": original, "edited_at": event.edited_at}
    if isinstance(event, MessageDeleted):
        return {} if line.deleted_at else {"deleted_at": event.deleted_at}
    if isinstance(event, MessageReacted):
        by = event.sender.address if event.sender else "us"
        others = tuple(one for one in line.reactions if one.by != by)
        return {"reactions": (*others, Reaction(by=by, emoji=event.emoji)) if event.emoji else others}
    return {
        name: with_file(content, event.attachment_id, _told(event))
        for name in ("content", "original")
        if (content := getattr(line, name)) is not None
    }


def _told(event: AttachmentStored | AttachmentFailed) -> dict[str, Any]:
    """What became of a file."""
    if isinstance(event, AttachmentFailed):
        return {"state": "failed", "words": event.words}
    names = ("mime_type", "size_bytes", "width", "height", "duration_seconds")
    return {"state": "stored", **{name: getattr(event, name) for name in names}}
