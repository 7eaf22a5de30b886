"""Statuses of operators (OP1): one editable table, as data. What a row allows, nothing else decides.

Two tables are shipped: `standard`, in which one on a break may still take by hand, and `strict`, in which
one may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import Field

from shared.contract.wire import Wire


class StatusRow(Wire):
    """What an operator is doing, and what that allows."""

    slug: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    name: str = Field(min_length=1, max_length=60)
    name_ru: str = Field(min_length=1, max_length=60)
    assigned: bool = False
    """Gets new ones automatically."""
    takes: bool = False
    """May take from New."""
    receives: bool = False
    """May receive transfers."""
    answers: bool = True
    """May answer open ones."""
    configures: bool = True
    """May change settings."""
    softphone: bool = False
    mobile: bool = False
    calls_out: bool = False
    working: bool = True
    """Counts as working time."""
    active: bool = False
    """Counts as active time."""


def _row(slug: str, name: str, name_ru: str, *allowed: str, **more: bool) -> StatusRow:
    flags = dict.fromkeys(allowed, True)
    return StatusRow(slug=slug, name=name, name_ru=name_ru, **flags, **more)


_ALL: Final = ("assigned", "takes", "receives", "softphone", "mobile", "calls_out", "active")

STANDARD: Final = (
    _row("available", "Available", "Доступен", *_ALL),
    _row("break", "Break", "Перерыв", "takes", "calls_out"),
    _row("dnd", "Do not disturb", "Не беспокоить", "takes", "calls_out", "active"),
    _row("away", "Away", "Отошёл", "takes", "mobile"),
    _row("off_work", "Off work", "Не на работе", working=False, answers=False),
)
STRICT: Final = (
    _row("available", "Available", "Доступен", *_ALL),
    _row("pause", "Pause", "Пауза"),
    _row("leaving", "Leaving", "Заканчиваю", "calls_out", "active"),
    _row("absent", "Absent", "Отсутствую", answers=False),
    _row("offline", "Offline", "Не в сети", working=False, answers=False),
)
PRESETS: Final[Mapping[str, tuple[StatusRow, ...]]] = {"standard": STANDARD, "strict": STRICT}
