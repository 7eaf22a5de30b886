"""What of each dialog was read last: WhatsApp shows that somebody writes under such a message alone."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final
from uuid import UUID

REMEMBERED: Final = 10_000
SHOWN_SECONDS: Final = 20.0
"""Meta shows it for 25, or until a message of ours."""


class Reading:
    """One account's; `now` is a clock in seconds that never goes back."""

    def __init__(self) -> None:
        self._last: OrderedDict[UUID, str] = OrderedDict()
        self._shown: dict[UUID, float] = {}

    def read(self, dialog: UUID, external_id: str) -> None:
        """The client's message of this name was marked as read."""
        self._last[dialog] = external_id
        self._last.move_to_end(dialog)
        if len(self._last) > REMEMBERED:
            self.spoke(self._last.popitem(last=False)[0])

    def to_show(self, dialog: UUID, now: float) -> str | None:
        """Under which message to show now that somebody writes; none while that is shown."""
        name = self._last.get(dialog)
        if name is None or now - self._shown.get(dialog, -SHOWN_SECONDS) < SHOWN_SECONDS:
            return None
        self._shown[dialog] = now
        return name

    def spoke(self, dialog: UUID) -> None:
        """A message of ours ended what was shown."""
        self._shown.pop(dialog, None)
