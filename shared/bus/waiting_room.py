"""Deliveries that failed by our own bug wait here for their next try, and behind each what has its subject.

Everything else goes on. All of it is memory: what is lost with the process is still unacknowledged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.bus.handler import Incoming


@dataclass(slots=True)
class _Held:
    item: Incoming
    due: float
    behind: deque[Incoming] = field(default_factory=deque)


class WaitingRoom:
    """One failing delivery per subject, tried again when it is due (monotonic seconds)."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    def holds(self, subject: str) -> bool:
        """Whether deliveries of this subject have to wait."""
        return subject in self._held

    def hold(self, item: Incoming, due: float) -> None:
        """Keeps a failing delivery until `due`; what waits behind it goes on waiting."""
        held = self._held.get(item.subject)
        if held is None:
            self._held[item.subject] = _Held(item, due)
        else:
            held.item, held.due = item, due

    def wait(self, item: Incoming) -> None:
        """Keeps a delivery behind the failing one of its subject."""
        self._held[item.subject].behind.append(item)

    def next_due(self) -> float | None:
        """When the next try is due; None when nobody waits."""
        return min((held.due for held in self._held.values()), default=None)

    def due(self, now: float) -> list[Incoming]:
        """Failing deliveries whose next try is due; they keep their places."""
        return [held.item for held in self._held.values() if held.due <= now]

    def release(self, subject: str) -> list[Incoming]:
        """Ends the waiting of a subject: what waited, in order, without the failing one."""
        held = self._held.pop(subject, None)
        return list(held.behind) if held else []

    def forget(self, gone: Callable[[Incoming], bool]) -> None:
        """Drops what came through a channel that is lost: the broker delivers it again."""
        for subject, held in list(self._held.items()):
            held.behind = deque(item for item in held.behind if not gone(item))
            if gone(held.item):
                del self._held[subject]

    def clear(self) -> None:
        """Drops everything."""
        self._held.clear()
