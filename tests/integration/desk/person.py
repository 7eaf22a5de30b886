"""Operators of a scripted store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from shared.access import Viewer
from shared.contract.rights import Role, rights_of


@dataclass
class Person:
    """An operator as the store knows one."""

    login: str
    role: Role = "operator"
    operator_id: UUID = field(default_factory=uuid4)
    accounts: tuple[str, ...] = ("webchat.main",)
    without: tuple[Any, ...] = ()
    access_version: int = 1
    disabled: bool = False
    groups: tuple[str, ...] = ()
    status: str = "available"

    @property
    def viewer(self) -> Viewer:
        rights = rights_of(self.role, self.without)
        mine = frozenset(self.groups)
        return Viewer(self.operator_id, rights, frozenset(self.accounts), self.access_version, mine)

    @property
    def state(self) -> dict[str, Any]:
        return {
            "operator_id": str(self.operator_id),
            "login": self.login,
            "name": self.login.title(),
            "public_name": f"{self.login.title()} P.",
            "role": self.role,
            "disabled": self.disabled,
            "groups": list(self.groups),
            "status": self.status,
        }
