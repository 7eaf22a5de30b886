"""Groups, and the settings of routing of each account: which groups see it, what may be closed. Pure.

An account that belongs to groups is seen by their members only. When that changes, so does what operators
may see, and their `access_version` says so.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from router.change import Act, Change
from router.dialog import Refused
from router.registry import Account, Entity, Group, Registry
from shared.contract.commands import AddGroup, ListGroups, ListRouting, SetRouting


def add_group(act: Act, command: AddGroup) -> Change:
    if command.slug in act.registry.groups:
        raise Refused("already_exists", what=command.slug)
    group = Group(command.slug, command.name)
    return Change(
        (group,), {"group": {"slug": group.slug, "name": group.name}}, detail={"name": command.name}
    )


def list_groups(act: Act, _command: ListGroups) -> Change:
    operators = act.registry.operators.values()
    rows = [
        {
            "slug": group.slug,
            "name": group.name,
            "operators": sorted(one.login for one in operators if group.slug in one.groups),
        }
        for group in sorted(act.registry.groups.values(), key=lambda one: one.slug)
    ]
    return Change((), {"groups": rows})


def set_routing(act: Act, command: SetRouting) -> Change:
    """Only what is given changes."""
    before = act.registry.accounts.get(command.account)
    if before is None:
        raise Refused("account_unknown", account=command.account)
    changed: dict[str, Any] = {}
    if command.groups is not None:
        for slug in command.groups:
            if slug not in act.registry.groups:
                raise Refused("group_unknown", group=slug)
        changed["groups"] = tuple(sorted(set(command.groups)))
    if changed.get("groups") == before.groups:
        del changed["groups"]
    known = asdict(before.routing)
    given = {name: value for name in known if (value := getattr(command, name)) is not None}
    settings = {name: value for name, value in given.items() if known[name] != value}
    if not changed and not settings:
        return Change((), {"account": row(before)})
    routing = replace(before.routing, **settings)
    after = replace(before, **changed, routing=routing, version=before.version + 1)
    changed |= settings
    return Change(
        (after, *_whose_sight_changes(act.registry, after)), {"account": row(after)}, detail=changed
    )


def list_routing(act: Act, _command: ListRouting) -> Change:
    accounts = sorted(act.registry.accounts.values(), key=lambda one: one.key)
    return Change((), {"accounts": [row(account) for account in accounts]})


def row(account: Account) -> dict[str, Any]:
    """An account in an answer."""
    return {
        "account": account.key,
        "name": account.name,
        "connected": account.connected,
        "health": account.health.state if account.health else "well",
        "groups": list(account.groups),
        **asdict(account.routing),
    }


def _whose_sight_changes(registry: Registry, account: Account) -> tuple[Entity, ...]:
    """Operators who see other accounts than before, each with a raised `access_version`."""
    after = Registry([*registry.operators.values(), *registry.accounts.values(), account])
    return tuple(
        replace(operator, version=operator.version + 1, access_version=operator.access_version + 1)
        for operator in registry.operators.values()
        if registry.seen_accounts(operator) != after.seen_accounts(operator)
    )
