"""The mailbox: what each visitor's chat holds, both directions, in one sequence without gaps per dialog.

`append` is the one way in. Within a transaction it locks the dialogs, recognises repeats by their mark,
and numbers the rest; `at` rises strictly within a dialog, whichever replica's clock is ahead. A dialog that
another transaction holds is left out: its appends come back as postponed and nobody else waits for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.webchat.entries import Append, Entry
from gateways.webchat.standings import standings
from gateways.webchat.tables import dialogs, mailbox
from shared.contract.ids import message_id
from shared.db.dialect import database_micros, insert, is_sqlite, micros_of
from shared.db.direct import rows, run
from shared.db.types import from_micros

CHANNEL: Final = "webchat"


@dataclass(slots=True)
class _Dialog:
    last_seq: int = 0
    last_at: int = 0
    said_seq: int = 0
    seen_seq: int = 0
    closed_seq: int = 0

    def count(self, one: Append, now: int) -> None:
        """The next number and time are this row's."""
        self.last_seq += 1
        self.last_at = max(now, self.last_at + 1)
        if one.kind == "msg" and one.author == "client":
            self.said_seq = self.last_seq
        elif one.kind == "seen" and one.body is not None:
            self.seen_seq = max(self.seen_seq, one.body["up_to"])
        elif one.kind == "closed":
            self.closed_seq = self.last_seq


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of appends, by their index: an entry (and whether it is new), or postponed."""

    entries: dict[int, Entry]
    fresh: list[int]
    postponed: list[int]


_lock: Final = (
    sa.select(
        dialogs.c.dialog_id,
        dialogs.c.last_seq,
        dialogs.c.last_at,
        dialogs.c.said_seq,
        dialogs.c.seen_seq,
        dialogs.c.closed_seq,
    )
    .where(dialogs.c.dialog_id.in_(sa.bindparam("wanted", expanding=True)))
    .order_by(dialogs.c.dialog_id)
)
_lock_skipping: Final = _lock.with_for_update(skip_locked=True)
_advance: Final = (
    sa.update(dialogs)
    .where(dialogs.c.dialog_id == sa.bindparam("of_dialog"))
    .values(
        last_seq=sa.bindparam("new_seq"),
        last_at=sa.bindparam("new_at"),
        said_seq=sa.bindparam("new_said"),
        seen_seq=sa.bindparam("new_seen"),
        closed_seq=sa.bindparam("new_closed"),
    )
)
_ADVANCE: Final = {
    sqlite: _advance.values(changed_at=micros_of(on_sqlite=sqlite)) for sqlite in (True, False)
}
_insert: Final = sa.insert(mailbox)
_target: Final = sa.and_(
    mailbox.c.dialog_id == sa.bindparam("of_dialog"), mailbox.c.seq == sa.bindparam("of_seq")
)
_revise: Final = sa.update(mailbox).where(_target).values(text=sa.bindparam("new_text"))
_blank: Final = sa.update(mailbox).where(_target).values(text="", body=None)
_wanted: Final[sa.BindParameter[Any]] = sa.bindparam("wanted", expanding=True)
_marked: Final = sa.select(mailbox).where(sa.tuple_(mailbox.c.dialog_id, mailbox.c.mark).in_(_wanted))
_numbered: Final = (
    sa.select(mailbox)
    .where(sa.tuple_(mailbox.c.dialog_id, mailbox.c.seq).in_(_wanted))
    .order_by(mailbox.c.dialog_id, mailbox.c.seq)
)


async def append(conn: AsyncConnection, appends: Sequence[Append], now: int) -> Appended:
    """Numbers and writes messages, in this order; repeats get the entry that is there."""
    held = await _hold(conn, appends)
    postponed = [index for index, one in enumerate(appends) if one.dialog_id not in held]
    known = await _known(
        conn, [one for one in appends if one.dialog_id in held and held[one.dialog_id].last_seq]
    )
    entries: dict[int, Entry] = {}
    fresh: list[int] = []
    for index, one in enumerate(appends):
        dialog = held.get(one.dialog_id)
        if dialog is None:
            continue
        key = (one.dialog_id, one.mark)
        entry = known.get(key)
        if entry is None:
            dialog.count(one, now)
            entry = known[key] = _entry(one, dialog)
            fresh.append(index)
        entries[index] = entry
    if fresh:
        await run(conn, _insert, [_values(appends[index], entries[index]) for index in fresh])
        changed = {appends[index].dialog_id for index in fresh}
        await run(
            conn,
            _ADVANCE[is_sqlite(conn)],
            [
                {
                    "of_dialog": dialog,
                    "new_seq": held[dialog].last_seq,
                    "new_at": held[dialog].last_at,
                    "new_said": held[dialog].said_seq,
                    "new_seen": held[dialog].seen_seq,
                    "new_closed": held[dialog].closed_seq,
                }
                for dialog in sorted(changed)
            ],
        )
        await _change(conn, [entries[index] for index in fresh])
    return Appended(entries, fresh, postponed)


async def read(conn: AsyncConnection, wanted: Collection[tuple[UUID, int]]) -> dict[UUID, list[Entry]]:
    """The entries with these numbers, of many dialogs at once; by dialog, in order."""
    found: dict[UUID, list[Entry]] = {}
    if not wanted:
        return found
    for row in await rows(conn, _numbered, {"wanted": list(wanted)}):
        found.setdefault(row.dialog_id, []).append(_read(row))
    return found


async def find(conn: AsyncConnection, dialog_id: UUID, marks: Collection[str]) -> list[Entry]:
    """The entries of a dialog that have one of these marks: `c:<cid>`, `m:<message id>`."""
    wanted = {"wanted": [(dialog_id, mark) for mark in marks]}
    return [_read(row) for row in await rows(conn, _marked, wanted)]


async def clock(conn: AsyncConnection) -> int:
    """The database's own time, in microseconds since 1970."""
    return (await conn.execute(sa.select(database_micros(conn)))).scalar_one()


async def moved_since(conn: AsyncConnection, since: int) -> list[tuple[UUID, int]]:
    """Dialogs that changed after `since` by the database's time, with their last number."""
    query = sa.select(dialogs.c.dialog_id, dialogs.c.last_seq).where(dialogs.c.changed_at > since)
    return [(dialog, last) for dialog, last in await conn.execute(query)]


async def _hold(conn: AsyncConnection, appends: Iterable[Append]) -> dict[UUID, _Dialog]:
    """The dialogs, locked until the end of the transaction; those that another one holds are absent."""
    wanted = {one.dialog_id: one for one in appends}
    lock = _lock if is_sqlite(conn) else _lock_skipping
    held = {
        dialog: _Dialog(*numbers) for dialog, *numbers in await rows(conn, lock, {"wanted": list(wanted)})
    }
    missing = [dialog for dialog in sorted(wanted) if dialog not in held]
    if missing:
        there = set() if is_sqlite(conn) else set(await standings(conn, missing))
        for dialog in missing:
            if dialog not in there and await _create(conn, wanted[dialog]):
                held[dialog] = _Dialog()
    return held


async def _create(conn: AsyncConnection, first: Append) -> bool:
    """Makes the row of a new dialog; false when another transaction was first."""
    row = insert(conn, dialogs).values(
        dialog_id=first.dialog_id,
        account=first.account,
        visitor=first.visitor,
        last_seq=0,
        last_at=0,
        changed_at=0,
    )
    return (await conn.execute(row.on_conflict_do_nothing())).rowcount == 1


async def _change(conn: AsyncConnection, entries: Sequence[Entry]) -> None:
    """What an edit or a deletion means for the message itself: nobody gets its old words any more."""
    edits = [
        {"of_dialog": one.dialog_id, "of_seq": one.body["of"], "new_text": one.text}
        for one in entries
        if one.kind == "edit" and one.body is not None
    ]
    deletions = [
        {"of_dialog": one.dialog_id, "of_seq": one.body["of"]}
        for one in entries
        if one.kind == "delete" and one.body is not None
    ]
    if edits:
        await conn.execute(_revise, edits)
    if deletions:
        await conn.execute(_blank, deletions)


async def _known(conn: AsyncConnection, appends: Sequence[Append]) -> dict[tuple[UUID, str], Entry]:
    """What is in the mailbox already, by dialog and mark."""
    if not appends:
        return {}
    marks = {"wanted": [(one.dialog_id, one.mark) for one in appends]}
    return {(row.dialog_id, row.mark): _read(row) for row in await rows(conn, _marked, marks)}


def _entry(one: Append, dialog: _Dialog) -> Entry:
    identity = one.message_id
    if identity is None:
        at = from_micros(dialog.last_at)
        identity = message_id(CHANNEL, one.account, one.visitor, str(one.cid), at)
    return Entry(
        one.dialog_id,
        dialog.last_seq,
        one.cid,
        identity,
        one.author,
        one.name,
        one.text,
        dialog.last_at,
        one.traceparent,
        one.kind,
        one.body,
    )


def _values(one: Append, entry: Entry) -> dict[str, Any]:
    return {
        "dialog_id": entry.dialog_id,
        "seq": entry.seq,
        "mark": one.mark,
        "message_id": entry.message_id,
        "author": entry.author,
        "name": entry.name,
        "text": entry.text,
        "at": entry.at,
        "traceparent": entry.traceparent,
        "kind": entry.kind,
        "body": entry.body,
    }


def _read(row: Any) -> Entry:
    cid = row.mark[2:] if row.mark.startswith("c:") else None
    return Entry(
        row.dialog_id,
        row.seq,
        cid,
        row.message_id,
        row.author,
        row.name,
        row.text,
        row.at,
        row.traceparent,
        row.kind,
        row.body,
    )
