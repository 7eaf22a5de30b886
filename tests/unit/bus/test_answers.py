"""The same act is recognised, and only the same."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.bus import answers
from shared.contract.commands import AcceptConversation, Answer, ListGroups
from shared.contract.envelope import Data, Envelope, Unknown, wrap
from shared.contract.people import Actor
from shared.failure import Undecodable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ID = UUID(int=7)


def accept(*, by: str = "anna", later: int = 0, subject: str = "d") -> Envelope[Data]:
    data = AcceptConversation(
        actor=Actor(kind="operator", id=by),
        deadline=NOW + timedelta(seconds=30 + later),
        dialog_id=UUID(int=1),
        conversation_id=UUID(int=2),
        received_at=NOW + timedelta(seconds=later),
    )
    return wrap(data, id=ID, source="desk", time=NOW + timedelta(seconds=later), subject=subject)


def test_asked_again_later_it_is_the_same_act() -> None:
    assert answers.digest(accept()) == answers.digest(accept(later=9))


def test_another_actor_subject_or_type_is_another_act() -> None:
    plain = ListGroups(actor=Actor(kind="operator", id="anna"), deadline=NOW)
    others = [accept(by="boris"), accept(subject="e"), wrap(plain, id=ID, source="d", time=NOW, subject="d")]
    assert len({answers.digest(envelope) for envelope in [accept(), *others]}) == 4


def test_only_commands_have_one() -> None:
    assert answers.digest(wrap(Unknown(), id=ID, source="x", time=NOW, subject="s")) is None


def test_an_answer_travels_and_is_stored_whole() -> None:
    answer = Answer(command_id=ID, ok=True, result={"имя": 1})
    message = answers.message(answer, "answers.x", "router", NOW)
    assert (message.exchange, message.routing_key, message.persistent) == ("", "answers.x", False)
    assert answers.read(message.body) == answer
    assert answers.from_store_form(answers.store_form(answer)) == answer
    refusal = answers.refused(ID, "expired")
    assert not refusal.ok
    assert answers.from_store_form(answers.store_form(refusal)) == refusal


def test_anything_else_is_no_answer() -> None:
    for body in (b"", b"{}", accept().encode()):
        with pytest.raises(Undecodable):
            answers.read(body)
