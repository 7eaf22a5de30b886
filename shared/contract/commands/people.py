"""Operators, groups, statuses, settings of routing: what administrators and operators change of them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contract.commands.command import Command
from shared.contract.rights import Right, Role
from shared.contract.statuses import StatusRow

MOST_CATEGORIES: Final = 100
Category = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class AddOperator(Command):
    TYPE: ClassVar[str] = "operator.add.v1"
    operator_id: UUID
    login: str = Field(pattern=r"^[a-z0-9][a-z0-9._@+-]{0,99}$")
    name: str = Field(min_length=1, max_length=100)
    public_name: str | None = Field(default=None, max_length=100)
    role: Role = "operator"
    without: tuple[Right, ...] = ()
    accounts: tuple[str, ...] | None = None
    """`channel.account` of each allowed account; none: all of them."""
    groups: tuple[str, ...] = ()
    limit: int | None = Field(default=None, ge=0, le=1000)
    """RT4: conversations at once; none: any number."""


class ChangeOperator(Command):
    """Only what is given changes."""

    TYPE: ClassVar[str] = "operator.change.v1"
    operator: str
    """Login or id."""
    name: str | None = Field(default=None, min_length=1, max_length=100)
    public_name: str | None = Field(default=None, max_length=100)
    role: Role | None = None
    without: tuple[Right, ...] | None = None
    accounts: tuple[str, ...] | Literal["all"] | None = None
    groups: tuple[str, ...] | None = None
    limit: int | Literal["none"] | None = None
    disabled: bool | None = None


class ListOperators(Command):
    TYPE: ClassVar[str] = "operator.list.v1"


class SetStatus(Command):
    """OP1: what an operator is doing now, one row of the table of statuses."""

    TYPE: ClassVar[str] = "operator.set_status.v1"
    operator_id: UUID
    status: str


class SetPreferences(Command):
    """OP3: the statuses that signing in and out sets; an empty word: none."""

    TYPE: ClassVar[str] = "operator.set_preferences.v1"
    operator_id: UUID
    status_on_sign_in: str | None = None
    status_on_sign_out: str | None = None


class SignInOperator(Command):
    """A desk tells that an operator signed in."""

    TYPE: ClassVar[str] = "operator.sign_in.v1"
    operator_id: UUID


class SignOutOperator(Command):
    """A desk tells that an operator signed out by hand."""

    TYPE: ClassVar[str] = "operator.sign_out.v1"
    operator_id: UUID


class SetStatuses(Command):
    """The whole table of statuses, from now on; an operator whose status is gone gets the first one."""

    TYPE: ClassVar[str] = "statuses.set.v1"
    statuses: tuple[StatusRow, ...] = Field(min_length=1, max_length=30)


class ListStatuses(Command):
    TYPE: ClassVar[str] = "statuses.list.v1"


class AddGroup(Command):
    TYPE: ClassVar[str] = "group.add.v1"
    slug: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    name: str = Field(min_length=1, max_length=100)


class ListGroups(Command):
    TYPE: ClassVar[str] = "group.list.v1"


class SetRouting(Command):
    """Settings of routing of one account: only what is given changes."""

    TYPE: ClassVar[str] = "routing.set.v1"
    account: str
    """`channel.account`."""
    groups: tuple[str, ...] | None = None
    """Only these groups see it; none at all: everybody whose access allows the account."""
    close_untaken: bool | None = None
    """LC6: whether one that nobody took may be closed."""
    close_others: bool | None = None
    """RT8: whether a conversation of somebody else may be closed by the right `others.close`."""
    category_required: bool | None = None
    """LC6: closing needs a category."""
    categories: tuple[Category, ...] | None = Field(default=None, max_length=MOST_CATEGORIES)
    """LC6: what may be chosen when one is closed; none at all: any words."""
    close_after_minutes: int | None = Field(default=None, ge=0, le=525_600)
    """LC6: an active one in which nobody has written for so long is closed; 0: never."""
    reopens: Literal["new", "last", "fresh"] | None = None
    """LC7: when the client writes to a closed one: to New, to the last operator, or a new conversation."""
    distribution: Literal["free", "least_loaded"] | None = None
    """RT3: free for all, or given to the least loaded who is available."""
    handover: Literal["offer", "appoint"] | None = None
    """RT13: whether what is distributed or transferred has to be accepted."""
    offer_seconds: int | None = Field(default=None, ge=5, le=86_400)
    """How long an offer to one operator stands."""
    max_wait_seconds: int | None = Field(default=None, ge=1, le=604_800)
    """LC13: when a waiting client's timer is red."""
    wait_ends: Literal["answered", "taken"] | None = None
    """LC13: what stops the timer."""


class ListRouting(Command):
    TYPE: ClassVar[str] = "routing.list.v1"


class Resync(Command):
    """Repeat all open state as events, for those who may have missed it (after a restore)."""

    TYPE: ClassVar[str] = "routing.resync.v1"


class RenewPresence(Command):
    """A desk says which operators have its page open; it holds for `seconds` (OP5)."""

    TYPE: ClassVar[str] = "presence.renew.v1"
    desk: str
    operators: tuple[UUID, ...]
    seconds: int = Field(ge=5, le=120)
