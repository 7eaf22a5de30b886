"""The history of dialogs as rows: written once, found by id or by place, changed by receipts and edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import and_, bindparam, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.content import Content
from shared.contract.inbound import DeliveryState
from shared.db.dialect import is_sqlite
from shared.db.direct import rows, run
from shared.db.types import from_micros
from store.delivery import SWEPT
from store.position import Bounds
from store.tables import dialogs, external_ids, history
from store.views import LineView

BLOCKED: Final = "blocked"
"""The kind of a message of a blocked contact (RT12): kept, and shown to nobody."""

External = tuple[UUID, str]
"""A dialog and a provider's id in it."""

_MUTABLE: Final = (
    "external_id", "sequence", "content", "original", "state", "code", "words",
    "edited_at", "deleted_at", "reactions", "detail", "version",
)  # fmt: skip
_insert: Final = insert(history)
_update: Final = update(history).where(history.c.entry_id == bindparam("line")).values(
    {name: bindparam(f"new_{name}") for name in _MUTABLE}
)  # fmt: skip
_by_ids: Final = select(history).where(history.c.entry_id.in_(bindparam("ids", expanding=True)))
_insert_external: Final = insert(external_ids)
_COLUMNS: Final = (external_ids.c.dialog, external_ids.c.external_id, external_ids.c.entry_id)
_FIND: Final = {
    True: "json_each(:pairs) AS asked CROSS JOIN external_ids AS e"
    " ON e.dialog = asked.value ->> 0 AND e.external_id = asked.value ->> 1",
    False: "jsonb_array_elements(CAST(:pairs AS jsonb)) AS asked(value) JOIN external_ids AS e"
    " ON e.dialog = CAST(asked.value ->> 0 AS bigint) AND e.external_id = asked.value ->> 1",
}
_FIND_EXTERNAL: Final = {
    sqlite: text(f"SELECT e.dialog, e.external_id, e.entry_id FROM {joined}").columns(*_COLUMNS)  # noqa: S608
    for sqlite, joined in _FIND.items()
}
"""Pairs as one parameter: a statement that is planned and compiled once, a seek for each pair."""


def of_rows(found: Iterable[Any]) -> list[LineView]:
    """The lines in rows of the table."""
    fields = (row._asdict() for row in found)
    return [LineView.model_validate({**row, "reactions": row["reactions"] or ()}) for row in fields]


async def load(conn: AsyncConnection, ids: Iterable[UUID]) -> dict[UUID, LineView]:
    """Those of these lines that exist."""
    wanted = list(ids)
    if not wanted:
        return {}
    return {line.entry_id: line for line in of_rows(await rows(conn, _by_ids, {"ids": wanted}))}


async def find(
    conn: AsyncConnection, wanted: Iterable[External], numbers: Mapping[UUID, int]
) -> dict[External, UUID]:
    """The lines that have these ids of the provider; `numbers` are those of the dialogs that are known."""
    pairs = [[numbers[dialog], external] for dialog, external in wanted if dialog in numbers]
    if not pairs:
        return {}
    found = await rows(conn, _FIND_EXTERNAL[is_sqlite(conn)], {"pairs": to_json(pairs).decode()})
    named = {number: dialog_id for dialog_id, number in numbers.items()}
    return {(named[row.dialog], row.external_id): row.entry_id for row in found}


async def swept(conn: AsyncConnection, ids: Sequence[UUID], state: DeliveryState) -> dict[UUID, LineView]:
    """Our messages in these dialogs that a receipt for everything up to a message may move to `state`."""
    mark = dialogs.c.read_to if state == "read" else dialogs.c.delivered_to
    found = await conn.execute(
        select(history)
        .join(dialogs, dialogs.c.number == history.c.dialog)
        .where(
            dialogs.c.dialog_id.in_(ids),
            history.c.position > mark,
            history.c.direction == "out",
            history.c.state.in_(sorted(SWEPT[state])),
        )
    )
    return {line.entry_id: line for line in of_rows(found)}


async def places(conn: AsyncConnection, dialog: int, at: int, within: Bounds) -> set[int]:
    """The places that are taken between these lines and around `at`, until one is free on either side."""
    width = 1024
    while True:
        low = at - width if within.floor is None else min(within.floor, at) - width
        high = at + width if within.ceiling is None else max(within.ceiling, at) + width
        place = history.c.position
        found = await conn.execute(select(place).where(history.c.dialog == dialog, place.between(low, high)))
        taken = set(found.scalars())
        if sum(at - width <= one <= at + width for one in taken) < width // 2:
            return taken
        width *= 4


async def bounds(conn: AsyncConnection, dialog: int, at: int, sequence: int | None) -> Bounds:
    """The lines around a late message: by the provider's count, or else by the times of the client's."""
    place, mine = history.c.position, history.c.dialog == dialog
    if sequence is not None:
        before, after = history.c.sequence < sequence, history.c.sequence > sequence
    else:
        heard, moment = history.c.direction == "in", from_micros(at)
        before, after = and_(heard, history.c.at < moment), and_(heard, history.c.at > moment)
    last = select(place).where(mine, before).order_by(place.desc()).limit(1)
    floor: int | None = (await conn.execute(last)).scalar()
    above = [] if floor is None else [place > floor]
    first = select(place).where(mine, after, *above).order_by(place).limit(1)
    ceiling: int | None = (await conn.execute(first)).scalar()
    return Bounds(floor, ceiling)


async def write(
    conn: AsyncConnection,
    lines: Sequence[LineView],
    externals: Mapping[External, UUID],
    numbers: Mapping[UUID, int],
) -> None:
    """New lines, and the provider's ids of new or known ones; `numbers` are the dialogs'."""
    if lines:
        await run(conn, _insert, [{**_values(one), "dialog": numbers[one.dialog_id]} for one in lines])
    if externals:
        names = [
            {"dialog": numbers[dialog], "external_id": external, "entry_id": entry}
            for (dialog, external), entry in externals.items()
        ]
        await run(conn, _insert_external, names)


async def change(conn: AsyncConnection, lines: Sequence[LineView]) -> None:
    """What receipts, edits, deletions and reactions may change of a line."""
    if lines:
        changed = []
        for line in lines:
            values = _values(line)
            changed.append({"line": line.entry_id, **{f"new_{name}": values[name] for name in _MUTABLE}})
        await run(conn, _update, changed)


def _values(line: LineView) -> dict[str, Any]:
    return {
        **line.__dict__,
        "author": line.author and line.author.model_dump(mode="json", exclude_none=True),
        "content": _compact(line.content),
        "original": _compact(line.original),
        "reactions": line.reactions or None,
    }


def _compact(content: Content | None) -> Any:
    return None if content is None else content.model_dump(mode="json", exclude_none=True)
