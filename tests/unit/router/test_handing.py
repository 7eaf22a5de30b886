"""Stories of handing over: offered, accepted, declined, recalled, over; appointed, returned, taken over."""

from datetime import timedelta
from typing import Any

import pytest

from router.inputs import Distributed, OfferOver
from shared.contract import commands
from shared.contract.capabilities import Capabilities
from tests.unit.router.office import ANNA, BORIS, CHIEF, VERA, code, desk_of, offer
from tests.unit.router.people import REF, Desk, account, actor, number, operator, words


@pytest.mark.feature("RT6", "BY6")
def test_a_transfer_leaves_the_sender_when_it_is_accepted() -> None:
    desk = desk_of()
    assert offer(desk, actor(ANNA), BORIS, comment="Ваш клиент").ok
    state = desk.conversation
    assert (state.status, state.assignee) == ("active", ANNA.operator_id)
    assert (state.offer.by, state.offer.comment) == (ANNA.operator_id, "Ваш клиент")
    assert state.offer.until == desk.now + timedelta(seconds=60)
    said: dict[str, Any] = {"message_id": number("ours"), "content": words("Секунду")}
    assert desk.ask(commands.PostMessage, actor(ANNA), **said).ok
    assert desk.ask(commands.AcceptConversation, actor(BORIS)).ok
    assert (desk.conversation.assignee, desk.conversation.offer) == (BORIS.operator_id, None)
    assert (desk.effects[0].how, desk.effects[0].former) == ("transferred", ANNA.operator_id)
    assert desk.effects[0].comment == "Ваш клиент"
    assert code(desk.ask(commands.PostMessage, actor(ANNA), **said)) == "assigned_to_other"


@pytest.mark.feature("RT6", "BY6")
def test_declined_recalled_or_over_it_stays_with_the_sender() -> None:
    desk = desk_of()
    assert offer(desk, actor(ANNA), BORIS).ok
    assert code(desk.ask(commands.DeclineOffer, actor(VERA))) == "offer_not_found"
    assert desk.ask(commands.DeclineOffer, actor(BORIS), comment="Занят").ok
    assert (desk.effects[0].how, desk.effects[0].comment) == ("declined", "Занят")
    assert offer(desk, actor(ANNA), BORIS).ok
    assert code(offer(desk, actor(ANNA), VERA)) == "offer_pending"
    assert code(desk.ask(commands.RecallOffer, actor(BORIS))) == "no_right"
    assert desk.ask(commands.RecallOffer, actor(ANNA)).ok
    assert offer(desk, actor(ANNA), BORIS).ok
    standing = desk.conversation.offer
    desk.give(OfferOver(dialog_id=REF.dialog_id, offer_id=number("another")))
    assert desk.conversation.offer == standing
    desk.give(OfferOver(dialog_id=REF.dialog_id, offer_id=standing.offer_id))
    assert (desk.effects[0].how, desk.conversation.offer) == ("expired", None)
    assert desk.conversation.assignee == ANNA.operator_id


@pytest.mark.feature("RT6")
def test_to_a_group_whoever_of_it_accepts_has_it() -> None:
    desk = desk_of()
    assert code(desk.ask(commands.OfferConversation, actor(ANNA), group="x")) == "group_unknown"
    assert code(desk.ask(commands.OfferConversation, actor(ANNA))) == "invalid"
    assert desk.ask(commands.OfferConversation, actor(ANNA), group="sales").ok
    assert desk.conversation.offer.until is None
    assert desk.floor.load(VERA.operator_id) == 0
    assert code(desk.ask(commands.AcceptConversation, actor(BORIS))) == "assigned_to_other"
    assert desk.ask(commands.AcceptConversation, actor(VERA)).ok
    assert desk.conversation.assignee == VERA.operator_id


@pytest.mark.feature("RT6", "RT4", "OP1")
@pytest.mark.parametrize(
    ("to", "settings", "refusal"),
    [
        (operator("boris", disabled=True), {}, "operator_disabled"),
        (operator("boris", accounts=()), {}, "operator_cannot_see"),
        (operator("boris", status="break"), {}, "operator_not_receiving"),
        (operator("boris", limit=0), {}, "limit_reached"),
        (
            operator("boris", present=False),
            {"capabilities": Capabilities(transfer_needs_presence=True)},
            "operator_not_online",
        ),
        (operator("boris", present=False), {}, None),
        (operator("nobody"), {}, "operator_unknown"),
        (ANNA, {}, "invalid"),
    ],
)
def test_rules_of_status_limit_sight_and_channel(to: Any, settings: Any, refusal: str | None) -> None:
    desk = desk_of(*([to] if to.login == "boris" else []), **settings)
    answer = offer(desk, actor(ANNA), to)
    assert (None if answer.ok else code(answer)) == refusal


@pytest.mark.feature("RT6")
def test_where_the_channel_needs_no_acceptance_it_is_handed_over_at_once() -> None:
    boris = operator("boris", present=False)
    desk = desk_of(boris, capabilities=Capabilities(transfer_needs_acceptance=False))
    assert offer(desk, actor(ANNA), boris).ok
    assert desk.conversation.assignee == boris.operator_id
    assert desk.conversation.offer is None


@pytest.mark.feature("RT4", "RT7")
def test_an_offer_reserves_a_place_and_the_limit_holds_for_all_ways() -> None:
    boris = operator("boris", limit=1)
    desk = desk_of(boris)
    assert offer(desk, actor(ANNA), boris).ok
    assert desk.floor.load(boris.operator_id) == 1
    assert desk.ask(commands.AcceptConversation, actor(boris)).ok
    assert desk.floor.load(boris.operator_id) == 1
    full = desk_of(operator("boris", limit=0))
    appointed: dict[str, Any] = {"operator_id": BORIS.operator_id}
    assert full.ask(commands.AppointOperator, actor(CHIEF), **appointed).ok
    assert full.conversation.assignee == BORIS.operator_id
    new = Desk(operator("boris", limit=0), account())
    new.hear()
    assert code(new.ask(commands.AcceptConversation, actor(BORIS))) == "limit_reached"


@pytest.mark.feature("RT13", "RT5")
def test_appointing_needs_the_right_and_no_acceptance() -> None:
    desk = Desk(ANNA, BORIS, CHIEF, account())
    desk.hear()
    to: dict[str, Any] = {"operator_id": BORIS.operator_id}
    assert code(desk.ask(commands.AppointOperator, actor(ANNA), **to)) == "no_right"
    assert code(offer(desk, actor(ANNA), BORIS)) == "no_right"
    assert desk.ask(commands.AppointOperator, actor(CHIEF), **to, comment="Срочно").ok
    assert (desk.effects[0].how, desk.effects[0].comment) == ("appointed", "Срочно")
    assert code(desk.ask(commands.AppointOperator, actor(CHIEF), **to)) == "invalid"
    mine: dict[str, Any] = {"operator_id": ANNA.operator_id}
    assert code(desk.ask(commands.AppointOperator, actor(ANNA), **mine)) == "assigned_to_other"


@pytest.mark.feature("RT13")
def test_an_account_that_appoints_transfers_without_acceptance() -> None:
    desk = desk_of(handover="appoint")
    assert offer(desk, actor(ANNA), BORIS).ok
    assert (desk.conversation.assignee, desk.conversation.offer) == (BORIS.operator_id, None)


@pytest.mark.feature("LC5")
def test_returned_it_is_new_for_everybody() -> None:
    desk = desk_of()
    desk.hear("Ау")
    since = desk.conversation.waiting_since
    assert code(desk.ask(commands.ReturnConversation, actor(BORIS))) == "assigned_to_other"
    assert offer(desk, actor(ANNA), BORIS).ok
    assert desk.ask(commands.ReturnConversation, actor(ANNA), comment="Не ко мне").ok
    state = desk.conversation
    assert (state.status, state.assignee, state.offer, state.waiting_since) == ("new", None, None, since)
    assert desk.effects[0].former == ANNA.operator_id
    assert desk.ask(commands.ReturnConversation, actor(ANNA)).result["events"] == 0


@pytest.mark.feature("RT8")
def test_answering_anothers_takes_it_over_by_right() -> None:
    desk = desk_of()
    said: dict[str, Any] = {"message_id": number("ours"), "content": words("Я помогу")}
    assert code(desk.ask(commands.PostMessage, actor(BORIS), **said)) == "assigned_to_other"
    assert desk.ask(commands.PostMessage, actor(CHIEF), **said).ok
    assert (desk.effects[0].how, desk.effects[0].former) == ("taken_over", ANNA.operator_id)
    assert desk.conversation.assignee == CHIEF.operator_id


@pytest.mark.feature("RT8")
@pytest.mark.parametrize(("allowed", "refusal"), [(True, None), (False, "closing_others_forbidden")])
def test_closing_anothers_is_a_right_and_a_setting(allowed: bool, refusal: str | None) -> None:
    desk = desk_of(close_others=allowed)
    assert code(desk.ask(commands.CloseConversation, actor(BORIS))) == "assigned_to_other"
    answer = desk.ask(commands.CloseConversation, actor(CHIEF))
    assert (None if answer.ok else code(answer)) == refusal


@pytest.mark.feature("LC16")
def test_participants_answer_without_taking_and_leave() -> None:
    desk = desk_of()
    both: dict[str, Any] = {"operators": (BORIS.operator_id, VERA.operator_id, ANNA.operator_id)}
    assert code(desk.ask(commands.AddParticipants, actor(BORIS), **both)) == "no_right"
    assert desk.ask(commands.AddParticipants, actor(ANNA), **both).ok
    assert desk.conversation.participants == (BORIS.operator_id, VERA.operator_id)
    assert desk.ask(commands.AddParticipants, actor(ANNA), **both).result["events"] == 0
    said: dict[str, Any] = {"message_id": number("ours"), "content": words("Я подскажу")}
    assert desk.ask(commands.PostMessage, actor(BORIS), **said).ok
    assert desk.conversation.assignee == ANNA.operator_id
    vera: dict[str, Any] = {"operator_id": VERA.operator_id}
    assert code(desk.ask(commands.RemoveParticipant, actor(BORIS), **vera)) == "no_right"
    assert desk.ask(commands.RemoveParticipant, actor(VERA), **vera).ok
    assert desk.ask(commands.RemoveParticipant, actor(CHIEF), operator_id=BORIS.operator_id).ok
    mine: dict[str, Any] = {"operator_id": ANNA.operator_id}
    assert code(desk.ask(commands.RemoveParticipant, actor(ANNA), **mine)) == "participant_responsible"


@pytest.mark.feature("LC20")
def test_a_description_is_written_and_taken_away() -> None:
    desk = desk_of()
    assert code(desk.ask(commands.DescribeConversation, actor(BORIS), description="x")) == "no_right"
    assert desk.ask(commands.DescribeConversation, actor(ANNA), description=" Возврат ").ok
    assert desk.conversation.description == "Возврат"
    assert desk.ask(commands.DescribeConversation, actor(ANNA), description="Возврат").result["events"] == 0
    assert desk.ask(commands.DescribeConversation, actor(ANNA), description="").ok
    assert desk.conversation.description is None


@pytest.mark.feature("BY14")
def test_what_was_said_while_typing_refuses_the_reply_once() -> None:
    desk = desk_of()
    assert desk.state is not None
    seen = desk.state.version
    said: dict[str, Any] = {"message_id": number("ours"), "content": words("Да")}
    desk.hear("Уже не надо")
    refused = desk.ask(commands.PostMessage, actor(ANNA), **said, seen_version=seen)
    assert (code(refused), refused.refusal and refused.refusal.parameters) == (
        "conversation_moved_on",
        {"by": "client"},
    )
    seen = desk.state.version
    assert desk.ask(commands.PostMessage, actor(ANNA), **said, seen_version=seen).ok
    again = said | {"message_id": number("second")}
    assert desk.ask(commands.PostMessage, actor(ANNA), **again, seen_version=seen).ok, "one's own word"


@pytest.mark.feature("RT3", "RT13")
@pytest.mark.parametrize(("handover", "status"), [("offer", "offered"), ("appoint", "active")])
def test_the_distribution_offers_or_appoints(handover: str, status: str) -> None:
    desk = Desk(ANNA, BORIS, account(distribution="least_loaded", handover=handover))
    desk.hear()
    pair = desk.floor.next_pair()
    assert pair is not None
    desk.give(Distributed(dialog_id=REF.dialog_id, operator_id=pair.operator_id, considered=pair.considered))
    assert desk.conversation.status == status
    assert desk.effects[0].considered[0].operator_id == pair.operator_id
    assert desk.floor.next_pair() is None
    if status == "offered":
        first = desk.conversation.offer
        desk.give(OfferOver(dialog_id=REF.dialog_id, offer_id=first.offer_id))
        second = desk.floor.next_pair()
        assert second is not None
        assert second.operator_id != first.operator_id, "whoever let it pass is not asked again"
