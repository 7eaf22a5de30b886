"""What one batch has loaded and changed, in memory: each event sees what its predecessors left.

The functions that apply events change a ledger and nothing else: no I/O, clock or randomness. `open_ledger`
reads what a batch concerns in a few statements, `close` writes what changed in a few more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.bus.outgoing import Outgoing
from shared.contract.people import DialogRef
from shared.db.types import to_micros
from store import attachments, conversations, dialogs, feed, history, waiting
from store.contacts import People
from store.dialogs import Dialog, born
from store.feed import FeedLog
from store.history import External
from store.position import ANYWHERE, Bounds, Heard, free_place, in_order
from store.sights import SightText, of_account
from store.views import ConversationView, LineView
from store.waiting import Waiting


@dataclass(slots=True)
class Ledger:
    """The state that a batch concerns; what is not here does not exist."""

    now: datetime
    feed: FeedLog
    people: People
    dialogs: dict[UUID, Dialog] = field(default_factory=dict)
    last_number: int = 0
    """Of dialogs."""
    conversations: dict[UUID, ConversationView] = field(default_factory=dict)
    lines: dict[UUID, LineView] = field(default_factory=dict)
    externals: dict[External, UUID] = field(default_factory=dict)
    waiting: dict[UUID, list[Waiting]] = field(default_factory=dict)
    taken: dict[UUID, set[int]] = field(default_factory=dict)
    """Places of the dialogs that something late belongs to."""
    bounds: dict[UUID, Bounds] = field(default_factory=dict)
    """Of late messages: the places of the stored lines around each."""
    _dialogs: set[UUID] = field(default_factory=set)
    _conversations: set[UUID] = field(default_factory=set)
    _moved: set[UUID] = field(default_factory=set)
    _participants: set[UUID] = field(default_factory=set)
    _born: dict[UUID, None] = field(default_factory=dict)
    _changed: dict[UUID, None] = field(default_factory=dict)
    _externals: dict[External, UUID] = field(default_factory=dict)
    _awaiting: list[Waiting] = field(default_factory=list)
    _arrived: list[UUID] = field(default_factory=list)

    def dialog(self, ref: DialogRef) -> Dialog:
        """The dialog, born now if need be."""
        known = self.dialogs.get(ref.dialog_id)
        if known is None:
            self.last_number += 1
            known = self.dialogs[ref.dialog_id] = born(ref, self.last_number)
            self._dialogs.add(ref.dialog_id)
        return known

    def keep_dialog(self, dialog: Dialog) -> Dialog:
        self.dialogs[dialog.dialog_id] = dialog
        self._dialogs.add(dialog.dialog_id)
        return dialog

    def keep_conversation(self, view: ConversationView) -> None:
        known = self.conversations.get(view.conversation_id)
        if view.participants != (known.participants if known else ()):
            self._participants.add(view.conversation_id)
        if known is None or not conversations.only_moved(known, view):
            self._conversations.add(view.conversation_id)
        self.conversations[view.conversation_id] = view
        self._moved.add(view.conversation_id)

    def place_in_order(self, dialog_id: UUID, at: int, heard: Heard | None = None) -> int:
        """The next place in a dialog; it is taken now, and the dialog heard so far."""
        dialog = self.dialogs[dialog_id]
        place = in_order(dialog.last_position, at)
        sequence, heard_to = dialog.heard if heard is None else heard
        self.keep_dialog(dialog._replace(last_position=place, last_sequence=sequence, heard_to=heard_to))
        self.taken.setdefault(dialog_id, set()).add(place)
        return place

    def place_late(self, dialog_id: UUID, entry_id: UUID, at: int, sequence: int | None) -> int:
        """The place of what came late; it is taken now."""
        dialog = self.dialogs[dialog_id]
        taken = self.taken.setdefault(dialog_id, set())
        place = free_place(at, taken, self._bounds(dialog_id, entry_id, at, sequence))
        taken.add(place)
        if place > dialog.last_position:
            self.keep_dialog(dialog._replace(last_position=place))
        return place

    def _bounds(self, dialog_id: UUID, entry_id: UUID, at: int, sequence: int | None) -> Bounds:
        """The lines around a late message: the stored ones, and those of this batch."""
        bounds = self.bounds.get(entry_id, ANYWHERE)
        lines = [self.lines[born] for born in self._born if self.lines[born].dialog_id == dialog_id]
        known = [(line.position, where) for line in lines if (where := _side(line, at, sequence)) is not None]
        for place, before in sorted(known, key=lambda one: not one[1]):
            bounds = bounds.narrowed(place, before=before)
        return bounds

    def add_line(self, line: LineView) -> None:
        self.lines[line.entry_id] = line
        self._born[line.entry_id] = None

    def change_line(self, line: LineView) -> None:
        self.lines[line.entry_id] = line
        if line.entry_id not in self._born:
            self._changed[line.entry_id] = None

    def name_line(self, dialog_id: UUID, external_id: str, entry_id: UUID) -> bool:
        """Gives a line an id of the provider's; False where another line has it."""
        name = (dialog_id, external_id)
        if name in self.externals:
            return self.externals[name] == entry_id
        self.externals[name] = self._externals[name] = entry_id
        return True

    def sight(self, line: LineView) -> SightText:
        """Who may see a line: those who may see its conversation, or the account where it has none."""
        view = None if line.conversation_id is None else self.conversations.get(line.conversation_id)
        return of_account(self.dialogs[line.dialog_id].full_account) if view is None else view.sight

    def tell_line(
        self,
        line: LineView,
        what: str,
        before: SightText | None,
        *,
        cause: UUID | None = None,
        traceparent: str | None = None,
    ) -> None:
        """A row of the feed for those who may see the line; of a blocked contact's there is none."""
        if line.kind != history.BLOCKED:
            self.feed.add(
                "message", line.entry_id, what, line, version=line.version, before=before,
                after=self.sight(line), parent=line.conversation_id, cause=cause, traceparent=traceparent,
            )  # fmt: skip

    def await_target(self, waiting_for: Waiting) -> None:
        """Keeps an event until the message that it is about comes."""
        self.waiting.setdefault(waiting_for.dialog_id, []).append(waiting_for)
        self._awaiting.append(waiting_for)

    def arrived(self, line: LineView, names: Iterable[str]) -> list[Waiting]:
        """What waited for this line; it waits no more."""
        here = self.waiting.get(line.dialog_id)
        if not here:
            return []
        known = set(names)
        ready = [one for one in here if one.message_id == line.entry_id or one.external_id in known]
        self.waiting[line.dialog_id] = [one for one in here if one not in ready]
        for one in ready:
            if one in self._awaiting:
                self._awaiting.remove(one)
            else:
                self._arrived.append(one.envelope.id)
        return ready

    async def close(self, conn: AsyncConnection) -> list[Outgoing]:
        """Writes what changed; what is to be told to everybody."""
        told = await self.people.save(conn)
        await dialogs.save(conn, [self.dialogs[one] for one in self._dialogs])
        await conversations.save(conn, [self.conversations[one] for one in self._conversations])
        moved = self._moved - self._conversations
        await conversations.move(conn, [self.conversations[one] for one in moved])
        await conversations.save_participants(conn, [self.conversations[one] for one in self._participants])
        numbers = {dialog_id: dialog.number for dialog_id, dialog in self.dialogs.items()}
        await history.write(conn, [self.lines[one] for one in self._born], self._externals, numbers)
        await history.change(conn, [self.lines[one] for one in self._changed])
        await attachments.save(conn, [self.lines[one] for one in (*self._born, *self._changed)])
        await waiting.add(conn, self._awaiting, self.now)
        await waiting.remove(conn, self._arrived)
        await self.feed.write(conn, self.people.last_number)
        return told


async def open_ledger(conn: AsyncConnection, now: datetime) -> Ledger:
    """An empty ledger, numbered on from the counters."""
    seq, number = await feed.counters(conn)
    return Ledger(now, FeedLog(seq, now), People(now, number))


def _side(line: LineView, at: int, sequence: int | None) -> bool | None:
    """Whether a line stands before a late message of this time and sequence; none: nobody says."""
    if sequence is not None:
        return None if line.sequence is None or line.sequence == sequence else line.sequence < sequence
    said = to_micros(line.at)
    return None if line.direction != "in" or said == at else said < at
