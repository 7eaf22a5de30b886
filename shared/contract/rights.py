"""Rights, and the roles that bundle them (AD2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

Right: TypeAlias = Literal[
    "take",
    "reply",
    "close",
    "others.read",
    "others.reply",
    "others.close",
    "others.transfer",
    "appoint",
    "limits.override",
    "participants.remove",
    "contacts.block",
    "templates.manage",
    "operators.manage",
    "routing.manage",
    "audit.read",
    "parked.manage",
]
"""take: from New · reply: to one's own · close: one's own · others.read: conversations of others ·
others.reply: answering takes it over · others.close · others.transfer: offer, return, recall for others ·
appoint: make somebody responsible without asking · limits.override: beyond somebody's limit ·
participants.remove · contacts.block · templates.manage: the shared ones ·
operators.manage: operators and groups · routing.manage: settings of accounts, statuses ·
audit.read · parked.manage"""

Role: TypeAlias = Literal["operator", "supervisor", "administrator"]

RIGHTS: Final[tuple[Right, ...]] = get_args(Right)

ROLES: Final[Mapping[Role, frozenset[Right]]] = {
    "operator": frozenset({"take", "reply", "close", "others.read"}),
    "supervisor": frozenset(
        {
            "take",
            "reply",
            "close",
            "others.read",
            "others.reply",
            "others.close",
            "others.transfer",
            "appoint",
            "limits.override",
            "participants.remove",
            "contacts.block",
            "templates.manage",
            "audit.read",
        }
    ),
    "administrator": frozenset(RIGHTS),
}


def rights_of(role: Role, without: tuple[Right, ...] = ()) -> frozenset[Right]:
    """What a role may do, less what this operator may not."""
    return ROLES[role] - frozenset(without)
