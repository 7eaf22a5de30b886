"""The table of statuses (OP1) and who stands in which row: set, listed, chosen, or set by signing in. Pure.

What a row allows is kept with the operator as `available`, so a changed table changes operators too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from router.change import Act, Change
from router.dialog import Refused
from router.permission import require
from router.registry import Operator, Statuses
from shared.contract.commands import (
    ListStatuses,
    SetPreferences,
    SetStatus,
    SetStatuses,
    SignInOperator,
    SignOutOperator,
)
from shared.contract.statuses import StatusRow


def set_statuses(act: Act, command: SetStatuses) -> Change:
    """The whole table anew; whose row is gone stands in the first one."""
    slugs = [row.slug for row in command.statuses]
    if len(set(slugs)) != len(slugs):
        raise Refused("invalid", reason="two statuses have one slug")
    before = act.registry.statuses
    result = {"statuses": _listed(command.statuses)}
    if before.rows == command.statuses:
        return Change((), result)
    table = Statuses(command.statuses, before.version + 1)
    moved = (_again(one, table, act) for one in act.registry.operators.values())
    changed = tuple(one for one in moved if one is not None)
    return Change((table, *changed), result, detail={"statuses": slugs})


def list_statuses(act: Act, _command: ListStatuses) -> Change:
    return Change((), {"statuses": _listed(act.registry.statuses.rows)})


def set_status(act: Act, command: SetStatus) -> Change:
    """One's own; another's with the right to manage operators."""
    operator = _own(act, command)
    if act.registry.statuses.find(command.status) is None:
        raise Refused("status_unknown", status=command.status)
    return _standing(act, operator, command.status)


def set_preferences(act: Act, command: SetPreferences) -> Change:
    """OP3: an empty word is no status."""
    operator = _own(act, command)
    changed: dict[str, Any] = {}
    for name in ("status_on_sign_in", "status_on_sign_out"):
        given: str | None = getattr(command, name)
        if given and act.registry.statuses.find(given) is None:
            raise Refused("status_unknown", status=given)
        if given is not None and (given or None) != getattr(operator, name):
            changed[name] = given or None
    if not changed:
        return Change()
    return Change((replace(operator, **changed, version=operator.version + 1),), detail=changed)


def signed(act: Act, command: SignInOperator | SignOutOperator) -> Change:
    """Signing in or out sets the status that the operator chose for it, if that still exists."""
    operator = _own(act, command)
    entering = isinstance(command, SignInOperator)
    wanted = operator.status_on_sign_in if entering else operator.status_on_sign_out
    if wanted is None or act.registry.statuses.find(wanted) is None:
        return Change()
    return _standing(act, operator, wanted)


def _own(act: Act, command: SetStatus | SetPreferences | SignInOperator | SignOutOperator) -> Operator:
    if not (act.actor.kind == "operator" and act.actor.id == str(command.operator_id)):
        require(act.registry, act.actor, "operators.manage")
    operator = act.registry.operators.get(command.operator_id)
    if operator is None:
        raise Refused("operator_unknown", operator=str(command.operator_id))
    if operator.disabled:
        raise Refused("operator_disabled")
    return operator


def _standing(act: Act, operator: Operator, status: str) -> Change:
    if operator.status == status:
        return Change()
    row = act.registry.statuses.row(status)
    after = replace(
        operator,
        status=row.slug,
        status_since=act.now,
        available=row.takes,
        version=operator.version + 1,
    )
    return Change((after,), {"status": status}, detail={"status": status})


def _again(operator: Operator, table: Statuses, act: Act) -> Operator | None:
    """The operator under a changed table; none when nothing changes."""
    row = table.row(operator.status)
    available = row.takes and not operator.disabled
    if (row.slug, available) == (operator.status, operator.available):
        return None
    since = operator.status_since if row.slug == operator.status else act.now
    return replace(
        operator, status=row.slug, status_since=since, available=available, version=operator.version + 1
    )


def _listed(rows: tuple[StatusRow, ...]) -> list[dict[str, Any]]:
    return [row.model_dump() for row in rows]
