"""Blocks of contacts (RT12): until when, why, and by whom. Everybody is told by `contact.facts`.

Only of a contact with a conversation that whoever asks may see; to others there is no such contact.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import literal, select

from shared.access import sight
from shared.contract.commands import BlockContact, UnblockContact
from store import contacts
from store.acting import UNCHANGED, Act, Done, Refused
from store.contacts import Block, Contact
from store.conversations import open_of
from store.tables import conversations, participants

CHANGED: Final = "facts"
"""As in `contact.facts`."""


def subject(command: BlockContact | UnblockContact) -> str:
    """Whom a command is about, in the words of the audit log."""
    return f"contact:{command.contact_id}"


async def block(act: Act, command: BlockContact) -> Done:
    """Blocks the contact, or changes the end and the reason."""
    if command.until <= act.now:
        raise Refused("invalid", reason="the end of a block must be in the future")
    contact = await _visible(act, command.contact_id)
    by = act.actor.model_dump(mode="json", exclude_none=True)
    act.ledger.people.change_block(contact, Block(command.until, command.reason, by), act.command_id)
    await _tell(act, contact.contact_id)
    detail = {"until": command.until.isoformat(), "reason": command.reason}
    return Done({"contact_id": str(contact.contact_id)}, detail=detail)


async def unblock(act: Act, command: UnblockContact) -> Done:
    """Ends the block now. What was written meanwhile stays hidden."""
    contact = await _visible(act, command.contact_id)
    if contact.blocked_until is None:
        return UNCHANGED
    act.ledger.people.change_block(contact, Block(), act.command_id)
    await _tell(act, contact.contact_id)
    return Done({"contact_id": str(contact.contact_id)})


async def _tell(act: Act, contact_id: UUID) -> None:
    """The feed says of their open conversations that there is something new to know of the client."""
    for view in await open_of(act.conn, contact_id):
        now = act.ledger.conversations.get(view.conversation_id, view)
        act.ledger.feed.add(
            "conversation", now.conversation_id, CHANGED, now, version=now.version, before=now.sight,
            after=now.sight, cause=act.command_id, traceparent=act.traceparent,
        )  # fmt: skip


async def _visible(act: Act, contact_id: UUID) -> Contact:
    """The contact as this batch has left it; refuses where whoever asks sees no conversation of theirs."""
    people = act.ledger.people
    await contacts.load_contacts(act.conn, {contact_id} - people.contacts.keys(), people)
    contact = people.contacts.get(contact_id)
    if contact is None or not await _meets(act, contact_id):
        raise Refused("contact_unknown")
    return contact


async def _meets(act: Act, contact_id: UUID) -> bool:
    if act.viewer is None:
        return True
    mine = [view for view in act.ledger.conversations.values() if view.contact_id == contact_id]
    if any(act.sees(view) for view in mine):
        return True
    seen = sight(act.viewer).sql(conversations.c, participants)
    query = select(literal(1)).where(conversations.c.contact_id == contact_id, seen).limit(1)
    return (await act.conn.execute(query)).first() is not None
