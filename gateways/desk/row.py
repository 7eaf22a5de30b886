"""A row of the feed on its way to many sockets: its frame is written once in each of its two forms."""

from __future__ import annotations

from pydantic_core import to_json

from shared.contract.feed import FeedRow


class Row:
    """`shown`: whether somebody here has been sent it; the first time is logged."""

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
