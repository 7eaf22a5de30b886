"""Operators, groups and settings of routing: refused with words, never half done, always recorded."""

from typing import Any

import pytest

from router import administration
from router.change import Act
from router.dialog import Refused
from router.registry import Group, Registry
from shared.contract import commands
from shared.contract.commands import ROUTER_COMMANDS, Command
from shared.contract.people import Actor
from shared.contract.statuses import STANDARD, STRICT
from tests.unit.router.people import ADMIN, ANNA, BORIS, CONSOLE, NOON, SITE, account, actor, number, operator

SALES = Group("sales", "Sales")


def act(command: type[Command], by: Actor = CONSOLE, registry: Registry | None = None, **fields: Any) -> Any:
    """What a command changes, in the registry too."""
    registry = registry or Registry([ANNA, BORIS, ADMIN, SITE, SALES])
    change = administration.decide_act(Act(registry, by, NOON), command(actor=by, deadline=NOON, **fields))
    for entity in change.entities:
        registry.put(entity)
    return change


def refused(command: type[Command], by: Actor = CONSOLE, **fields: Any) -> tuple[str, dict[str, str]]:
    with pytest.raises(Refused) as caught:
        act(command, by, **fields)
    return caught.value.code, caught.value.parameters


def add(**fields: Any) -> Any:
    given: dict[str, Any] = {"operator_id": number("new"), "login": "new", "name": "Новый Человек"} | fields
    return act(commands.AddOperator, **given)


def test_a_new_operator_is_called_by_the_first_name() -> None:
    (added,) = add(groups=("sales",), accounts=("webchat.site",)).entities
    assert (added.public_name, added.groups, added.accounts) == ("Новый", ("sales",), ("webchat.site",))
    assert (added.available, added.present, added.disabled, added.version) == (True, False, False, 1)


@pytest.mark.feature("AD2", "AD3")
def test_unknown_and_known_things_are_refused_by_name() -> None:
    no_group, no_account = ("group_unknown", {"group": "x"}), ("account_unknown", {"account": "a.b"})
    new: dict[str, Any] = {"operator_id": number("new"), "name": "N"}
    assert refused(commands.AddOperator, **new, login="anna") == ("already_exists", {"what": "anna"})
    same_id: dict[str, Any] = {"operator_id": ANNA.operator_id, "name": "N", "login": "new"}
    assert refused(commands.AddOperator, **same_id)[0] == "already_exists"
    assert refused(commands.AddOperator, **new, login="new", groups=("x",)) == (
        "group_unknown",
        {"group": "x"},
    )
    assert refused(commands.AddOperator, **new, login="new", accounts=("a.b",)) == (
        "account_unknown",
        {"account": "a.b"},
    )
    assert refused(commands.ChangeOperator, operator="who", name="N") == (
        "operator_unknown",
        {"operator": "who"},
    )
    assert refused(commands.ChangeOperator, operator="anna", groups=("x",))[0] == "group_unknown"
    assert refused(commands.ChangeOperator, operator="anna", accounts=("a.b",))[0] == "account_unknown"
    assert refused(commands.AddGroup, slug="sales", name="S") == ("already_exists", {"what": "sales"})
    assert refused(commands.SetRouting, account="a.b") == no_account
    assert refused(commands.SetRouting, account=SITE.key, groups=("x",)) == no_group
    unknown = number("nobody")
    assert refused(commands.SetStatus, operator_id=unknown, status="away")[0] == "operator_unknown"
    assert refused(commands.SetStatus, operator_id=ANNA.operator_id, status="x") == (
        "status_unknown",
        {"status": "x"},
    )


def test_only_what_is_given_changes() -> None:
    (changed,) = act(commands.ChangeOperator, operator="anna", name="Анна").entities
    assert (changed.name, changed.public_name, changed.role) == ("Анна", "Anna", "operator")
    assert (changed.version, changed.access_version) == (2, 1)
    assert act(commands.ChangeOperator, operator="anna", name="Anna").entities == ()


@pytest.mark.feature("AD3")
@pytest.mark.parametrize(
    "fields",
    [
        {"role": "supervisor"},
        {"without": ("take",)},
        {"accounts": ()},
        {"groups": ("sales",)},
        {"disabled": True},
    ],
)
def test_a_change_of_access_has_a_version_of_its_own(fields: dict[str, Any]) -> None:
    (changed,) = act(commands.ChangeOperator, operator=str(ANNA.operator_id), **fields).entities
    assert (changed.version, changed.access_version) == (2, 2)
    assert changed.available == (not changed.disabled)


def test_all_accounts_again() -> None:
    registry = Registry([operator("anna", accounts=("webchat.site",)), SITE])
    (changed,) = act(commands.ChangeOperator, registry=registry, operator="anna", accounts="all").entities
    assert changed.accounts is None


@pytest.mark.feature("AD2")
@pytest.mark.parametrize(
    "fields", [{"role": "operator"}, {"disabled": True}, {"without": ("operators.manage",)}]
)
def test_the_last_administrator_stays(fields: dict[str, Any]) -> None:
    assert refused(commands.ChangeOperator, operator="root", **fields)[0] == "last_administrator"
    registry = Registry([ADMIN, operator("second", role="administrator")])
    assert act(commands.ChangeOperator, registry=registry, operator="root", **fields).entities


@pytest.mark.feature("OP1")
def test_a_status_is_ones_own_or_a_managers_matter() -> None:
    asked: dict[str, Any] = {"operator_id": ANNA.operator_id, "status": "off_work"}
    (changed,) = act(commands.SetStatus, actor(ANNA), **asked).entities
    assert (changed.status, changed.status_since, changed.available) == ("off_work", NOON, False)
    assert (changed.version, changed.access_version) == (2, 1)
    assert refused(commands.SetStatus, actor(BORIS), **asked) == ("no_right", {"right": "operators.manage"})
    assert act(commands.SetStatus, actor(ADMIN), **asked).entities
    assert act(commands.SetStatus, actor(ANNA), **(asked | {"status": "available"})).entities == ()
    disabled = Registry([operator("anna", disabled=True)])
    with pytest.raises(Refused, match="operator_disabled"):
        act(commands.SetStatus, actor(ANNA), disabled, **asked)


@pytest.mark.feature("OP1")
def test_a_changed_table_moves_who_stands_in_it() -> None:
    registry = Registry([operator("anna", status="break"), operator("boris"), SITE])
    table, anna = act(commands.SetStatuses, registry=registry, statuses=STRICT).entities
    assert (table.rows, table.version) == (STRICT, 1)
    assert (anna.status, anna.available) == ("available", True)
    assert act(commands.SetStatuses, registry=registry, statuses=STRICT).entities == ()
    twice = (STRICT[0], STRICT[0])
    assert refused(commands.SetStatuses, statuses=twice)[0] == "invalid"


@pytest.mark.feature("OP1")
def test_both_shipped_tables_say_who_takes_by_hand_on_a_break() -> None:
    assert [row.slug for row in STANDARD if row.takes] == ["available", "break", "dnd", "away"]
    assert [row.slug for row in STRICT if row.takes] == ["available"]
    assert all(row.assigned <= row.takes for row in (*STANDARD, *STRICT))


@pytest.mark.feature("OP3")
def test_signing_in_and_out_sets_the_chosen_status() -> None:
    registry = Registry([ANNA, BORIS, ADMIN])
    me: dict[str, Any] = {"operator_id": ANNA.operator_id}
    assert act(commands.SignInOperator, actor(ANNA), registry, **me).entities == ()
    chosen = {"status_on_sign_in": "dnd", "status_on_sign_out": "off_work"}
    assert act(commands.SetPreferences, actor(ANNA), registry, **me, **chosen).entities
    (entered,) = act(commands.SignInOperator, actor(ANNA), registry, **me).entities
    (left,) = act(commands.SignOutOperator, actor(ANNA), registry, **me).entities
    assert (entered.status, left.status) == ("dnd", "off_work")
    assert act(commands.SetPreferences, actor(ANNA), registry, **me, status_on_sign_in="").entities
    assert act(commands.SignInOperator, actor(ANNA), registry, **me).entities == ()
    assert refused(commands.SetPreferences, **me, status_on_sign_in="x")[0] == "status_unknown"


@pytest.mark.feature("AD3")
def test_whose_sight_changes_with_an_accounts_groups_is_told() -> None:
    registry = Registry([ANNA, operator("boris", groups=("sales",)), SITE, SALES])
    changed = act(commands.SetRouting, registry=registry, account=SITE.key, groups=("sales",)).entities
    assert [one.subject for one in changed] == [SITE.subject, ANNA.subject]
    assert (changed[0].version, changed[1].access_version) == (2, 2)
    assert not registry.seen_accounts(registry.operators[ANNA.operator_id])
    assert act(commands.SetRouting, registry=registry, account=SITE.key, close_untaken=True).entities == ()
    (closed,) = act(commands.SetRouting, registry=registry, account=SITE.key, close_untaken=False).entities
    assert closed == account(groups=("sales",), close_untaken=False, version=3)


@pytest.mark.feature("AD2")
@pytest.mark.parametrize("rule", administration.RULES.items(), ids=lambda item: item[0].TYPE)
def test_each_act_needs_its_right(rule: tuple[type[Command], administration.Rule]) -> None:
    command, needed = rule
    samples: dict[type[Command], dict[str, Any]] = {
        commands.AddOperator: {"operator_id": number("new"), "login": "new", "name": "N"},
        commands.ChangeOperator: {"operator": "anna", "name": "N"},
        commands.SetStatus: {"operator_id": ANNA.operator_id, "status": "away"},
        commands.SetPreferences: {"operator_id": ANNA.operator_id, "status_on_sign_in": "away"},
        commands.SignInOperator: {"operator_id": ANNA.operator_id},
        commands.SignOutOperator: {"operator_id": ANNA.operator_id},
        commands.SetStatuses: {"statuses": STRICT},
        commands.AddGroup: {"slug": "new", "name": "N"},
        commands.SetRouting: {"account": SITE.key, "close_untaken": False},
    }
    fields = samples.get(command, {})
    right = needed.right or "operators.manage"
    for stranger in (actor(BORIS), Actor(kind="service", id="x"), Actor(kind="client", id="x")):
        assert refused(command, stranger, **fields) == ("no_right", {"right": right})
    assert act(command, actor(ADMIN), **fields)
    assert act(command, CONSOLE, **fields)


def test_every_command_is_somebodys() -> None:
    others: set[Any] = {*commands.CONVERSATION_COMMANDS, commands.RenewPresence}
    others |= {commands.ExplainConversation, commands.MoveConversations}
    assert set(administration.RULES) | others == set(ROUTER_COMMANDS)


@pytest.mark.feature("AD6")
def test_acts_are_recorded_and_refused_ones_too() -> None:
    own = commands.SetStatus(actor=actor(ANNA), deadline=NOON, operator_id=ANNA.operator_id, status="away")
    others = own.model_copy(update={"actor": actor(ADMIN)})
    assert not administration.is_audited(own)
    assert administration.is_audited(others)
    assert not administration.is_audited(commands.ListOperators(actor=CONSOLE, deadline=NOON))
    circumstances = Act(Registry(), actor(ADMIN), NOON)
    line = administration.recorded(circumstances, others, None, Refused("operator_unknown"))
    assert (line.accepted, line.refusal, line.command) == (False, "operator_unknown", others.TYPE)
    assert line.subject == ANNA.subject


def test_lists_tell_everything() -> None:
    assert [one["login"] for one in act(commands.ListOperators).result["operators"]] == [
        "anna",
        "boris",
        "root",
    ]
    assert act(commands.ListGroups).result["groups"] == [{"slug": "sales", "name": "Sales", "operators": []}]
    assert act(commands.ListRouting).result["accounts"][0]["account"] == "webchat.site"
    assert act(commands.Resync).result == {"operators": 3, "groups": 1, "accounts": 1}
