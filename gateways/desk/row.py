"""A row of the feed on its way to many sockets: its frame is written once in each of its two forms."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic_core import to_json

from shared.contract.feed import FeedRow
from shared.log import get_logger
from shared.metrics import INBOUND_E2E
from shared.trace import trace_id

log = get_logger()

FRESH_SECONDS: Final = 60.0
"""What took longer was sent again to somebody who came back: it says nothing of how fast we are."""


class Row:
    """`shown`: whether somebody here has been sent it; the first time is told."""

    __slots__ = ("_gone", "_whole", "row", "shown")

    def __init__(self, row: FeedRow) -> None:
        self.row = row
        self.shown = False
        self._whole: str | None = None
        self._gone: str | None = None

    def frame(self, *, visible: bool) -> str:
        """The delta: with the whole state, or without it for somebody who may not see it any more."""
        if visible:
            if self._whole is None:
                self._whole = self._written(visible=True)
            return self._whole
        if self._gone is None:
            self._gone = self._written(visible=False)
        return self._gone

    def tell(self, now: datetime) -> None:
        """Logs that a message is on its way to a screen; measures how long a fresh one of a client took."""
        row, state = self.row, self.row.state or {}
        trace = trace_id(row.traceparent)
        log.info("delta_sent", trace_id=trace, message_id=row.id, seq=row.seq, what=row.what)
        if state.get("direction") != "in" or row.before is not None or row.after is None:
            return
        waited = (now - datetime.fromisoformat(str(state.get("received_at")))).total_seconds()
        if waited < FRESH_SECONDS:
            channel = (row.after.account or "").partition(".")[0]
            INBOUND_E2E.labels(channel).observe(max(0.0, waited))

    def _written(self, *, visible: bool) -> str:
        row = self.row
        frame = {
            "t": "delta",
            "seq": row.seq,
            "entity": row.entity,
            "id": row.id,
            "what": row.what if visible else "gone",
            "version": row.version,
            "state": row.state if visible else None,
            "parent": row.parent,
            "command": row.command_id,
            "traceparent": row.traceparent,
        }
        return to_json(frame).decode()
