"""Steps of handing over: offers, appointments, returns, the distribution; BY6, RT3, RT6, RT13, LC5.

An offer asks; until it is answered nothing moves: a new conversation is `offered`, one that somebody has
stays theirs. One to an operator reserves a place, one to a group does not. Declined, recalled or over, it
leaves things as they were; whom the distribution asked in vain it does not ask again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

from router.dialog import Refused, Turn
from router.permission import require_mine, self_as_operator, taken_by_other
from router.receiving import check_receiver, check_taker, could_receive, has, receiver
from router.registry import Operator
from shared.contract.events import (
    Considered,
    ConversationAssigned,
    ConversationOffered,
    ConversationReturned,
    Offer,
    OfferEnded,
)
from shared.contract.ids import effect_id

Kind: TypeAlias = Literal["assignment", "transfer"]

OFFER_PLACE: Final = 1_000_000
"""Ordinal from which ids of offers are made: no input has so many effects."""


def offer_new(turn: Turn) -> None:
    """A conversation that nobody has, to somebody in particular: the distributing by hand of RT5."""
    if not has(turn, "appoint"):
        raise Refused("no_right", right="appoint")
    _offer_by_hand(turn, "assignment")


def offer_mine(turn: Turn) -> None:
    """RT6: a transfer; without acceptance where the account appoints, or its channel needs none."""
    if not has(turn, "others.transfer"):
        require_mine(turn)
    _refuse_second(turn)
    command = turn.data
    if command.operator_id is not None and not _waits_for_acceptance(turn):
        to = receiver(turn, command.operator_id)
        _refuse_holder(turn, to)
        check_receiver(turn, to)
        give(turn, to, "appointed", comment=command.comment)
    else:
        _offer_by_hand(turn, "transfer")


def _waits_for_acceptance(turn: Turn) -> bool:
    account = turn.account
    needed = account is None or account.capabilities.transfer_needs_acceptance
    return needed and turn.settings.handover == "offer"


def accept_offer(turn: Turn) -> None:
    """The offered one, or one of the offered group, takes it."""
    operator = self_as_operator(turn)
    offer = turn.open.offer
    if offer is None or not is_to(offer, operator):
        raise Refused("offer_not_found")
    check_taker(turn, operator, reserved=offer.operator_id == operator.operator_id)
    give(turn, operator, "transferred" if offer.kind == "transfer" else "accepted", comment=offer.comment)


def decline(turn: Turn) -> None:
    operator = self_as_operator(turn)
    offer = turn.open.offer
    if offer is None or not is_to(offer, operator):
        raise Refused("offer_not_found")
    end_offer(turn, "declined", turn.data.comment)


def recall(turn: Turn) -> None:
    """By whoever made it, or for others by right."""
    offer = turn.open.offer
    if offer is None:
        raise Refused("offer_not_found")
    mine = turn.operator is not None and offer.by == turn.operator.operator_id
    if not mine and not has(turn, "others.transfer"):
        raise Refused("no_right", right="others.transfer")
    end_offer(turn, "recalled")


def offer_over(turn: Turn) -> None:
    """The offer that this timer was of is over; another one is not."""
    offer = turn.open.offer
    if offer is not None and offer.offer_id == turn.data.offer_id:
        end_offer(turn, "expired")


def end_offer(
    turn: Turn, how: Literal["declined", "recalled", "expired"], comment: str | None = None
) -> None:
    offer = turn.open.offer
    if offer is None:
        raise LookupError("no offer to end")
    if offer.by is None and offer.operator_id is not None:
        turn.declined = (*turn.declined, offer.operator_id)
    status = "new" if turn.open.assignee is None else "active"
    turn.change(offer=None, status=status)
    turn.emit(OfferEnded, offer=offer, how=how, comment=comment)


def appoint(turn: Turn) -> None:
    """RT13: oneself or another, without acceptance; what stood offered is over with it."""
    to = receiver(turn, turn.data.operator_id)
    _refuse_holder(turn, to)
    itself = turn.operator is not None and to.operator_id == turn.operator.operator_id
    if itself:
        _check_taking_over(turn, to)
        check_taker(turn, to)
    else:
        mine = turn.operator is not None and turn.open.assignee == turn.operator.operator_id
        if not has(turn, "appoint") and not (mine and turn.settings.handover == "appoint"):
            raise Refused("no_right", right="appoint")
        check_receiver(turn, to)
    former = turn.open.assignee
    how: Any = "taken_over" if itself and former else "accepted" if itself else "appointed"
    give(turn, to, how, comment=turn.data.comment)


def give_back(turn: Turn) -> None:
    """LC5: to New, for everybody; an offer that stood is over."""
    if not has(turn, "others.transfer"):
        require_mine(turn)
    former = turn.open.assignee
    if former is not None:
        turn.declined = (*turn.declined, former)
    since = turn.open.waiting_since
    if since is None and turn.open.last_author == "client":
        since = turn.facts.now
    turn.change(status="new", assignee=None, assigned_at=None, offer=None, waiting_since=since)
    turn.emit(ConversationReturned, former=former, comment=turn.data.comment)


def distribute(turn: Turn) -> None:
    """RT3: the distribution found somebody: offered or appointed, as the account says."""
    chosen = turn.facts.registry.operators.get(turn.data.operator_id)
    if chosen is None or not turn.facts.floor.could_take(chosen, turn.before.account):
        return
    considered: tuple[Considered, ...] = turn.data.considered
    if turn.settings.handover == "appoint":
        give(turn, chosen, "distributed", considered=considered)
    else:
        make_offer(turn, "assignment", operator_id=chosen.operator_id, considered=considered)


def to_last(turn: Turn, operator_id: UUID | None) -> bool:
    """LC7: gives it to who had it last, if that one is there and may have it."""
    last = turn.facts.registry.operators.get(operator_id) if operator_id else None
    if last is None or not could_receive(turn, last):
        return False
    give(turn, last, "returned_to")
    return True


def give(
    turn: Turn, operator: Operator, how: str, *, comment: str | None = None, considered: Any = ()
) -> None:
    """Makes the operator responsible; a participant who becomes it is one no more."""
    former = turn.open.assignee
    others = tuple(one for one in turn.open.participants if one != operator.operator_id)
    changed: dict[str, Any] = {"participants": others} if others != turn.open.participants else {}
    if turn.settings.wait_ends == "taken":
        changed["waiting_since"] = None
    turn.change(
        status="active", assignee=operator.operator_id, assigned_at=turn.facts.now, offer=None, **changed
    )
    turn.declined = ()
    turn.emit(
        ConversationAssigned,
        assignee=operator.operator_id,
        how=how,
        former=former,
        comment=comment,
        considered=considered,
    )


def make_offer(turn: Turn, kind: Kind, *, considered: tuple[Considered, ...] = (), **to: Any) -> None:
    now = turn.facts.now
    by = turn.operator.operator_id if turn.operator else None
    personal = to.get("operator_id") is not None
    offer = Offer.model_construct(
        offer_id=effect_id(turn.id, OFFER_PLACE),
        kind=kind,
        by=by,
        offered_at=now,
        until=now + timedelta(seconds=turn.settings.offer_seconds) if personal else None,
        **({"operator_id": None, "group": None, "comment": None} | to),
    )
    turn.change(offer=offer, status="offered" if turn.open.assignee is None else "active")
    turn.emit(ConversationOffered, offer=offer, considered=considered)


def _offer_by_hand(turn: Turn, kind: Kind) -> None:
    command = turn.data
    _refuse_second(turn)
    if (command.operator_id is None) == (command.group is None):
        raise Refused("invalid", reason="an offer is to one operator or to one group")
    if command.group is not None:
        if command.group not in turn.facts.registry.groups:
            raise Refused("group_unknown", group=command.group)
    else:
        to = receiver(turn, command.operator_id)
        _refuse_holder(turn, to)
        check_receiver(turn, to)
    make_offer(turn, kind, operator_id=command.operator_id, group=command.group, comment=command.comment)


def _refuse_second(turn: Turn) -> None:
    if turn.open.offer is not None:
        raise Refused("offer_pending", who=offered_to(turn))


def _refuse_holder(turn: Turn, to: Operator) -> None:
    if turn.open.assignee == to.operator_id:
        raise Refused("invalid", reason="that operator has it already")


def _check_taking_over(turn: Turn, operator: Operator) -> None:
    """From another: by right. From whom it is offered to: by right, or as the offered one."""
    offer = turn.open.offer
    if turn.open.assignee is not None and not has(turn, "others.reply"):
        raise taken_by_other(turn)
    if offer is not None and not is_to(offer, operator) and not has(turn, "others.reply"):
        raise Refused("offer_pending", who=offered_to(turn))


def offered_to(turn: Turn) -> str:
    """The name of whom it is offered to."""
    offer = turn.open.offer
    if offer is None:
        return "—"
    if offer.group is not None:
        group = turn.facts.registry.groups.get(offer.group)
        return group.name if group else offer.group
    operator = turn.facts.registry.operators.get(offer.operator_id) if offer.operator_id else None
    return operator.name if operator else "—"


def is_to(offer: Offer, operator: Operator) -> bool:
    """Whether it is to the operator, or to a group of theirs."""
    return offer.operator_id == operator.operator_id or (
        offer.group is not None and offer.group in operator.groups
    )
