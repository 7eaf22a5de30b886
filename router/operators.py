"""Operators: added, changed, listed. Pure: an act in, a change out, or `Refused`.

There is always somebody who can manage operators (once there was one). What an operator may see or do has
a version of its own, `access_version`, so that workplaces know when to look at everything anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from router.change import Act, Change
from router.dialog import Refused
from router.registry import Operator, Registry
from shared.contract.commands import AddOperator, ChangeOperator, ListOperators
from shared.contract.rights import RIGHTS

_ACCESS: Final = ("role", "without", "accounts", "groups", "disabled")
"""Fields that decide what an operator may see or do."""


def add_operator(act: Act, command: AddOperator) -> Change:
    registry = act.registry
    if registry.find_operator(command.login) is not None:
        raise Refused("already_exists", what=command.login)
    if command.operator_id in registry.operators:
        raise Refused("already_exists", what=str(command.operator_id))
    _known(registry, command.accounts, command.groups)
    operator = Operator(
        operator_id=command.operator_id,
        login=command.login,
        name=command.name,
        public_name=command.public_name or first_name(command.name),
        role=command.role,
        without=_sorted(command.without) or (),
        accounts=_sorted(command.accounts),
        groups=_sorted(command.groups) or (),
        limit=command.limit,
        status=registry.statuses.rows[0].slug,
        available=registry.statuses.rows[0].takes,
    )
    return Change(
        (operator,), {"operator": row(operator)}, detail={"login": command.login, "role": command.role}
    )


def change_operator(act: Act, command: ChangeOperator) -> Change:
    """Only what is given changes; a change to the same is none."""
    registry = act.registry
    before = registry.find_operator(command.operator)
    if before is None:
        raise Refused("operator_unknown", operator=command.operator)
    given = _given(command)
    _known(registry, given.get("accounts"), given.get("groups"))
    changed = {name: value for name, value in given.items() if getattr(before, name) != value}
    if not changed:
        return Change((), {"operator": row(before)})
    after = replace(before, **changed, version=before.version + 1)
    if any(name in changed for name in _ACCESS):
        after = replace(after, access_version=before.access_version + 1)
    if after.disabled != before.disabled:
        after = replace(after, available=not after.disabled and registry.status_of(after).takes)
    _keep_administrator(registry, before, after)
    if "accounts" in changed:
        changed["accounts"] = after.accounts or "all"
    return Change((after,), {"operator": row(after)}, detail={"login": before.login, **changed})


def list_operators(act: Act, _command: ListOperators) -> Change:
    operators = sorted(act.registry.operators.values(), key=lambda one: one.login)
    return Change((), {"operators": [row(operator) for operator in operators]})


def row(operator: Operator) -> dict[str, Any]:
    """An operator in an answer."""
    return {
        "operator_id": str(operator.operator_id),
        "login": operator.login,
        "name": operator.name,
        "public_name": operator.public_name,
        "role": operator.role,
        "without": list(operator.without),
        "rights": [right for right in RIGHTS if right in operator.rights],
        "accounts": None if operator.accounts is None else list(operator.accounts),
        "groups": list(operator.groups),
        "status": operator.status,
        "limit": operator.limit,
        "available": operator.available,
        "present": operator.present,
        "disabled": operator.disabled,
    }


def first_name(name: str) -> str:
    """What clients see unless something else is set: the first word of the name (OP7)."""
    return (name.split() or [name])[0]


def _given(command: ChangeOperator) -> dict[str, Any]:
    """The fields that the command sets, as an operator keeps them."""
    given: dict[str, Any] = {}
    for name in ("name", "public_name", "role", "disabled"):
        if (value := getattr(command, name)) is not None:
            given[name] = value
    if command.public_name == "":
        del given["public_name"]
    for name in ("without", "groups"):
        if (value := getattr(command, name)) is not None:
            given[name] = _sorted(value)
    if command.limit is not None:
        given["limit"] = None if command.limit == "none" else command.limit
    if command.accounts is not None:
        given["accounts"] = None if command.accounts == "all" else _sorted(command.accounts)
    return given


def _known(registry: Registry, accounts: Iterable[str] | None, groups: Iterable[str] | None) -> None:
    for account in accounts or ():
        if account not in registry.accounts:
            raise Refused("account_unknown", account=account)
    for group in groups or ():
        if group not in registry.groups:
            raise Refused("group_unknown", group=group)


def _keep_administrator(registry: Registry, before: Operator, after: Operator) -> None:
    def manages(operator: Operator) -> bool:
        return not operator.disabled and "operators.manage" in operator.rights

    others = (one for one in registry.operators.values() if one.operator_id != after.operator_id)
    if manages(before) and not manages(after) and not any(manages(one) for one in others):
        raise Refused("last_administrator")


def _sorted(words: Iterable[Any] | None) -> tuple[Any, ...] | None:
    return None if words is None else tuple(sorted(set(words)))
