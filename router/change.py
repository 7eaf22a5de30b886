"""What an administrative command changes: entities as they are from now on, and what to answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from router.registry import Entity, Registry
from shared.contract.people import Actor


@dataclass(frozen=True, slots=True)
class Act:
    """A command in its circumstances, for a pure function to decide."""

    registry: Registry
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """`detail` is what the audit log keeps beside the command's name."""

    entities: tuple[Entity, ...] = ()
    result: dict[str, Any] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
