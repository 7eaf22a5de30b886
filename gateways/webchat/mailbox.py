"""The mailbox: what each visitor's chat holds, both directions, in one sequence without gaps per dialog.

`append` is the one way in. Within a transaction it locks the dialogs, recognises repeats by their mark,
and numbers the rest; `at` rises strictly within a dialog, whichever replica's clock is ahead. A dialog that
another transaction holds is left out: its appends come back as postponed and nobody else waits for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.webchat.tables import dialogs, mailbox
from shared.contract.ids import message_id
from shared.db.dialect import database_micros, insert, is_sqlite
from shared.db.types import from_micros

Author: TypeAlias = Literal["client", "operator", "bot", "system"]

CHANNEL: Final = "webchat"


@dataclass(frozen=True, slots=True)
class Append:
    """A message on its way into the mailbox. `message_id` is given for ours and made for the visitor's."""

    dialog_id: UUID
    account: str
    visitor: str
    author: Author
    text: str
    cid: str | None = None
    message_id: UUID | None = None
    name: str | None = None
    traceparent: str | None = None

    @property
    def mark(self) -> str:
        return f"c:{self.cid}" if self.cid is not None else f"m:{self.message_id}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the mailbox; `at` in microseconds since 1970."""

    dialog_id: UUID
    seq: int
    cid: str | None
    message_id: UUID
    author: Author
    name: str | None
    text: str
    at: int
    traceparent: str | None


@dataclass(slots=True)
class _Dialog:
    last_seq: int
    last_at: int


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of appends, by their index: an entry (and whether it is new), or postponed."""

    entries: dict[int, Entry]
    fresh: list[int]
    postponed: list[int]


_lock: Final = (
    sa.select(dialogs.c.dialog_id, dialogs.c.last_seq, dialogs.c.last_at)
    .where(dialogs.c.dialog_id.in_(sa.bindparam("wanted", expanding=True)))
    .order_by(dialogs.c.dialog_id)
)
_lock_skipping: Final = _lock.with_for_update(skip_locked=True)
_advance: Final = (
    sa.update(dialogs)
    .where(dialogs.c.dialog_id == sa.bindparam("of_dialog"))
    .values(last_seq=sa.bindparam("new_seq"), last_at=sa.bindparam("new_at"))
)
_insert: Final = sa.insert(mailbox)
_wanted: Final[sa.BindParameter[Any]] = sa.bindparam("wanted", expanding=True)
_heads: Final = sa.select(dialogs.c.dialog_id, dialogs.c.last_seq).where(dialogs.c.dialog_id.in_(_wanted))
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
            dialog.last_seq += 1
            dialog.last_at = max(now, dialog.last_at + 1)
            entry = known[key] = _entry(one, dialog)
            fresh.append(index)
        entries[index] = entry
    if fresh:
        await conn.execute(_insert, [_values(appends[index], entries[index]) for index in fresh])
        changed = {appends[index].dialog_id for index in fresh}
        await conn.execute(
            _advance.values(changed_at=database_micros(conn)),
            [
                {"of_dialog": dialog, "new_seq": held[dialog].last_seq, "new_at": held[dialog].last_at}
                for dialog in sorted(changed)
            ],
        )
    return Appended(entries, fresh, postponed)


async def heads(conn: AsyncConnection, wanted: Collection[UUID]) -> dict[UUID, int]:
    """The last number of each of these dialogs; one without messages is absent."""
    return {row.dialog_id: row.last_seq for row in await conn.execute(_heads, {"wanted": list(wanted)})}


async def read(conn: AsyncConnection, wanted: Collection[tuple[UUID, int]]) -> dict[UUID, list[Entry]]:
    """The entries with these numbers, of many dialogs at once; by dialog, in order."""
    found: dict[UUID, list[Entry]] = {}
    if not wanted:
        return found
    for row in await conn.execute(_numbered, {"wanted": list(wanted)}):
        found.setdefault(row.dialog_id, []).append(_read(row))
    return found


async def holds(conn: AsyncConnection, dialog_id: UUID, cid: str) -> bool:
    """Whether a visitor's message stands in the mailbox."""
    query = sa.select(mailbox.c.seq).where(mailbox.c.dialog_id == dialog_id, mailbox.c.mark == f"c:{cid}")
    return (await conn.execute(query)).first() is not None


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
        dialog: _Dialog(last_seq, last_at)
        for dialog, last_seq, last_at in await conn.execute(lock, {"wanted": list(wanted)})
    }
    missing = [dialog for dialog in sorted(wanted) if dialog not in held]
    if missing:
        there = set() if is_sqlite(conn) else set(await heads(conn, missing))
        for dialog in missing:
            if dialog not in there and await _create(conn, wanted[dialog]):
                held[dialog] = _Dialog(0, 0)
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


async def _known(conn: AsyncConnection, appends: Sequence[Append]) -> dict[tuple[UUID, str], Entry]:
    """What is in the mailbox already, by dialog and mark."""
    if not appends:
        return {}
    marks = {"wanted": [(one.dialog_id, one.mark) for one in appends]}
    return {(row.dialog_id, row.mark): _read(row) for row in await conn.execute(_marked, marks)}


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
    }


def _read(row: Any) -> Entry:
    cid = row.mark[2:] if row.mark.startswith("c:") else None
    return Entry(
        row.dialog_id, row.seq, cid, row.message_id, row.author, row.name, row.text, row.at, row.traceparent
    )
