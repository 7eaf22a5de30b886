"""Every fact becomes an event that reads the same on the other side, with everything the fact said."""

import pytest

from router.conversation import decide
from router.dialog import Facts
from router.messages import Effects, not_connected
from router.translation import EVENT_OF, request_received
from shared.bus.outgoing import Outgoing
from shared.contract import commands, inbound
from shared.contract.commands import Answer
from shared.contract.content import text_content
from shared.contract.envelope import Catalogue
from shared.contract.events import EVENTS, DialogEvent
from shared.contract.inbound import FACTS, DeliveryReported, RequestLeft
from shared.contract.outbound import ACTS, Act
from tests.unit.router.people import ANNA, CHANNEL, NOON, REF, Desk, actor, input_, number
from tests.unit.router.samples import FACT_SAMPLES

EVENTS_READ, ACTS_READ, FACTS_READ = Catalogue(*EVENTS), Catalogue(*ACTS), Catalogue(*FACTS)


def sent(effect: DialogEvent | Act) -> Outgoing:
    effects = Effects(number("cause"), NOON)
    if isinstance(effect, Act):
        effects.act(effect)
    else:
        effects.happened(effect, "subject")
    return effects.messages[0]


@pytest.mark.parametrize("name", FACT_SAMPLES)
def test_an_event_is_read_as_it_was_meant(name: str) -> None:
    desk = Desk()
    desk.hear()
    decision = decide(desk.state, input_(FACT_SAMPLES[name]), Facts(NOON, desk.registry, desk.floor))
    event = decision.effects[0]
    assert len(decision.effects) == (2 if name == "chat_closed" else 1)
    assert not isinstance(event, Answer)
    read = EVENTS_READ.decode(sent(event).body).data
    assert read == type(event).model_validate(event.model_dump())
    assert type(event) is EVENT_OF[type(FACT_SAMPLES[name])]


def test_what_an_operator_does_is_read_as_it_was_meant() -> None:
    desk = Desk()
    desk.hear()
    asked = {"message_id": number("ours"), "content": text_content("Добрый день")}
    assert desk.ask(commands.PostMessage, actor(ANNA), **asked).ok
    assigned, queued, act, _ = desk.effects
    for event in (assigned, queued):
        assert EVENTS_READ.decode(sent(event).body).data == type(event).model_validate(event.model_dump())
    message = sent(act)
    assert (message.exchange, message.routing_key, message.type) == ("outbound", "webchat.site", act.TYPE)
    assert ACTS_READ.decode(message.body).data == type(act).model_validate(act.model_dump())


def test_effects_have_ids_of_their_cause_and_number() -> None:
    desk = Desk()
    desk.hear()
    ids = []
    for _ in range(2):
        effects = Effects(number("cause"), NOON)
        for effect in desk.effects:
            effects.happened(effect, "subject")
        ids.append([message.message_id for message in effects.messages])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_a_message_that_no_queue_took_has_failed() -> None:
    desk = Desk()
    desk.hear()
    asked = {"message_id": number("ours"), "content": text_content("Добрый день")}
    assert desk.ask(commands.PostMessage, actor(ANNA), **asked).ok
    (instead,) = not_connected(sent(desk.effects[2]), NOON)
    assert (instead.exchange, instead.routing_key) == ("inbound", "delivery.webchat.site")
    fact = FACTS_READ.decode(instead.body, instead.type)
    assert fact.subject == str(REF.dialog_id)
    assert isinstance(fact.data, DeliveryReported)
    assert (fact.data.state, fact.data.code) == ("failed", "account_not_connected")
    assert fact.data.message_id == number("ours")


def test_another_act_that_no_queue_took_is_left_to_be_parked() -> None:
    desk = Desk()
    desk.hear()
    assert desk.ask(commands.AcceptConversation, actor(ANNA)).ok
    assert desk.ask(commands.WithdrawPosted, actor(ANNA), message_id=number("ours")).ok
    assert not_connected(sent(desk.effects[0]), NOON) == []


@pytest.mark.feature("CH2")
def test_a_request_belongs_to_no_dialog() -> None:
    fact = RequestLeft(channel=CHANNEL, account="site", external_id="r1", phone="+7", received_at=NOON)
    event = request_received(fact)
    assert event.model_dump() == fact.model_dump()


def test_every_fact_of_a_dialog_has_its_event() -> None:
    others = {inbound.RequestLeft, inbound.AccountDeclared, inbound.AccountHealth, inbound.TemplatesKnown}
    assert set(EVENT_OF) | others == set(FACTS)
