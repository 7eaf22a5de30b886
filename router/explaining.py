"""BY3: why a conversation waits, who was considered, why not them: in codes and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from router.dialog import Dialog, Facts
from router.registry import Operator
from shared.contract.events import Why

WHY: Final[Mapping[Why, tuple[str, str]]] = {
    "chosen": ("would get it now", "получил бы сейчас"),
    "more_loaded": (
        "has more conversations than others who could take it",
        "занят больше других, кто может взять",
    ),
    "at_limit": ("has as many conversations as allowed", "уже ведёт столько обращений, сколько разрешено"),
    "status": ("the status does not get new ones", "в этом статусе новые обращения не приходят"),
    "absent": ("the workplace is not open", "рабочее место не открыто"),
    "declined": ("has declined it or let the offer pass", "отказался или не ответил на предложение"),
    "no_access": ("has no access to the account", "нет доступа к аккаунту"),
    "disabled": ("is switched off", "отключён"),
}
WAITS: Final[Mapping[str, tuple[str, str]]] = {
    "closed": ("It is closed.", "Обращение закрыто."),
    "taken": ("Somebody has it.", "Обращение уже ведут."),
    "offered": ("It is offered and not yet accepted.", "Обращение предложено и ещё не принято."),
    "free_for_all": (
        "It is free for all: whoever wants takes it.",
        "Обращение свободно: его берёт любой, кто хочет.",
    ),
    "next": (
        "Somebody can take it: it is given the next moment.",
        "Есть кому взять: обращение сейчас передадут.",
    ),
    "all_declined": ("All who could take it have declined.", "Все, кто мог взять, отказались."),
    "all_full": ("All who are there have as many as allowed.", "Все, кто на месте, уже заняты полностью."),
    "nobody_there": ("Nobody who may take it is there.", "Нет на месте никого, кто может его взять."),
}


def explain(dialog: Dialog, facts: Facts) -> dict[str, Any]:
    """What is answered to `ExplainConversation`."""
    considered = _considered(dialog, facts)
    waits = _waits(dialog, facts, Counter(one["why"] for one in considered))
    return {"waits": waits, "words": _words(WAITS[waits]), "considered": considered}


def _waits(dialog: Dialog, facts: Facts, reasons: Counter[str]) -> str:
    conversation = dialog.conversation
    if conversation is None or conversation.status == "closed":
        return "closed"
    if conversation.status in ("active", "offered"):
        return "taken" if conversation.status == "active" else "offered"
    account = facts.registry.accounts.get(dialog.account)
    if account is None or account.routing.distribution == "free":
        return "free_for_all"
    if reasons["chosen"]:
        return "next"
    if reasons["declined"]:
        return "all_declined"
    return "all_full" if reasons["at_limit"] else "nobody_there"


def _considered(dialog: Dialog, facts: Facts) -> list[dict[str, Any]]:
    """Every operator: who would get it first, the others by load and name."""
    floor = facts.floor
    people = sorted(
        facts.registry.operators.values(), key=lambda one: (floor.load(one.operator_id), one.name, one.login)
    )
    found: list[dict[str, Any]] = []
    chosen = False
    for operator in people:
        why = _why(dialog, facts, operator)
        if why == "chosen":
            why, chosen = ("more_loaded", True) if chosen else ("chosen", True)
        found.append(
            {
                "operator_id": str(operator.operator_id),
                "name": operator.name,
                "why": why,
                "words": _words(WHY[why]),
                "load": floor.load(operator.operator_id),
                "limit": operator.limit,
            }
        )
    return sorted(found, key=lambda one: one["why"] != "chosen")


def _why(dialog: Dialog, facts: Facts, operator: Operator) -> Why:
    """The first reason against; `chosen` where there is none."""
    registry = facts.registry
    if operator.disabled:
        return "disabled"
    if dialog.account not in registry.seen_accounts(operator):
        return "no_access"
    if not operator.present:
        return "absent"
    if not registry.status_of(operator).assigned:
        return "status"
    if facts.floor.full(operator):
        return "at_limit"
    return "declined" if operator.operator_id in dialog.declined else "chosen"


def _words(both: tuple[str, str]) -> dict[str, str]:
    english, russian = both
    return {"en": english, "ru": russian}
