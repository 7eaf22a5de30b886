"""What every function that carries out a command is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.access import Scope, Viewer, sight
from shared.bus.outgoing import Outgoing
from shared.contract.people import Actor
from shared.contract.refusals import RefusalCode
from shared.contract.rights import Right
from store.ledger import Ledger
from store.views import ConversationView


class Refused(Exception):
    """The command is refused for this code. Raised before anything is changed."""

    def __init__(self, code: RefusalCode, **parameters: str) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters


@dataclass(frozen=True, slots=True)
class Act:
    """One command at work: who gave it, and the batch that it is in.

    `viewer` is none for a command line of the machine itself, which sees and may everything.
    """

    conn: AsyncConnection
    ledger: Ledger
    command_id: UUID
    actor: Actor
    viewer: Viewer | None
    traceparent: str | None = None

    @property
    def now(self) -> datetime:
        return self.ledger.now

    def may(self, right: Right) -> bool:
        return self.viewer is None or right in self.viewer.rights

    def sees(self, view: ConversationView) -> bool:
        """Whether the conversation is visible to whoever asks."""
        if self.viewer is None:
            return True
        offer = view.offer
        to, group = (None, None) if offer is None else (offer.operator_id, offer.group)
        members = frozenset(view.participants)
        return sight(self.viewer).matches(Scope(view.account, view.status, view.assignee, members, to, group))


@dataclass(frozen=True, slots=True)
class Done:
    """A command's result for whoever asked, what is to be published, and what the audit log keeps of it."""

    result: Mapping[str, Any] = field(default_factory=dict)
    outgoing: Sequence[Outgoing] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


UNCHANGED = Done({"events": 0})
"""It is so already: nothing is to be seen in the feed."""
