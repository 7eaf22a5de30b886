"""Who and what the router knows besides dialogs: operators, groups, accounts. Frozen rows in memory.

The registry is the small part of the database that every decision reads; it is loaded at a takeover and
after any doubt, and changed only with what the same transaction writes. Reading it is all that a pure
decision may do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias
from uuid import UUID

from shared.access import Clause, Scope, Viewer, allowed_accounts, sight
from shared.contract.capabilities import Capabilities
from shared.contract.events import AccountChanged, GroupChanged, OperatorChanged
from shared.contract.inbound import AccountHealth
from shared.contract.rights import RIGHTS, Right, Role, rights_of
from shared.contract.wire import Utc

_rights = lru_cache(maxsize=256)(rights_of)


@dataclass(frozen=True, slots=True)
class Operator:
    """`available` is the status that was chosen (OP1); `present`: a live connection of a workplace (OP5)."""

    operator_id: UUID
    login: str
    name: str
    public_name: str
    role: Role
    without: tuple[Right, ...] = ()
    accounts: tuple[str, ...] | None = None
    groups: tuple[str, ...] = ()
    available: bool = True
    present: bool = False
    disabled: bool = False
    version: int = 1
    access_version: int = 1

    @property
    def rights(self) -> frozenset[Right]:
        return _rights(self.role, self.without)

    @property
    def subject(self) -> str:
        return f"operator:{self.operator_id}"

    def seen(self, *, present: bool) -> Operator:
        """The operator whose workplace was opened, or closed."""
        return replace(self, present=present, version=self.version + 1)

    def event(self, cause: UUID) -> OperatorChanged:
        return OperatorChanged(
            operator_id=self.operator_id,
            login=self.login,
            name=self.name,
            public_name=self.public_name,
            role=self.role,
            rights=tuple(right for right in RIGHTS if right in self.rights),
            accounts=self.accounts,
            groups=self.groups,
            available=self.available,
            present=self.present,
            disabled=self.disabled,
            version=self.version,
            access_version=self.access_version,
            cause=cause,
        )


@dataclass(frozen=True, slots=True)
class Group:
    slug: str
    name: str
    version: int = 1

    @property
    def subject(self) -> str:
        return f"group:{self.slug}"

    def event(self, cause: UUID) -> GroupChanged:
        return GroupChanged(slug=self.slug, name=self.name, version=self.version, cause=cause)


@dataclass(frozen=True, slots=True)
class Account:
    """What its gateway declared (name, capabilities, health) and what routing adds (groups and the rest)."""

    channel: str
    account: str
    name: str
    capabilities: Capabilities
    connected: bool
    declared_at: Utc
    health: AccountHealth | None = None
    groups: tuple[str, ...] = ()
    close_untaken: bool = True
    version: int = 1

    @property
    def key(self) -> str:
        return f"{self.channel}.{self.account}"

    @property
    def subject(self) -> str:
        return f"account:{self.key}"

    def event(self, cause: UUID) -> AccountChanged:
        health = self.health
        return AccountChanged(
            channel=self.channel,
            account=self.account,
            name=self.name,
            capabilities=self.capabilities,
            connected=self.connected,
            health=health.state if health else "well",
            health_reason=health.reason if health else None,
            health_until=health.until if health else None,
            groups=self.groups,
            close_untaken=self.close_untaken,
            version=self.version,
            cause=cause,
        )


Entity: TypeAlias = Operator | Group | Account


class Registry:
    """All operators, groups and accounts; see the file's docstring."""

    def __init__(self, entities: Iterable[Entity] = ()) -> None:
        self.operators: dict[UUID, Operator] = {}
        self.groups: dict[str, Group] = {}
        self.accounts: dict[str, Account] = {}
        self._logins: dict[str, UUID] = {}
        self._sights: dict[UUID, Clause] = {}
        for entity in entities:
            self.put(entity)

    def put(self, entity: Entity) -> None:
        """The entity as it is from now on."""
        if isinstance(entity, Operator):
            self.operators[entity.operator_id] = entity
            self._logins[entity.login] = entity.operator_id
        elif isinstance(entity, Group):
            self.groups[entity.slug] = entity
        else:
            self.accounts[entity.key] = entity
        self._sights.clear()

    def find_operator(self, login_or_id: str) -> Operator | None:
        by_login = self._logins.get(login_or_id)
        return self.operator(login_or_id) if by_login is None else self.operators[by_login]

    def operator(self, id_: str) -> Operator | None:
        """By id alone: what an actor is known by."""
        try:
            return self.operators.get(UUID(id_))
        except ValueError:
            return None

    def seen_accounts(self, operator: Operator) -> frozenset[str]:
        """`channel.account` of each account whose conversations the operator may see."""
        groups_of = {key: frozenset(account.groups) for key, account in self.accounts.items()}
        return allowed_accounts(operator.accounts, operator.groups, groups_of)

    def sees(self, operator: Operator, scope: Scope) -> bool:
        """Whether the operator may see a conversation: the predicate that lists and deltas use too."""
        clause = self._sights.get(operator.operator_id)
        if clause is None:
            viewer = Viewer(operator.operator_id, operator.rights, self.seen_accounts(operator))
            clause = self._sights[operator.operator_id] = sight(viewer)
        return clause.matches(scope)
