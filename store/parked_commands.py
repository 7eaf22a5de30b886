"""Commands about parked messages: list, show, replay, discard (BY12). The right is `parked.manage`.

Replaying marks the row and puts the raw message into the outbox in the same transaction, so it is published
once for each time that somebody asked.
"""

from __future__ import annotations

from typing import Final

from shared.contract.commands import DiscardParked, ListParked, ReplayParked, ShowParked
from store import parked
from store.acting import Act, Done, Refused

REPLAY_SLICE: Final = 100
"""Messages that one command replays at most: their bodies stand in one transaction."""
SHOWN_BYTES: Final = 64 * 1024


async def list_open(act: Act, command: ListParked) -> Done:
    views = await parked.newest(act.conn, command.limit, only_open=True)
    listed = [view.model_dump(mode="json") for view in views]
    return Done({"parked": listed, "total": await parked.count_open(act.conn)})


async def show(act: Act, command: ShowParked) -> Done:
    row = await parked.whole(act.conn, command.parked_id)
    if row is None:
        raise Refused("parked_not_found")
    views = await parked.views(act.conn, [row.parked_id])
    return Done(
        {
            "parked": views[0].model_dump(mode="json"),
            "error": row.error,
            "headers": row.headers,
            "body": row.body[:SHOWN_BYTES].decode("utf-8", "backslashreplace"),
            "whole": len(row.body) <= SHOWN_BYTES,
        }
    )


async def replay(act: Act, command: ReplayParked) -> Done:
    rows = await parked.to_replay(act.conn, command.parked_ids, REPLAY_SLICE)
    if command.parked_ids and len(rows) < min(len(set(command.parked_ids)), REPLAY_SLICE):
        raise Refused("parked_not_found")
    for view in await parked.mark(act.conn, [row.parked_id for row in rows], replayed_at=act.now):
        parked.tell(act.ledger.feed, view, "replayed", cause=act.command_id)
    left = 0 if command.parked_ids else await parked.count_open(act.conn)
    result = {"replayed": [str(row.parked_id) for row in rows], "left": left}
    return Done(result, [parked.again(row) for row in rows])


async def discard(act: Act, command: DiscardParked) -> Done:
    wanted = set(command.parked_ids)
    if len(await parked.views(act.conn, wanted)) < len(wanted):
        raise Refused("parked_not_found")
    for view in await parked.mark(act.conn, wanted, discarded_at=act.now):
        parked.tell(act.ledger.feed, view, "discarded", cause=act.command_id)
    return Done({"discarded": sorted(str(one) for one in wanted)})
