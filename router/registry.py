"""Who and what the router knows besides dialogs: operators and their statuses, groups, accounts. Frozen rows.

The registry is the small part of the database that every decision reads; it is loaded at a takeover and
after any doubt, and changed only with what the same transaction writes. Reading it is all that a pure
decision may do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final, Literal, TypeAlias
from uuid import UUID

from shared.access import Clause, Scope, Viewer, allowed_accounts, sight
from shared.contract.capabilities import Capabilities
from shared.contract.events import (
    AccountChanged,
    AccountTemplates,
    GroupChanged,
    OperatorChanged,
    StatusesChanged,
)
from shared.contract.inbound import AccountHealth, KnownTemplate
from shared.contract.people import Identity
from shared.contract.rights import RIGHTS, Right, Role, rights_of
from shared.contract.statuses import STANDARD, StatusRow
from shared.contract.wire import Utc

_rights = lru_cache(maxsize=256)(rights_of)


@dataclass(frozen=True, slots=True)
class Operator:
    """`status` is a row of the table (OP1), `available` whether that row takes from New; `present`: a
    workplace is open (OP5). `limit`: conversations at once (RT4), none: any number."""

    operator_id: UUID
    login: str
    name: str
    public_name: str
    role: Role
    without: tuple[Right, ...] = ()
    accounts: tuple[str, ...] | None = None
    groups: tuple[str, ...] = ()
    status: str = "available"
    status_since: datetime | None = None
    status_on_sign_in: str | None = None
    status_on_sign_out: str | None = None
    limit: int | None = None
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
            status=self.status,
            status_since=self.status_since,
            status_on_sign_in=self.status_on_sign_in,
            status_on_sign_out=self.status_on_sign_out,
            limit=self.limit,
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
class Statuses:
    """The table of statuses; never empty."""

    rows: tuple[StatusRow, ...] = STANDARD
    version: int = 0
    """0: the one that is shipped."""

    @property
    def subject(self) -> str:
        return "statuses"

    def find(self, slug: str) -> StatusRow | None:
        return next((row for row in self.rows if row.slug == slug), None)

    def row(self, slug: str) -> StatusRow:
        """The row, or the first one where there is none of this name."""
        return self.find(slug) or self.rows[0]

    def event(self, cause: UUID) -> StatusesChanged:
        return StatusesChanged(statuses=self.rows, version=self.version, cause=cause)


@dataclass(frozen=True, slots=True)
class Routing:
    """Settings of routing of an account; their meaning stands in `SetRouting`."""

    close_untaken: bool = True
    close_others: bool = True
    category_required: bool = False
    categories: tuple[str, ...] = ()
    close_after_minutes: int = 0
    reopens: Literal["new", "last", "fresh"] = "new"
    distribution: Literal["free", "least_loaded"] = "free"
    handover: Literal["offer", "appoint"] = "offer"
    offer_seconds: int = 60
    max_wait_seconds: int = 300
    wait_ends: Literal["answered", "taken"] = "answered"


USUAL: Final = Routing()


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
    routing: Routing = USUAL
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
            **asdict(self.routing),
            version=self.version,
            cause=cause,
        )


@dataclass(frozen=True, slots=True)
class Templates:
    """What its provider approved for an account (MS7), `at` a time."""

    channel: str
    account: str
    templates: tuple[KnownTemplate, ...]
    at: datetime
    version: int = 1

    @property
    def key(self) -> str:
        return f"{self.channel}.{self.account}"

    @property
    def subject(self) -> str:
        return f"templates:{self.key}"

    def find(self, name: str, language: str) -> KnownTemplate | None:
        return next((one for one in self.templates if (one.name, one.language) == (name, language)), None)

    def event(self, cause: UUID) -> AccountTemplates:
        said = {name: getattr(self, name) for name in self.__slots__}
        return AccountTemplates(**said, cause=cause)


Entity: TypeAlias = Operator | Group | Account | Statuses | Templates


class Registry:
    """All operators, groups and accounts; see the file's docstring."""

    def __init__(self, entities: Iterable[Entity] = ()) -> None:
        self.operators: dict[UUID, Operator] = {}
        self.groups: dict[str, Group] = {}
        self.accounts: dict[str, Account] = {}
        self.templates: dict[str, Templates] = {}
        self.statuses = Statuses()
        self.blocks: dict[tuple[str, str], datetime] = {}
        """RT12: until when an address, by its channel, is blocked."""
        self._logins: dict[str, UUID] = {}
        self._sights: dict[UUID, Clause] = {}
        self._seen: dict[UUID, frozenset[str]] = {}
        self.generation = 0
        """Raised with every change: what was derived of an earlier one is out of date."""
        for entity in entities:
            self.put(entity)

    def put(self, entity: Entity) -> None:
        """The entity as it is from now on."""
        if isinstance(entity, Operator):
            self.operators[entity.operator_id] = entity
            self._logins[entity.login] = entity.operator_id
        elif isinstance(entity, Group):
            self.groups[entity.slug] = entity
        elif isinstance(entity, Statuses):
            self.statuses = entity
        elif isinstance(entity, Templates):
            self.templates[entity.key] = entity
        else:
            self.accounts[entity.key] = entity
        self._sights.clear()
        self._seen.clear()
        self.generation += 1

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
        seen = self._seen.get(operator.operator_id)
        if seen is None or self.operators.get(operator.operator_id) is not operator:
            groups_of = {key: frozenset(account.groups) for key, account in self.accounts.items()}
            seen = allowed_accounts(operator.accounts, operator.groups, groups_of)
            if self.operators.get(operator.operator_id) is operator:
                self._seen[operator.operator_id] = seen
        return seen

    def status_of(self, operator: Operator) -> StatusRow:
        """What the operator is doing, and what that allows."""
        return self.statuses.row(operator.status)

    def blocked(self, identity: Identity, now: datetime) -> bool:
        """RT12: whether what comes from there is kept and not shown."""
        until = self.blocks.get((identity.channel, identity.address))
        return until is not None and until > now

    def sees(self, operator: Operator, scope: Scope) -> bool:
        """Whether the operator may see a conversation: the predicate that lists and deltas use too."""
        clause = self._sights.get(operator.operator_id)
        if clause is None:
            viewer = Viewer(
                operator.operator_id,
                operator.rights,
                self.seen_accounts(operator),
                groups=frozenset(operator.groups),
            )
            clause = self._sights[operator.operator_id] = sight(viewer)
        return clause.matches(scope)
