"""An office of these tests: Anna has a conversation; Boris, a supervisor and Vera of Sales are there."""

from __future__ import annotations

from typing import Any

from router.registry import Group
from shared.contract import commands
from shared.contract.commands import Answer
from shared.contract.people import Actor
from tests.unit.router.people import Desk, account, actor, operator

SALES = Group("sales", "Sales")
ANNA, BORIS = operator("anna"), operator("boris")
CHIEF = operator("chief", role="supervisor")
VERA = operator("vera", groups=("sales",))


def desk_of(*others: Any, **settings: Any) -> Desk:
    """Anna has a conversation of a site with these settings."""
    known = {one.login: one for one in (ANNA, BORIS, CHIEF, VERA, *others)}
    desk = Desk(*known.values(), account(**settings))
    desk.registry.put(SALES)
    desk.hear()
    assert desk.ask(commands.AcceptConversation, actor(ANNA)).ok
    return desk


def offer(desk: Desk, by: Actor, to: Any, **fields: Any) -> Answer:
    return desk.ask(commands.OfferConversation, by, operator_id=to.operator_id, **fields)


def code(answer: Answer) -> str:
    assert answer.refusal is not None
    return answer.refusal.code
