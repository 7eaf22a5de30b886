"""Whether somebody may take a conversation, or be given it: rules of status, limit, sight and channel.

Taking is one's own act, giving somebody else's: a status allows them apart (OP1). The limit holds for both
(RT4); what was reserved by an offer is one's own already.
"""

from __future__ import annotations

from uuid import UUID

from router.dialog import Refused, Turn
from router.registry import Operator
from shared.contract.rights import Right


def check_taker(turn: Turn, operator: Operator, *, reserved: bool = False) -> None:
    """Refuses whoever may not take a conversation now."""
    if "take" not in operator.rights:
        raise Refused("no_right", right="take")
    row = turn.facts.registry.status_of(operator)
    if not row.takes:
        raise Refused("status_forbids", status=row.name)
    if not reserved:
        _check_limit(turn, operator, operator)


def check_receiver(turn: Turn, operator: Operator) -> None:
    """Refuses to give it to somebody who may not see it, does not receive, or has enough."""
    check_sight(turn, operator)
    row = turn.facts.registry.status_of(operator)
    if not row.receives:
        raise Refused("operator_not_receiving", who=operator.name, status=row.name)
    account = turn.account
    needed = account is not None and account.capabilities.transfer_needs_presence
    if needed and not operator.present:
        raise Refused("operator_not_online", who=operator.name)
    _check_limit(turn, operator, turn.operator)


def check_sight(turn: Turn, operator: Operator) -> None:
    """Refuses to show it to somebody who is switched off or has no access to its account."""
    if operator.disabled:
        raise Refused("operator_disabled")
    if turn.before.account not in turn.facts.registry.seen_accounts(operator):
        raise Refused("operator_cannot_see", who=operator.name, account=turn.before.account)


def could_receive(turn: Turn, operator: Operator | None) -> bool:
    """The same as a question, of somebody who is there; of nobody: no."""
    if operator is None or not operator.present:
        return False
    try:
        check_receiver(turn, operator)
    except Refused:
        return False
    return True


def receiver(turn: Turn, operator_id: UUID) -> Operator:
    found = turn.facts.registry.operators.get(operator_id)
    if found is None:
        raise Refused("operator_unknown", operator=str(operator_id))
    return found


def has(turn: Turn, right: Right) -> bool:
    """Whether the actor has a right; a console, the machine itself, has all."""
    return turn.operator is None or right in turn.operator.rights


def _check_limit(turn: Turn, operator: Operator, actor: Operator | None) -> None:
    overrides = actor is not None and "limits.override" in actor.rights
    if turn.facts.floor.full(operator) and not overrides:
        raise Refused("limit_reached", who=operator.name, limit=str(operator.limit))
