"""The feed: what changed in the store, for screens. Gapless by `seq`; its copy on the bus is only a hint.

A row carries the entity's whole new state and who could see it before and after, so that a desk decides
for each recipient at the moment of sending. What a desk missed it fetches from the store by HTTP.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias
from uuid import UUID

from shared.access import Scope
from shared.contract.rights import Right
from shared.contract.wire import Utc, Wire

Entity: TypeAlias = Literal[
    "conversation",
    "message",
    "operator",
    "group",
    "account",
    "statuses",
    "template",
    "audit",
    "parked",
]


class Sight(Wire):
    """Who may see it: a conversation's scope, everybody, those with one right, or one operator."""

    account: str | None = None
    status: str | None = None
    assignee: UUID | None = None
    participants: tuple[UUID, ...] = ()
    offered_to: UUID | None = None
    offered_group: str | None = None
    right: Right | None = None
    operator_id: UUID | None = None
    """Only this operator sees it: a template of one's own."""

    @property
    def scope(self) -> Scope | None:
        """The conversation's scope; none where sight does not depend on a conversation."""
        if self.account is None or self.status is None:
            return None
        members = frozenset(self.participants)
        return Scope(self.account, self.status, self.assignee, members, self.offered_to, self.offered_group)


class FeedRow(Wire):
    """One change. `before` is absent for what is new; `after` is absent for what is gone."""

    seq: int
    at: Utc
    entity: Entity
    id: str
    what: str
    version: int
    parent: str | None = None
    """The conversation that a line of history belongs to."""
    before: Sight | None = None
    after: Sight | None = None
    state: dict[str, Any] | None = None
    command_id: UUID | None = None
    traceparent: str | None = None


class FeedHead(Wire):
    """Repeated each second under `feed.head`: a desk that has less fetches the rest."""

    head: int


class FeedPage(Wire):
    """A page of the feed by HTTP; older than `oldest` there is nothing: take a fresh snapshot."""

    head: int
    oldest: int
    items: tuple[FeedRow, ...]
