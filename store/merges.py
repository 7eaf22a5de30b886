"""Two contacts who turn out to be one person (BY13): the one whom we met first stays, with both's addresses.

Dialogs stay apart, contacts do not. What the other one had goes over in the batch that learned of it:
addresses, dialogs, conversations; open ones are told to the feed.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store import conversations, names
from store.contacts import Contact
from store.ledger import Ledger
from store.tables import contacts, dialogs, identities
from store.tables import conversations as kept

CHANGED = "facts"
"""As in `contact.facts`."""


async def carry_out(conn: AsyncConnection, ledger: Ledger) -> None:
    """Everything of those who were joined just now becomes the other's."""
    joined, ledger.people.joined = ledger.people.joined, {}
    for gone, cause in joined.items():
        stays = ledger.people.of(gone)
        for view in await conversations.open_of(conn, gone):
            ledger.conversations.setdefault(view.conversation_id, view)
        said = _client(stays)
        for view in list(ledger.conversations.values()):
            if view.contact_id == gone:
                now = view.model_copy(update=said)
                ledger.keep_conversation(now)
                ledger.feed.add(
                    "conversation", now.conversation_id, CHANGED, now, version=now.version,
                    before=now.sight, after=now.sight, cause=cause,
                )  # fmt: skip
        for dialog in list(ledger.dialogs.values()):
            if dialog.contact_id == gone:
                ledger.keep_dialog(dialog._replace(contact_id=stays.contact_id))
        await conn.execute(update(kept).where(kept.c.contact_id == gone).values(said))
        await _move(conn, gone, stays.contact_id)


async def _move(conn: AsyncConnection, gone: UUID, stays: UUID) -> None:
    for table in (identities, dialogs):
        await conn.execute(update(table).where(table.c.contact_id == gone).values(contact_id=stays))
    await names.save(conn, {gone: None})
    await conn.execute(delete(contacts).where(contacts.c.contact_id == gone))


def _client(contact: Contact) -> dict[str, Any]:
    """What a conversation says of its client."""
    return {
        "contact_id": contact.contact_id,
        "client_number": contact.number,
        "client_name": contact.name,
    }
