"""Commands that are no conversation's: who may give them, what decides them, what the audit log keeps (AD6).

command          right               audited
operator.add     operators.manage    yes
…                                    refused ones too
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from router import operators, routing, statuses
from router.change import Act, Change
from router.dialog import Refused
from router.permission import require
from router.registry import Entity
from shared.contract import commands
from shared.contract.commands import Command
from shared.contract.events import ActRecorded
from shared.contract.people import Actor
from shared.contract.rights import Right


@dataclass(frozen=True, slots=True)
class Rule:
    """`right` none: the function itself decides who may."""

    right: Right | None
    decide: Callable[[Act, Any], Change]
    audited: bool


def resync(act: Act, _command: commands.Resync) -> Change:
    """Says all that is known of operators, groups and accounts; the batch repeats open conversations."""
    registry = act.registry
    entities: tuple[Entity, ...] = (
        registry.statuses,
        *registry.operators.values(),
        *registry.groups.values(),
        *registry.accounts.values(),
        *registry.templates.values(),
    )
    counts = {
        "operators": len(registry.operators),
        "groups": len(registry.groups),
        "accounts": len(registry.accounts),
    }
    return Change(entities, counts)


RULES: Final[Mapping[type[Command], Rule]] = {
    commands.AddOperator: Rule("operators.manage", operators.add_operator, audited=True),
    commands.ChangeOperator: Rule("operators.manage", operators.change_operator, audited=True),
    commands.ListOperators: Rule("operators.manage", operators.list_operators, audited=False),
    commands.SetStatus: Rule(None, statuses.set_status, audited=True),
    commands.SetPreferences: Rule(None, statuses.set_preferences, audited=True),
    commands.SignInOperator: Rule(None, statuses.signed, audited=False),
    commands.SignOutOperator: Rule(None, statuses.signed, audited=False),
    commands.SetStatuses: Rule("routing.manage", statuses.set_statuses, audited=True),
    commands.ListStatuses: Rule("routing.manage", statuses.list_statuses, audited=False),
    commands.AddGroup: Rule("operators.manage", routing.add_group, audited=True),
    commands.ListGroups: Rule("operators.manage", routing.list_groups, audited=False),
    commands.SetRouting: Rule("routing.manage", routing.set_routing, audited=True),
    commands.ListRouting: Rule("routing.manage", routing.list_routing, audited=False),
    commands.Resync: Rule("routing.manage", resync, audited=True),
}


_OF_OPERATOR: Final = (
    commands.AddOperator,
    commands.SetStatus,
    commands.SetPreferences,
    commands.SignInOperator,
    commands.SignOutOperator,
)


def decide_act(act: Act, command: Command) -> Change:
    """What an administrative command changes; raises `Refused`."""
    rule = RULES[type(command)]
    if rule.right is not None:
        require(act.registry, act.actor, rule.right)
    return rule.decide(act, command)


def is_audited(command: Command) -> bool:
    """Administrative acts are; what operators tell of themselves is none."""
    if isinstance(command, commands.SetStatus | commands.SetPreferences):
        return command.actor.kind != "operator" or command.actor.id != str(command.operator_id)
    return RULES[type(command)].audited


def subject_of(command: Command) -> str:
    """Whom or what a command is about, in the words of an envelope's subject."""
    if isinstance(command, _OF_OPERATOR):
        return f"operator:{command.operator_id}"
    if isinstance(command, commands.ChangeOperator):
        return f"operator:{command.operator}"
    if isinstance(command, commands.AddGroup):
        return f"group:{command.slug}"
    if isinstance(command, commands.SetRouting):
        return f"account:{command.account}"
    return "router"


def recorded(
    act: Act, command: Command, change: Change | None, refused: Refused | None = None
) -> ActRecorded:
    """The line of the audit log: of what was done, or of what was refused."""
    return ActRecorded(
        actor=act.actor,
        command=command.TYPE,
        subject=subject_of(command),
        accepted=refused is None,
        refusal=refused.code if refused else None,
        detail=dict(change.detail) if change else {},
        at=act.now,
    )


def may_renew_presence(actor: Actor) -> bool:
    """Only services tell who has a workplace open."""
    return actor.kind in {"service", "console", "system"}


def operator_ids(command: commands.RenewPresence, known: Mapping[UUID, object]) -> list[UUID]:
    """Those of a renewal that exist."""
    return [operator for operator in command.operators if operator in known]
