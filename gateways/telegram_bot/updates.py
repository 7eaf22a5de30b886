"""An update as aiogram reads it. Pure.

    {"update_id": 10001, "message": {"message_id": 365, "date": 1769853600, "chat": {…}, "text": "Hello"}}

What aiogram refuses does not stop the rest: a field that is missing and says nothing is filled in, a value
that cannot be read is left out of what is read. `told` keeps what came.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from aiogram.types import Update
from pydantic import ValidationError

from gateways.kit.payload import Malformed

ROUNDS: Final = 12
SUPERGROUPS_BELOW: Final = -1_000_000_000_000

_NEUTRAL: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "is_bot": False,
        "first_name": "",
        "file_unique_id": "",
        "width": 0,
        "height": 0,
        "length": 0,
        "duration": 0,
        "is_animated": False,
        "is_video": False,
        "chat_instance": "",
        "old_reaction": (),
    }
)
"""What other versions of the interface leave out → what is then as good as it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An update; `kind` is its own word for what happened, absent where it says nothing."""

    update: Update
    told: Mapping[str, Any]
    kind: str | None

    @property
    def event(self) -> Any:
        """What happened as aiogram reads it; none for a kind that it does not know or cannot read."""
        return getattr(self.update, self.kind, None) if self.kind in Update.model_fields else None

    @property
    def told_event(self) -> Any:
        """The same as it came."""
        return None if self.kind is None else self.told[self.kind]


def read(told: Any) -> Reading:
    """The update; raises `Malformed` for what is none."""
    if not isinstance(told, dict) or type(told.get("update_id")) is not int:
        raise Malformed("shape")
    kind = next((name for name, value in told.items() if name != "update_id" and value is not None), None)
    try:
        return Reading(Update.model_validate(told), told, kind)
    except ValidationError as error:
        return Reading(_mended(copy.deepcopy(told), error), told, kind)


def _mended(update: dict[str, Any], error: ValidationError) -> Update:
    """`update` without what cannot be read."""
    for _ in range(ROUNDS):
        complaints = error.errors(include_url=False, include_input=False)
        filled = [_fill(update, one["loc"]) for one in complaints if one["type"] == "missing"]
        if not any(filled):
            _cut(update, [one["loc"] for one in complaints])
        try:
            return Update.model_validate(update)
        except ValidationError as again:
            error = again
    raise Malformed("shape")


def _fill(update: dict[str, Any], where: Sequence[int | str]) -> bool:
    """Puts what is as good as nothing where it is missing; whether there is such a value."""
    trail = _trail(update, where[:-1])
    holder, name = (trail[-1][0][trail[-1][1]] if trail else update), where[-1]
    if not isinstance(holder, dict) or name in holder:
        return False
    steps = [step for _, step in trail]
    value = _type_of(holder, steps) if name == "type" else _NEUTRAL.get(str(name))
    if value is None:
        return False
    holder[str(name)] = value
    return True


def _type_of(holder: Mapping[str, Any], trail: Sequence[int | str]) -> str | None:
    """Of a chat, by its id; of a sticker."""
    if trail and trail[-1] == "sticker":
        return "regular"
    identity = holder.get("id")
    if type(identity) is not int:
        return None
    return "private" if identity > 0 else "supergroup" if identity < SUPERGROUPS_BELOW else "group"


def _cut(update: dict[str, Any], complaints: Sequence[Sequence[int | str]]) -> None:
    """Takes out the innermost value that is there on the way to each complaint, the last one first."""
    for path in sorted({_path(update, where) for where in complaints} - {()}, reverse=True):
        holder: Any = update
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]


def _path(update: dict[str, Any], where: Sequence[int | str]) -> tuple[Any, ...]:
    """As much of the way as is there."""
    path: list[int | str] = []
    here: Any = update
    for step in where:
        if not _has(here, step):
            break
        path.append(step)
        here = here[step]
    return tuple(path)


def _trail(update: dict[str, Any], where: Sequence[int | str]) -> list[tuple[Any, Any]]:
    """The steps to a value, without the names of alternatives that aiogram puts between."""
    trail: list[tuple[Any, Any]] = []
    here: Any = update
    for step in where:
        if _has(here, step):
            trail.append((here, step))
            here = here[step]
    return trail


def _has(holder: Any, step: int | str) -> bool:
    if isinstance(holder, dict):
        return step in holder
    return isinstance(holder, list) and isinstance(step, int) and step < len(holder)
