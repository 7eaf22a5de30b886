"""Rights, and the roles that bundle them (AD2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

Right: TypeAlias = Literal[
    "take",
    "reply",
    "close",
    "others.read",
    "operators.manage",
    "routing.manage",
    "audit.read",
    "parked.manage",
]
"""take: from New · reply: to one's own · close: one's own · others.read: conversations of others ·
operators.manage: operators and groups · routing.manage: accounts' settings · audit.read · parked.manage"""

Role: TypeAlias = Literal["operator", "supervisor", "administrator"]

RIGHTS: Final[tuple[Right, ...]] = get_args(Right)

ROLES: Final[Mapping[Role, frozenset[Right]]] = {
    "operator": frozenset({"take", "reply", "close", "others.read"}),
    "supervisor": frozenset({"take", "reply", "close", "others.read", "audit.read"}),
    "administrator": frozenset(RIGHTS),
}


def rights_of(role: Role, without: tuple[Right, ...] = ()) -> frozenset[Right]:
    """What a role may do, less what this operator may not."""
    return ROLES[role] - frozenset(without)
