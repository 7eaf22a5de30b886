"""Whatever comes in whatever order: one open conversation, rising versions, honest counts and waiting."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contract.commands import Answer
from shared.contract.events import ConversationOpened, DialogEvent
from shared.contract.people import Actor
from tests.unit.router.people import ADMIN, ANNA, BORIS, CONSOLE, Desk, actor, number, operator
from tests.unit.router.samples import ABLE, COMMAND_SAMPLES, FACT_SAMPLES

AWAY = operator("away", status="off_work")
ACTORS = (actor(ANNA), actor(BORIS), actor(ADMIN), actor(AWAY), CONSOLE, Actor(kind="client", id="v1"))
MESSAGES = ("client_message", "our_message_elsewhere", "technical_message", "old_message")
FACTS = sorted(name for name in FACT_SAMPLES if not name.startswith("attachment"))

steps = st.lists(
    st.one_of(
        st.sampled_from(MESSAGES),
        st.sampled_from(FACTS),
        st.tuples(st.sampled_from(sorted(COMMAND_SAMPLES)), st.sampled_from(ACTORS)),
    ),
    max_size=40,
)


class Witness:
    """What must be true, kept apart from the code under test."""

    def __init__(self) -> None:
        self.version = 0
        self.opened = 0
        self.waits = False
        self.since: Any = None

    def see(self, desk: Desk, step: str | tuple[str, Actor]) -> None:
        happened = [effect for effect in desk.effects if isinstance(effect, DialogEvent)]
        for event in happened:
            self.version += 1
            assert event.version == self.version
            self.opened += isinstance(event, ConversationOpened)
        assert self.opened <= 1
        answers = [effect for effect in desk.effects if isinstance(effect, Answer)]
        assert len(answers) == (0 if isinstance(step, str) else 1)
        self._wait(desk, step, accepted=bool(answers and answers[0].ok))
        if desk.state is None or desk.state.conversation is None:
            return
        state = desk.conversation
        assert desk.state.version == self.version
        assert state.unread >= 0
        assert state.waiting_since == self.since
        assert (state.status == "active") <= (state.assignee is not None)
        assert (state.status in ("new", "offered")) <= (state.assignee is None)
        assert (state.status == "offered") <= (state.offer is not None)
        assert (state.offer is not None) <= (state.status in ("offered", "active"))
        assert (state.closed_at is not None) == (state.status == "closed")
        if happened:
            assert happened[-1].conversation == state

    def _wait(self, desk: Desk, step: str | tuple[str, Actor], *, accepted: bool) -> None:
        if step == "client_message" and self.since is None:
            self.since = desk.conversation.last_message_at
        elif (
            step == "chat_closed"
            or (step == "our_message_elsewhere" and self.open(desk))
            or (accepted and step[0] in ("answer", "start", "close"))
        ):
            self.since = None

    @staticmethod
    def open(desk: Desk) -> bool:
        known = desk.state.conversation if desk.state else None
        return known is not None and known.status != "closed"


@pytest.mark.feature("LC1", "LC12", "LC13")
@given(steps)
@settings(max_examples=120, deadline=None)
def test_the_invariants_hold(sequence: list[str | tuple[str, Actor]]) -> None:
    desk, witness = Desk(ANNA, BORIS, ADMIN, AWAY, ABLE), Witness()
    for count, step in enumerate(sequence):
        if isinstance(step, str) and step in MESSAGES:
            sample = FACT_SAMPLES[step]
            fields = {"message_id": number(f"{count}"), "external_id": f"{count}", "received_at": desk.now}
            desk.give(sample.model_copy(update=fields))
        elif isinstance(step, str):
            desk.give(FACT_SAMPLES[step])
        else:
            model, given_fields = COMMAND_SAMPLES[step[0]]
            desk.ask(model, step[1], **given_fields)
        witness.see(desk, step)
