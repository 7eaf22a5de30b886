"""Notes (MS13): lines of a dialog that only operators see. They never leave, and count as no message.

Whoever may see the conversation may write one; only its author deletes it, and then its words are gone.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from shared.contract.commands import DeleteNote, WriteNote
from shared.contract.content import text_content
from shared.db.types import to_micros
from store import conversations, dialogs, history
from store.acting import UNCHANGED, Act, Done, Refused
from store.views import ConversationView, LineView

KIND: Final = "note"


async def write(act: Act, command: WriteNote) -> Done:
    """A line at the end of the dialog. The same id again is the same note."""
    view = await _conversation(act, command.conversation_id)
    if view is None or view.dialog_id != command.dialog_id or not act.sees(view):
        raise Refused("conversation_not_found")
    known = await _line(act, command.note_id)
    if known is not None:
        if known.kind != KIND or not _wrote(act, known):
            raise Refused("conflict")
        return UNCHANGED
    ledger = act.ledger
    ledger.dialogs |= await dialogs.load(act.conn, {view.dialog_id} - ledger.dialogs.keys())
    line = LineView(
        entry_id=command.note_id,
        dialog_id=view.dialog_id,
        conversation_id=view.conversation_id,
        position=ledger.place_in_order(view.dialog_id, to_micros(act.now)),
        kind=KIND,
        at=act.now,
        received_at=act.now,
        author=act.actor,
        content=text_content(command.text),
        version=view.version,
        cause=act.command_id,
    )
    ledger.add_line(line)
    _stands_last(act, view, line)
    ledger.tell_line(line, "noted", None, cause=act.command_id, traceparent=act.traceparent)
    return Done({"note_id": str(line.entry_id)})


async def delete(act: Act, command: DeleteNote) -> Done:
    """The line stays and says so; its words go."""
    line = await _line(act, command.note_id)
    if line is None or line.kind != KIND or not _wrote(act, line):
        raise Refused("note_not_found")
    view = None if line.conversation_id is None else await _conversation(act, line.conversation_id)
    if view is None or not act.sees(view):
        raise Refused("note_not_found")
    if line.deleted_at is not None:
        return UNCHANGED
    before = act.ledger.sight(line)
    gone = line.model_copy(update={"deleted_at": act.now, "content": None})
    act.ledger.change_line(gone)
    act.ledger.tell_line(gone, "deleted", before, cause=act.command_id, traceparent=act.traceparent)
    return Done({"note_id": str(line.entry_id)})


def _wrote(act: Act, line: LineView) -> bool:
    author = line.author
    return author is not None and (author.kind, author.id) == (act.actor.kind, act.actor.id)


def _stands_last(act: Act, view: ConversationView, line: LineView) -> None:
    """The conversation's last line is this one; its last message, what waits and what is unread stay."""
    moved = view.model_copy(update={"last_position": max(view.last_position, line.position)})
    act.ledger.keep_conversation(moved)
    act.ledger.feed.add(
        "conversation", view.conversation_id, "noted", moved, version=view.version,
        before=view.sight, after=moved.sight, cause=act.command_id, traceparent=act.traceparent,
    )  # fmt: skip


async def _conversation(act: Act, conversation_id: UUID) -> ConversationView | None:
    """As this batch has left it."""
    ledger = act.ledger
    missing = {conversation_id} - ledger.conversations.keys()
    ledger.conversations |= await conversations.load(act.conn, missing)
    return ledger.conversations.get(conversation_id)


async def _line(act: Act, entry_id: UUID) -> LineView | None:
    """As this batch has left it."""
    ledger = act.ledger
    ledger.lines |= await history.load(act.conn, {entry_id} - ledger.lines.keys())
    return ledger.lines.get(entry_id)
