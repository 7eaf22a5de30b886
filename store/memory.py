"""What the last batches looked at, kept in memory: nobody else writes these rows while the lease is ours.

What a batch leaves is kept when the next one begins: had its commit failed, or had there been any doubt, the
loop would have said `load` between them, and then everything here is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Generic, TypeVar
from uuid import UUID

from store.contacts import Contact, Known
from store.dialogs import Dialog
from store.ledger import Ledger
from store.views import ConversationView

KEPT: Final = 10_000
"""Rows of each kind; the ones that nobody touched for longest go first."""

V = TypeVar("V")


class Kept(Generic[V]):
    """Rows by their ids, the latest ones."""

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._rows: dict[UUID, V] = {}

    def found(self, ids: Iterable[UUID]) -> dict[UUID, V]:
        """Those of these that are here."""
        rows = self._rows
        return {id_: rows[id_] for id_ in ids if id_ in rows}

    def keep(self, rows: Mapping[UUID, V]) -> None:
        """These are the latest now."""
        for id_ in rows:
            self._rows.pop(id_, None)
        self._rows.update(rows)
        for id_ in list(self._rows)[: max(0, len(self._rows) - self._limit)]:
            del self._rows[id_]

    def forget(self) -> None:
        self._rows.clear()


class Memory:
    """Dialogs, conversations and people."""

    def __init__(self) -> None:
        self.dialogs: Kept[Dialog] = Kept()
        self.conversations: Kept[ConversationView] = Kept()
        self.known: Kept[Known] = Kept()
        self.contacts: Kept[Contact] = Kept()
        self._uncommitted: Ledger | None = None

    def left_by(self, ledger: Ledger) -> None:
        """What this batch leaves, should it be committed."""
        self._uncommitted = ledger

    def committed(self) -> None:
        """The batch before was committed."""
        left, self._uncommitted = self._uncommitted, None
        if left is not None:
            self.dialogs.keep(left.dialogs)
            self.conversations.keep(left.conversations)
            self.known.keep(left.people.known)
            self.contacts.keep(left.people.contacts)

    def forget(self) -> None:
        """There is a doubt, or somebody else was the active one."""
        self._uncommitted = None
        for kept in (self.dialogs, self.conversations, self.known, self.contacts):
            kept.forget()
