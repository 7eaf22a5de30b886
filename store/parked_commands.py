"""Commands about parked messages: list, show, replay, discard (BY12). The right is `parked.manage`.

Replaying marks the row and puts the raw message into the outbox in the same transaction, so it is published
once for each time that somebody asked.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.bus.outgoing import Outgoing
from shared.contract.commands import (
    Answer,
    Command,
    DiscardParked,
    ListParked,
    Refusal,
    ReplayParked,
    ShowParked,
)
from shared.contract.people import Actor
from shared.contract.refusals import RefusalCode
from store import parked
from store.ledger import Ledger
from store.tables import operators

RIGHT: Final = "parked.manage"
REPLAY_SLICE: Final = 100
"""Messages that one command replays at most: their bodies stand in one transaction."""
SHOWN_BYTES: Final = 64 * 1024


async def carry_out(
    conn: AsyncConnection, ledger: Ledger, command_id: UUID, command: Command
) -> tuple[Answer, list[Outgoing]]:
    """The answer, and what is to be published."""
    if not await _may(conn, command.actor):
        return _refused(command_id, "no_right", right=RIGHT), []
    if isinstance(command, ListParked):
        views = await parked.newest(conn, command.limit, only_open=True)
        listed = [view.model_dump(mode="json") for view in views]
        total = await parked.count_open(conn)
        return _done(command_id, parked=listed, total=total), []
    if isinstance(command, ShowParked):
        return await _show(conn, command_id, command), []
    if isinstance(command, ReplayParked):
        return await _replay(conn, ledger, command_id, command)
    if isinstance(command, DiscardParked):
        return await _discard(conn, ledger, command_id, command), []
    return _refused(command_id, "unknown_command", type=command.TYPE), []


async def _may(conn: AsyncConnection, actor: Actor) -> bool:
    """A command line of the machine may everything; an operator what their rights say; nobody else."""
    if actor.kind == "console":
        return True
    if actor.kind != "operator":
        return False
    try:
        id_ = UUID(actor.id)
    except ValueError:
        return False
    query = select(operators.c.rights, operators.c.disabled).where(operators.c.operator_id == id_)
    row = (await conn.execute(query)).first()
    return row is not None and not row.disabled and RIGHT in row.rights


async def _show(conn: AsyncConnection, command_id: UUID, command: ShowParked) -> Answer:
    row = await parked.whole(conn, command.parked_id)
    if row is None:
        return _refused(command_id, "parked_not_found")
    views = await parked.views(conn, [row.parked_id])
    return _done(
        command_id,
        parked=views[0].model_dump(mode="json"),
        error=row.error,
        headers=row.headers,
        body=row.body[:SHOWN_BYTES].decode("utf-8", "backslashreplace"),
        whole=len(row.body) <= SHOWN_BYTES,
    )


async def _replay(
    conn: AsyncConnection, ledger: Ledger, command_id: UUID, command: ReplayParked
) -> tuple[Answer, list[Outgoing]]:
    rows = await parked.to_replay(conn, command.parked_ids, REPLAY_SLICE)
    if command.parked_ids and len(rows) < min(len(set(command.parked_ids)), REPLAY_SLICE):
        return _refused(command_id, "parked_not_found"), []
    for view in await parked.mark(conn, [row.parked_id for row in rows], replayed_at=ledger.now):
        parked.tell(ledger.feed, view, "replayed", cause=command_id)
    left = 0 if command.parked_ids else await parked.count_open(conn)
    answer = _done(command_id, replayed=[str(row.parked_id) for row in rows], left=left)
    return answer, [parked.again(row) for row in rows]


async def _discard(conn: AsyncConnection, ledger: Ledger, command_id: UUID, command: DiscardParked) -> Answer:
    wanted = set(command.parked_ids)
    if len(await parked.views(conn, wanted)) < len(wanted):
        return _refused(command_id, "parked_not_found")
    for view in await parked.mark(conn, wanted, discarded_at=ledger.now):
        parked.tell(ledger.feed, view, "discarded", cause=command_id)
    return _done(command_id, discarded=sorted(str(one) for one in wanted))


def _done(command_id: UUID, **result: object) -> Answer:
    return Answer(command_id=command_id, ok=True, result=result)


def _refused(command_id: UUID, code: RefusalCode, **parameters: str) -> Answer:
    return Answer(command_id=command_id, ok=False, refusal=Refusal(code=code, parameters=parameters))
