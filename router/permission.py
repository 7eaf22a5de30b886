"""Who may ask for what. An operator acts by the rights of the role; a console, the machine itself, by all.

What one may not see does not exist: a conversation out of sight is refused as `conversation_not_found`,
before anything is said about it.
"""

from __future__ import annotations

from router.dialog import Refused, Turn
from router.registry import Operator, Registry
from shared.contract.commands import OfConversation, StartConversation
from shared.contract.people import Actor
from shared.contract.rights import Right


def acting_operator(registry: Registry, actor: Actor) -> Operator:
    """The operator who acts; refused for anybody else."""
    operator = registry.operator(actor.id) if actor.kind == "operator" else None
    if operator is None:
        raise Refused("operator_unknown", operator=actor.name or actor.id)
    if operator.disabled:
        raise Refused("operator_disabled")
    return operator


def require(registry: Registry, actor: Actor, right: Right) -> Operator | None:
    """The operator who acts with this right; none for a console."""
    if actor.kind == "console":
        return None
    if actor.kind != "operator":
        raise Refused("no_right", right=right)
    operator = acting_operator(registry, actor)
    if right not in operator.rights:
        raise Refused("no_right", right=right)
    return operator


def permit(turn: Turn, right: Right | None) -> None:
    """Lets a command about a conversation through, or refuses it; remembers the operator in the turn."""
    command: OfConversation | StartConversation = turn.data
    registry = turn.facts.registry
    if isinstance(command, StartConversation):
        turn.operator = permit_start(registry, command)
        return
    if command.actor.kind == "operator":
        turn.operator = acting_operator(registry, command.actor)
        if right is not None and right not in turn.operator.rights:
            raise Refused("no_right", right=right)
    elif command.actor.kind != "console":
        raise Refused("no_right", right=right or "others.read")
    known = turn.conversation is not None and turn.conversation.conversation_id == command.conversation_id
    if not known or (turn.operator is not None and not registry.sees(turn.operator, turn.scope)):
        raise Refused("conversation_not_found")


def permit_start(registry: Registry, command: StartConversation) -> Operator:
    """The operator who may write first through the account: nobody else can, and it is theirs to answer."""
    if command.actor.kind not in ("operator", "console"):
        raise Refused("no_right", right="reply")
    operator = acting_operator(registry, command.actor)
    if "reply" not in operator.rights:
        raise Refused("no_right", right="reply")
    if command.account not in registry.seen_accounts(operator):
        raise Refused("account_unseen")
    return operator


def self_as_operator(turn: Turn) -> Operator:
    """The operator of a command that only an operator can carry out."""
    return turn.operator or acting_operator(turn.facts.registry, turn.actor)


def require_mine(turn: Turn) -> None:
    """Refuses who is not responsible for an active conversation, and says who is; a console may always."""
    if turn.operator is not None and turn.open.assignee != turn.operator.operator_id:
        raise taken_by_other(turn)


def taken_by_other(turn: Turn) -> Refused:
    holder = turn.facts.registry.operators.get(turn.open.assignee) if turn.open.assignee else None
    return Refused("assigned_to_other", who=holder.name if holder else "—")
