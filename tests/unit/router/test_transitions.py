"""The table is whole: every phase × every word is decided as it says, and the README shows it as it is."""

from typing import get_args

import pytest

from router.conversation import (
    RIGHT_OF,
    ROWS,
    TRANSITIONS,
    WORD_OF,
    Ignore,
    IllegalPair,
    Move,
    decide,
    phase,
    word,
)
from router.diagram import PAGE, page, refusals
from router.dialog import PHASES, Facts, Phase
from router.hearing import note
from router.inputs import INPUTS
from shared.contract import inbound
from shared.contract.commands import CONVERSATION_COMMANDS, Answer
from shared.contract.events import Status
from shared.contract.inbound import FACTS
from tests.unit.router.people import ADMIN, ANNA, BORIS, NOON, Desk, actor, input_, operator
from tests.unit.router.samples import ABLE, BEFORE, COMMAND_SAMPLES, FACT_SAMPLES, INTO, OWN_WORDS

OF_NO_DIALOG = {inbound.AccountDeclared, inbound.AccountHealth, inbound.TemplatesKnown, inbound.RequestLeft}
NOT_ENTERED = {"bot"}
"""Phases of the contract that no row leads into."""
REFUSED_HERE = {("offered", "offer"): "offer_pending"}
"""Moves whose step refuses whoever asks, because its words name somebody."""
NEEDS_A_DIALOG = {("none", "attachment_stored"), ("none", "attachment_failed")}
"""Facts that name their message only: of a dialog that nobody has heard of they are our bug."""


def test_every_fact_and_command_of_the_contract_has_a_word() -> None:
    assert set(WORD_OF) | {inbound.MessageHeard} | OF_NO_DIALOG == {*FACTS, *CONVERSATION_COMMANDS, *INPUTS}
    named = {*WORD_OF.values(), *(word(sample) for sample in FACT_SAMPLES.values())}
    assert named | {"blocked_message"} == set(ROWS)
    assert set(RIGHT_OF) == set(COMMAND_SAMPLES)


def test_every_pair_is_in_the_table() -> None:
    assert set(TRANSITIONS) == {(phase, word) for phase in PHASES for word in ROWS}
    assert set(PHASES) == {"none", *get_args(Status)} - NOT_ENTERED
    moves = [cell for cell in TRANSITIONS.values() if isinstance(cell, Move)]
    assert not {cell.to for cell in moves} & NOT_ENTERED


def test_every_word_has_a_sample_of_its_own() -> None:
    assert set(FACT_SAMPLES) | set(COMMAND_SAMPLES) | OWN_WORDS | {"blocked_message"} == set(ROWS)
    assert all(word(sample) == name for name, sample in FACT_SAMPLES.items())
    assert all(WORD_OF[model] == name for name, (model, _) in COMMAND_SAMPLES.items())


@pytest.mark.parametrize("name", FACT_SAMPLES)
@pytest.mark.parametrize("start", PHASES)
def test_a_fact_is_decided_as_the_table_says(start: Phase, name: str) -> None:
    desk = Desk(ANNA, BORIS, ADMIN, ABLE)
    INTO[start](desk)
    before = desk.state
    if (start, name) in NEEDS_A_DIALOG:
        with pytest.raises(IllegalPair, match=name):
            desk.give(FACT_SAMPLES[name])
        return
    decision = desk.give(FACT_SAMPLES[name])
    cell = TRANSITIONS[start, name]
    assert isinstance(cell, Move)
    assert phase(decision.state) == cell.to
    assert decision.effects
    if cell.step is note:
        assert len(decision.effects) == 1
        assert desk.state is not None
        assert desk.state.conversation == (before.conversation if before else None)


@pytest.mark.parametrize("name", COMMAND_SAMPLES)
@pytest.mark.parametrize("start", PHASES)
def test_a_command_is_decided_as_the_table_says(start: Phase, name: str) -> None:
    desk = Desk(operator("anna", role="supervisor"), BORIS, ADMIN, ABLE)
    BEFORE.get((start, name), INTO[start])(desk)
    before = desk.state
    model, fields = COMMAND_SAMPLES[name]
    answer = desk.ask(model, actor(ANNA), **fields)
    cell = TRANSITIONS[start, name]
    if (start, name) in REFUSED_HERE:
        assert answer.refusal is not None
        assert answer.refusal.code == REFUSED_HERE[start, name]
    elif isinstance(cell, Move):
        assert answer.ok
        assert phase(desk.state) == cell.to
    elif isinstance(cell, Ignore):
        assert answer.ok
        assert answer.result["events"] == 0
        assert desk.state == before
    else:
        assert answer.refusal is not None
        assert answer.refusal.code == cell.code
    if not answer.ok:
        assert desk.state == before
        assert desk.effects == (answer,)


@pytest.mark.parametrize("status", sorted(NOT_ENTERED))
def test_an_illegal_pair_raises_and_names_both(status: str) -> None:
    desk = Desk()
    desk.hear()
    assert desk.state is not None
    strange = desk.conversation.model_copy(update={"status": status})
    object.__setattr__(desk.state, "conversation", strange)
    with pytest.raises(IllegalPair, match=f"{status}.*client_message"):
        desk.hear()


def test_what_is_no_input_of_a_conversation_raises() -> None:
    with pytest.raises(IllegalPair, match="Answer"):
        decide(None, input_(Answer(command_id=NOON_ID, ok=True)), Facts(NOON, Desk().registry, Desk().floor))


NOON_ID = input_(FACT_SAMPLES["visit"]).id


def test_the_page_of_conversations_is_made_of_the_code() -> None:
    assert PAGE.read_text() == page(), "run `python -m router.diagram`"
    assert "`offer_pending` | It is being offered to {who} already" in page()
    assert "—" not in refusals(), "a parameter that the page does not know"
