"""What the store is asked to do: parked messages, notes, templates, blocks."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.contract.commands.command import Command
from shared.contract.wire import Utc


class ListParked(Command):
    TYPE: ClassVar[str] = "parked.list.v1"
    limit: int = Field(default=50, ge=1, le=500)


class ShowParked(Command):
    TYPE: ClassVar[str] = "parked.show.v1"
    parked_id: UUID


class ReplayParked(Command):
    TYPE: ClassVar[str] = "parked.replay.v1"
    parked_ids: tuple[UUID, ...] = ()
    """None: all that are not replayed or discarded."""


class DiscardParked(Command):
    TYPE: ClassVar[str] = "parked.discard.v1"
    parked_ids: tuple[UUID, ...]


class WriteNote(Command):
    """MS13: a line that only operators see. The same id again is the same note."""

    TYPE: ClassVar[str] = "note.write.v1"
    note_id: UUID
    dialog_id: UUID
    conversation_id: UUID
    text: str = Field(min_length=1, max_length=10_000)


class DeleteNote(Command):
    """One's own."""

    TYPE: ClassVar[str] = "note.delete.v1"
    note_id: UUID


class PutTemplate(Command):
    """MS6: adds a template or changes it; a shared one by the right `templates.manage`."""

    TYPE: ClassVar[str] = "template.put.v1"
    template_id: UUID
    shared: bool = False
    category: str = Field(default="", max_length=100)
    title: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=4000)
    hotkey: str | None = Field(default=None, pattern=r"^[1-9]$")
    """Alt and this digit write it into the field."""


class DeleteTemplate(Command):
    TYPE: ClassVar[str] = "template.delete.v1"
    template_id: UUID


class BlockContact(Command):
    """RT12: what the contact writes is kept and not shown until the block ends."""

    TYPE: ClassVar[str] = "contact.block.v1"
    contact_id: UUID
    until: Utc
    reason: str = Field(min_length=1, max_length=500)


class UnblockContact(Command):
    TYPE: ClassVar[str] = "contact.unblock.v1"
    contact_id: UUID
