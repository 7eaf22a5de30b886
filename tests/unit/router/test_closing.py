"""Stories of the end of a conversation and of what comes after: closed by silence, reopened, resumed."""

from datetime import timedelta

import pytest

from router.inputs import Silent
from shared.contract import commands
from shared.contract.capabilities import Capabilities
from tests.unit.router.office import ANNA, BORIS, code, desk_of
from tests.unit.router.people import REF, actor, operator


@pytest.mark.feature("LC7")
@pytest.mark.parametrize(
    ("reopens", "there", "status", "same"),
    [
        ("new", True, "new", True),
        ("last", True, "active", True),
        ("last", False, "new", True),
        ("fresh", True, "new", False),
    ],
)
def test_where_a_closed_one_goes(reopens: str, there: bool, status: str, same: bool) -> None:
    desk = desk_of(reopens=reopens)
    before = desk.conversation_id
    assert desk.ask(commands.CloseConversation, actor(ANNA)).ok
    desk.registry.put(operator("anna", present=there))
    desk.hear("Ещё вопрос")
    assert (desk.conversation.status, desk.conversation_id == before) == (status, same)
    assert desk.conversation.assignee == (ANNA.operator_id if status == "active" else None)
    assert desk.conversation.unread == 1


@pytest.mark.feature("LC7")
def test_an_operator_resumes_unless_only_the_client_may() -> None:
    desk = desk_of()
    assert code(desk.ask(commands.ResumeConversation, actor(ANNA))) == "not_closed"
    assert desk.ask(commands.CloseConversation, actor(ANNA)).ok
    assert desk.ask(commands.ResumeConversation, actor(BORIS)).ok
    assert desk.events() == ["conversation.reopened.v1", "conversation.assigned.v1"]
    assert (desk.conversation.assignee, desk.conversation.closed_at) == (BORIS.operator_id, None)
    chat = desk_of(capabilities=Capabilities(resume_closed=False))
    assert chat.ask(commands.CloseConversation, actor(ANNA)).ok
    assert code(chat.ask(commands.ResumeConversation, actor(ANNA))) == "resuming_impossible"


@pytest.mark.feature("LC6")
def test_silence_closes_unless_somebody_has_written_since() -> None:
    desk = desk_of()
    desk.give(Silent(dialog_id=REF.dialog_id, since=desk.conversation.opened_at - timedelta(hours=1)))
    assert desk.conversation.status == "active"
    desk.give(Silent(dialog_id=REF.dialog_id, since=desk.now))
    assert (desk.conversation.status, desk.effects[0].how) == ("closed", "silence")
    assert desk.effects[0].actor.kind == "system"


@pytest.mark.feature("LC6")
def test_a_category_where_it_is_required() -> None:
    desk = desk_of(category_required=True)
    assert code(desk.ask(commands.CloseConversation, actor(ANNA), category=" ")) == "category_required"
    assert desk.ask(commands.CloseConversation, actor(ANNA), category="Доставка").ok
    assert desk.conversation.category == "Доставка"


@pytest.mark.feature("LC6")
def test_a_category_is_one_of_the_list_where_there_is_one() -> None:
    desk = desk_of(categories=("Delivery", "Refund"))
    assert code(desk.ask(commands.CloseConversation, actor(ANNA), category="Weather")) == "category_unknown"
    assert desk.ask(commands.CloseConversation, actor(ANNA), category=" Refund ").ok
    assert desk.conversation.category == "Refund"
    desk = desk_of(categories=("Delivery", "Refund"))
    assert desk.ask(commands.CloseConversation, actor(ANNA)).ok, "it is not required"


@pytest.mark.feature("LC13")
def test_being_taken_stops_the_timer_where_it_is_set_so() -> None:
    assert desk_of(wait_ends="taken").conversation.waiting_since is None
    assert desk_of().conversation.waiting_since is not None
