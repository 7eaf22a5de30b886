"""The conversation: a table and a pure function.

    decide(state, input, facts) -> Decision(state, effects)

Nothing here reads a clock, a database or chance: the time and the people come in `facts`. The table says
for every phase of a dialog and every word (kind of input) what happens; a pair that is not in it raises,
naming both. The phase `bot` of the contract is entered by no row: no state of it exists.

A command is first permitted (who, with which right, in whose sight), then looked up. What a row refuses
changes nothing. The diagram in README.md is made of this table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from router import beginning, handing, hearing, inputs, sending, sharing, taking
from router.dialog import PHASES, Decision, Dialog, Facts, Input, Phase, Refused, Turn
from router.permission import permit
from shared.contract import commands, inbound
from shared.contract.envelope import Data
from shared.contract.refusals import RefusalCode
from shared.contract.rights import Right


@dataclass(frozen=True, slots=True)
class Move:
    """Carried out by `step`; the dialog is then in phase `to`, or in `also`. A step may still refuse."""

    step: Callable[[Turn], None]
    to: Phase
    also: Phase | None = None


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refused with this code, whoever asks."""

    code: RefusalCode


@dataclass(frozen=True, slots=True)
class Ignore:
    """Declared to change nothing; a command is answered that all is well."""


Cell: TypeAlias = Move | Refuse | Ignore
Row: TypeAlias = tuple[Cell, Cell, Cell, Cell, Cell]

IGNORE: Final = Ignore()
NOT_FOUND: Final = Refuse("conversation_not_found")
CLOSED: Final = Refuse("conversation_closed")
NOT_ASSIGNED: Final = Refuse("not_assigned")
NOT_CLOSED: Final = Refuse("not_closed")
NO_OFFER: Final = Refuse("offer_not_found")


def _noted(step: Callable[[Turn], None] = hearing.note) -> Row:
    return (Move(step, "none"), *_stays(step), Move(step, "closed"))


def _stays(step: Callable[[Turn], None]) -> tuple[Cell, Cell, Cell]:
    """The same in each open phase, which it does not leave."""
    return (Move(step, "new"), Move(step, "offered"), Move(step, "active"))


def _mine(step: Callable[[Turn], None]) -> Row:
    """What only the assignee of an active conversation does."""
    return (NOT_FOUND, NOT_ASSIGNED, NOT_ASSIGNED, Move(step, "active"), CLOSED)


def _shared(step: Callable[[Turn], None]) -> Row:
    return (NOT_FOUND, *_stays(step), CLOSED)


ROWS: Final[Mapping[str, Row]] = {
    # of each word: none, new, offered, active, closed
    "client_message": (
        Move(hearing.open_new, "new"),
        *_stays(hearing.hear),
        Move(hearing.reopen, "new", also="active"),
    ),
    "our_message_elsewhere": (
        Move(hearing.note, "none"),
        *_stays(hearing.hear_ours),
        Move(hearing.note, "closed"),
    ),
    "blocked_message": _noted(hearing.note_blocked),
    "technical_message": _noted(),
    "old_message": _noted(),
    "edit": _noted(),
    "deletion": _noted(),
    "reaction": _noted(),
    "press": _noted(),
    "delivery": _noted(),
    "receipt": _noted(),
    "chat_closed": (
        Move(hearing.note, "none"),
        Move(hearing.closed_by_client, "closed"),
        Move(hearing.closed_by_client, "closed"),
        Move(hearing.closed_by_client, "closed"),
        Move(hearing.note, "closed"),
    ),
    "visit": _noted(),
    "identity": _noted(),
    "rating": _noted(),
    "members": _noted(),
    "attachment_stored": _noted(),
    "attachment_failed": _noted(),
    "call": _noted(),
    "accept": (
        NOT_FOUND,
        Move(taking.accept, "active"),
        Move(taking.accept_offered, "active"),
        Move(taking.accept_taken, "active"),
        CLOSED,
    ),
    "close": (
        NOT_FOUND,
        Move(taking.close_untaken, "closed"),
        Move(taking.close_untaken, "closed"),
        Move(taking.close_taken, "closed"),
        CLOSED,
    ),
    "resume": (NOT_FOUND, NOT_CLOSED, NOT_CLOSED, NOT_CLOSED, Move(taking.resume, "active")),
    "read": (NOT_FOUND, IGNORE, IGNORE, Move(taking.read, "active"), IGNORE),
    "mark_unread": _shared(taking.mark_unread),
    "offer": (
        NOT_FOUND,
        Move(handing.offer_new, "offered"),
        Move(handing.offer_new, "offered"),
        Move(handing.offer_mine, "active"),
        CLOSED,
    ),
    "decline": (NOT_FOUND, NO_OFFER, Move(handing.decline, "new"), Move(handing.decline, "active"), CLOSED),
    "recall": (NOT_FOUND, NO_OFFER, Move(handing.recall, "new"), Move(handing.recall, "active"), CLOSED),
    "appoint": (
        NOT_FOUND,
        Move(handing.appoint, "active"),
        Move(handing.appoint, "active"),
        Move(handing.appoint, "active"),
        CLOSED,
    ),
    "return": (NOT_FOUND, IGNORE, NOT_ASSIGNED, Move(handing.give_back, "new"), CLOSED),
    "add_participants": _shared(sharing.add_participants),
    "remove_participant": _shared(sharing.remove_participant),
    "describe": _shared(sharing.describe),
    "start": (
        Move(beginning.start, "active"),
        Move(beginning.go_on_new, "active"),
        Move(beginning.go_on_offered, "active"),
        Move(beginning.go_on_active, "active"),
        Move(beginning.start, "active"),
    ),
    "answer": (
        NOT_FOUND,
        Move(sending.answer_new, "active"),
        Move(sending.answer_offered, "active"),
        Move(sending.answer, "active"),
        CLOSED,
    ),
    "edit_ours": _mine(sending.edit),
    "delete_ours": _mine(sending.delete),
    "react_ours": _mine(sending.react),
    "withdraw_ours": _mine(sending.withdraw),
    "distribute": (IGNORE, Move(handing.distribute, "offered", also="active"), IGNORE, IGNORE, IGNORE),
    "offer_over": (
        IGNORE,
        IGNORE,
        Move(handing.offer_over, "new", also="offered"),
        Move(handing.offer_over, "active"),
        IGNORE,
    ),
    "silence": (IGNORE, IGNORE, IGNORE, Move(taking.close_silent, "closed", also="active"), IGNORE),
}

TRANSITIONS: Final[Mapping[tuple[Phase, str], Cell]] = {
    (phase, word): cell for word, row in ROWS.items() for phase, cell in zip(PHASES, row, strict=True)
}

WORD_OF: Final[Mapping[type[Data], str]] = {
    inbound.MessageEdited: "edit",
    inbound.MessageDeleted: "deletion",
    inbound.Reacted: "reaction",
    inbound.ButtonPressed: "press",
    inbound.DeliveryReported: "delivery",
    inbound.ReadUpTo: "receipt",
    inbound.ChatClosed: "chat_closed",
    inbound.Visited: "visit",
    inbound.IdentityLearned: "identity",
    inbound.Rated: "rating",
    inbound.MembersChanged: "members",
    inbound.AttachmentStored: "attachment_stored",
    inbound.AttachmentFailed: "attachment_failed",
    inbound.CallHeard: "call",
    commands.AcceptConversation: "accept",
    commands.CloseConversation: "close",
    commands.ReadConversation: "read",
    commands.MarkUnread: "mark_unread",
    commands.OfferConversation: "offer",
    commands.DeclineOffer: "decline",
    commands.RecallOffer: "recall",
    commands.AppointOperator: "appoint",
    commands.ReturnConversation: "return",
    commands.ResumeConversation: "resume",
    commands.AddParticipants: "add_participants",
    commands.RemoveParticipant: "remove_participant",
    commands.DescribeConversation: "describe",
    commands.StartConversation: "start",
    commands.PostMessage: "answer",
    commands.ChangeMessage: "edit_ours",
    commands.RemoveMessage: "delete_ours",
    commands.ReactToMessage: "react_ours",
    commands.WithdrawPosted: "withdraw_ours",
    inputs.Distributed: "distribute",
    inputs.OfferOver: "offer_over",
    inputs.Silent: "silence",
}
"""The word of each model; a message heard is one of four (`word`)."""

RIGHT_OF: Final[Mapping[str, Right | None]] = {
    "accept": "take",
    "close": "close",
    "read": None,
    "mark_unread": None,
    "offer": None,
    "decline": None,
    "recall": None,
    "appoint": None,
    "return": None,
    "resume": "take",
    "add_participants": None,
    "remove_participant": None,
    "describe": None,
    "start": "reply",
    "answer": "reply",
    "edit_ours": "reply",
    "delete_ours": "reply",
    "react_ours": "reply",
    "withdraw_ours": "reply",
}
"""The right that a command needs beside sight of the conversation; a step may ask for more."""


class IllegalPair(Exception):
    """No row of the table says what happens; it names both."""


def word(data: Data) -> str:
    """Which row of the table an input is."""
    if isinstance(data, inbound.MessageHeard):
        if data.backfill:
            return "old_message"
        if data.origin != "client":
            return "our_message_elsewhere"
        return "technical_message" if data.content.technical else "client_message"
    found = WORD_OF.get(type(data))
    if found is None:
        raise IllegalPair(f"{type(data).__name__} is no input of a conversation")
    return found


def phase(dialog: Dialog | None) -> Phase:
    """Where a dialog stands."""
    if dialog is None or dialog.conversation is None:
        return "none"
    status: Any = dialog.conversation.status
    return status  # type: ignore[no-any-return]


def decide(state: Dialog | None, input_: Input, facts: Facts) -> Decision:
    """What becomes of a dialog after an input. `state`: none, where nothing of the dialog is known yet."""
    name = word(input_.data)
    heard = input_.data
    if name == "client_message" and isinstance(heard, inbound.MessageHeard):
        name = "blocked_message" if facts.registry.blocked(heard.sender, facts.now) else name
    if state is None:
        if isinstance(input_.data, commands.Command):
            return Decision(None, (Refused("conversation_not_found").answer(input_.id),))
        if not isinstance(input_.data, inbound.Fact):
            raise IllegalPair(f"the input {name!r} of a dialog that nobody has heard of")
        state = Dialog(input_.data.dialog)
    turn = Turn(state, input_, facts)
    cell = TRANSITIONS.get((phase(state), name))
    if cell is None:
        raise IllegalPair(f"a conversation in phase {phase(state)!r} and the input {name!r}")
    try:
        if name in RIGHT_OF:
            permit(turn, RIGHT_OF[name])
        if isinstance(cell, Refuse):
            raise Refused(cell.code)
        if isinstance(cell, Move):
            cell.step(turn)
    except Refused as refused:
        return Decision(state, (refused.answer(input_.id),))
    return turn.decision()
