"""Who gets what: the oldest waiting to the least loaded who may have it, kept right whatever moves."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from router.explaining import explain
from router.floor import Floor, Pair, Place
from router.registry import Account, Operator, Registry
from shared.contract import commands
from tests.unit.router.people import NOON, Desk, account, actor, number, operator

SITE = account(distribution="least_loaded")
KEY = SITE.key


def person(name: str, **fields: Any) -> Operator:
    return operator(name, **fields)


def waits(name: str, minutes: int = 0, declined: tuple[UUID, ...] = ()) -> tuple[UUID, Place]:
    return number(name), Place(KEY, frozenset(), NOON + timedelta(minutes=minutes), frozenset(declined))


def held(by: Operator) -> Place:
    return Place(KEY, frozenset({by.operator_id}), None)


def floor_of(*entities: Any) -> tuple[Floor, Registry]:
    registry = Registry([SITE, *entities])
    return Floor(registry), registry


def give(floor: Floor, pair: Pair | None) -> tuple[UUID, UUID]:
    """Carries a pair out; who got what."""
    assert pair is not None
    floor.moved(pair.dialog_id, Place(KEY, frozenset({pair.operator_id}), None))
    return pair.dialog_id, pair.operator_id


ANNA, BORIS = person("anna"), person("boris")


@pytest.mark.feature("RT3", "RT5")
def test_the_oldest_waiting_goes_to_the_least_loaded() -> None:
    floor, _ = floor_of(ANNA, BORIS)
    floor.moved(number("old"), held(ANNA))
    for name, minutes in (("second", 2), ("first", 1), ("third", 3)):
        floor.moved(*waits(name, minutes))
    assert give(floor, floor.next_pair()) == (number("first"), BORIS.operator_id)
    given = {give(floor, floor.next_pair()) for _ in range(2)}
    assert {dialog for dialog, _ in given} == {number("second"), number("third")}
    assert {floor.load(ANNA.operator_id), floor.load(BORIS.operator_id)} == {2}
    assert floor.next_pair() is None


@pytest.mark.feature("RT3")
def test_of_the_equally_loaded_the_one_given_longest_ago() -> None:
    floor, _ = floor_of(ANNA, BORIS)
    turns = []
    for n in range(6):
        floor.moved(*waits(f"{n}", n))
        dialog, who = give(floor, floor.next_pair())
        turns.append(who)
        floor.moved(dialog, None)
    assert turns[0] != turns[1]
    assert turns == [turns[0], turns[1]] * 3


@pytest.mark.feature("RT4", "BY5")
def test_at_the_limit_nothing_is_given_and_a_freed_place_takes_the_next() -> None:
    floor, _ = floor_of(person("anna", limit=1))
    floor.moved(*waits("first", 1))
    floor.moved(*waits("second", 2))
    first, _ = give(floor, floor.next_pair())
    assert floor.next_pair() is None
    assert floor.waiting(KEY) == 1
    floor.moved(first, None)
    assert give(floor, floor.next_pair())[0] == number("second")


@pytest.mark.feature("RT3", "OP1", "OP5")
@pytest.mark.parametrize(
    "unable",
    [{"present": False}, {"status": "break"}, {"disabled": True}, {"accounts": ()}, {"limit": 0}],
    ids=str,
)
def test_who_is_not_able_gets_nothing_until_that_changes(unable: dict[str, Any]) -> None:
    floor, registry = floor_of(person("anna", **unable))
    floor.moved(*waits("one"))
    assert floor.next_pair() is None
    registry.put(person("anna"))
    assert floor.next_pair() is not None


@pytest.mark.feature("RT3")
def test_where_it_is_free_for_all_nobody_is_given_anything() -> None:
    registry = Registry([account(), ANNA])
    floor = Floor(registry)
    floor.moved(*waits("one"))
    assert floor.next_pair() is None


@pytest.mark.feature("BY6")
def test_what_everybody_declined_waits_aside_until_somebody_else_can() -> None:
    floor, registry = floor_of(ANNA)
    floor.moved(*waits("declined", 1, (ANNA.operator_id,)))
    floor.moved(*waits("later", 2))
    assert give(floor, floor.next_pair())[0] == number("later")
    assert floor.next_pair() is None
    assert floor.waiting(KEY) == 1
    registry.put(BORIS)
    assert give(floor, floor.next_pair()) == (number("declined"), BORIS.operator_id)


@pytest.mark.feature("RT5", "BY6")
def test_behind_a_declined_one_the_oldest_of_all_accounts_is_next() -> None:
    shop = Account("webchat", "shop", "Shop", SITE.capabilities, connected=True, declared_at=NOON)
    floor, registry = floor_of(ANNA)
    registry.put(replace(shop, routing=SITE.routing))
    floor.moved(*waits("declined", 1, (ANNA.operator_id,)))
    floor.moved(*waits("young", 3))
    floor.moved(number("older"), Place("webchat.shop", frozenset(), NOON + timedelta(minutes=2)))
    assert give(floor, floor.next_pair())[0] == number("older")


@pytest.mark.feature("BY3")
def test_why_it_waits_is_told_of_everybody() -> None:
    desk = Desk(
        person("anna", present=False),
        person("boris", limit=0),
        person("vera", status="break"),
        person("gleb", accounts=()),
        person("dina", disabled=True),
        SITE,
    )
    desk.hear()
    assert desk.state is not None
    told = explain(desk.state, desk.facts)
    why = {one["name"]: one["why"] for one in told["considered"]}
    assert why == {
        "Anna": "absent",
        "Boris": "at_limit",
        "Vera": "status",
        "Gleb": "no_access",
        "Dina": "disabled",
    }
    assert (told["waits"], told["words"]["ru"]) == ("all_full", "Все, кто на месте, уже заняты полностью.")
    desk.registry.put(person("boris"))
    told = explain(desk.state, desk.facts)
    assert (told["waits"], told["considered"][0]["name"]) == ("next", "Boris")
    desk.registry.put(replace(SITE, routing=account().routing))
    assert explain(desk.state, desk.facts)["waits"] == "free_for_all"
    assert desk.ask(commands.AcceptConversation, actor(person("boris"))).ok
    assert explain(desk.state, desk.facts)["waits"] == "taken"
