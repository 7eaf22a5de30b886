"""Notes in a conversation, which its client never sees (MS13)."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from gateways.desk.api.acting import One, Wish, act, write_row
from gateways.desk.api.desk import Desk
from gateways.desk.api.shown import Written
from shared.contract.commands import DeleteNote, WriteNote
from shared.http.route import SESSION, Call, Reply, Routes


class Note(Wish):
    """`id` is the note's too."""

    text: str = Field(min_length=1, max_length=10_000)


class OneNote(One):
    note_id: UUID


class NotesNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        those = "/conversations/{conversation_id}/notes"
        return (
            write_row(those, "write_note", SESSION, Note, self.write, "Write a note for colleagues"),
            write_row(
                f"{those}/{{note_id}}/delete", "delete_note", SESSION, Wish, self.delete, "Delete my note",
                params=OneNote,
            ),
        )  # fmt: skip

    async def write(self, call: Call[One, Note]) -> Reply[Written]:
        conversation_id = call.params.conversation_id
        dialog_id = await self._desk.dialogs.of(conversation_id, call.principal)
        about = {
            "note_id": call.body.id,
            "dialog_id": dialog_id,
            "conversation_id": conversation_id,
            "text": call.body.text,
        }
        return await act(
            self._desk, call, lambda common: WriteNote.model_validate(common | about),
            subject=str(dialog_id), entity="message", entity_id=str(call.body.id),
        )  # fmt: skip

    async def delete(self, call: Call[OneNote, Wish]) -> Reply[Written]:
        note_id = call.params.note_id
        dialog_id = await self._desk.dialogs.of(call.params.conversation_id, call.principal)
        return await act(
            self._desk, call, lambda common: DeleteNote(**common, note_id=note_id),
            subject=str(dialog_id), entity="message", entity_id=str(note_id),
        )  # fmt: skip
