"""Who may see a conversation: one predicate, as data, read two ways.

`sight(viewer)` is a small expression. `matches(scope)` asks it about one conversation in memory (live
deltas, filtered for each recipient at the moment of sending); `sql(columns)` compiles it for lists,
objects, counters, search and files. A test holds the two readings equal. The rule:

    the account is one that the viewer may see, and
    ( nobody is responsible for the conversation
      or the viewer is its assignee or a participant
      or it is offered to the viewer, or to a group of theirs
      or the viewer has the right `others.read` )

Which accounts a viewer may see: those of their own list (all, without one), less the accounts that
belong to groups of which the viewer is no member.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from shared.contract.rights import Right


@dataclass(frozen=True, slots=True)
class Viewer:
    """An operator as far as sight goes; `accounts` are `channel.account` already resolved against groups."""

    operator_id: UUID
    rights: frozenset[Right]
    accounts: frozenset[str]
    access_version: int = 0
    groups: frozenset[str] = frozenset()
    """Those that the operator is a member of."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a conversation decides who sees it."""

    account: str
    status: str
    assignee: UUID | None
    participants: frozenset[UUID] = frozenset()
    offered_to: UUID | None = None
    """The operator of an offer that stands."""
    offered_group: str | None = None
    """The group of an offer that stands."""


class Clause(Protocol):
    def matches(self, scope: Scope, /) -> bool: ...

    def sql(self, columns: Any, participants: sa.FromClause, /) -> sa.ColumnElement[bool]: ...


@dataclass(frozen=True, slots=True)
class AccountIn:
    accounts: frozenset[str]

    def matches(self, scope: Scope) -> bool:
        return scope.account in self.accounts

    def sql(self, columns: Any, _participants: sa.FromClause, /) -> sa.ColumnElement[bool]:
        return columns.account.in_(sorted(self.accounts))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Untaken:
    """Nobody is responsible: new ones, and those closed before anybody took them."""

    def matches(self, scope: Scope) -> bool:
        return scope.assignee is None

    def sql(self, columns: Any, _participants: sa.FromClause, /) -> sa.ColumnElement[bool]:
        return columns.assignee.is_(None)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class AssignedTo:
    operator_id: UUID

    def matches(self, scope: Scope) -> bool:
        return scope.assignee == self.operator_id

    def sql(self, columns: Any, _participants: sa.FromClause, /) -> sa.ColumnElement[bool]:
        return columns.assignee == self.operator_id  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class ParticipantIs:
    operator_id: UUID

    def matches(self, scope: Scope) -> bool:
        return self.operator_id in scope.participants

    def sql(self, columns: Any, participants: sa.FromClause) -> sa.ColumnElement[bool]:
        mine = sa.select(participants.c.conversation_id).where(participants.c.operator_id == self.operator_id)
        return columns.conversation_id.in_(mine)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class OfferedTo:
    operator_id: UUID

    def matches(self, scope: Scope) -> bool:
        return scope.offered_to == self.operator_id

    def sql(self, columns: Any, _participants: sa.FromClause, /) -> sa.ColumnElement[bool]:
        return columns.offered_to == self.operator_id  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class OfferedToGroup:
    groups: frozenset[str]

    def matches(self, scope: Scope) -> bool:
        return scope.offered_group is not None and scope.offered_group in self.groups

    def sql(self, columns: Any, _participants: sa.FromClause, /) -> sa.ColumnElement[bool]:
        return columns.offered_group.in_(sorted(self.groups))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Anything:
    def matches(self, _scope: Scope, /) -> bool:
        return True

    def sql(self, _columns: Any, _participants: sa.FromClause, /) -> sa.ColumnElement[bool]:
        return sa.true()


@dataclass(frozen=True, slots=True)
class AllOf:
    clauses: tuple[Clause, ...]

    def matches(self, scope: Scope) -> bool:
        return all(clause.matches(scope) for clause in self.clauses)

    def sql(self, columns: Any, participants: sa.FromClause) -> sa.ColumnElement[bool]:
        return sa.and_(*(clause.sql(columns, participants) for clause in self.clauses))


@dataclass(frozen=True, slots=True)
class AnyOf:
    clauses: tuple[Clause, ...]

    def matches(self, scope: Scope) -> bool:
        return any(clause.matches(scope) for clause in self.clauses)

    def sql(self, columns: Any, participants: sa.FromClause) -> sa.ColumnElement[bool]:
        return sa.or_(*(clause.sql(columns, participants) for clause in self.clauses))


def sight(viewer: Viewer) -> Clause:
    """What `viewer` may see; see the file's docstring."""
    me = viewer.operator_id
    if "others.read" in viewer.rights:
        among: Clause = Anything()
    else:
        own = (AssignedTo(me), ParticipantIs(me), OfferedTo(me), OfferedToGroup(viewer.groups))
        among = AnyOf((Untaken(), *own))
    return AllOf((AccountIn(viewer.accounts), among))


def allowed_accounts(
    own: Iterable[str] | None, groups: Iterable[str], account_groups: Mapping[str, frozenset[str]]
) -> frozenset[str]:
    """The accounts that an operator may see.

    `own`: the operator's list of `channel.account`, none for all; `groups`: the operator's;
    `account_groups`: every known account with the groups that it belongs to (empty: everybody's).
    """
    mine = frozenset(groups)
    listed = None if own is None else frozenset(own)
    return frozenset(
        account
        for account, members in account_groups.items()
        if (listed is None or account in listed) and (not members or members & mine)
    )
