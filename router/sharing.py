"""Steps of what several share: participants (LC16) and the description of a conversation (LC20)."""

from __future__ import annotations

from router.dialog import Refused, Turn
from router.receiving import check_sight, has, receiver
from shared.contract.events import ConversationDescribed, ParticipantsChanged


def add_participants(turn: Turn) -> None:
    """They see it and may answer in it; who is there already, or responsible, is passed by."""
    if not _belongs(turn) and not has(turn, "others.transfer"):
        raise Refused("no_right", right="others.transfer")
    conversation = turn.open
    added = []
    for operator_id in dict.fromkeys(turn.data.operators):
        check_sight(turn, receiver(turn, operator_id))
        if operator_id not in conversation.participants and operator_id != conversation.assignee:
            added.append(operator_id)
    if added:
        turn.change(participants=(*conversation.participants, *added))
        turn.emit(ParticipantsChanged, added=tuple(added))


def remove_participant(turn: Turn) -> None:
    """Oneself, or another by right; the responsible one hands it over instead."""
    operator_id, conversation = turn.data.operator_id, turn.open
    if operator_id == conversation.assignee:
        raise Refused("participant_responsible")
    itself = turn.operator is not None and operator_id == turn.operator.operator_id
    if not itself and not has(turn, "participants.remove"):
        raise Refused("no_right", right="participants.remove")
    if operator_id in conversation.participants:
        left = tuple(one for one in conversation.participants if one != operator_id)
        turn.change(participants=left)
        turn.emit(ParticipantsChanged, removed=(operator_id,))


def describe(turn: Turn) -> None:
    """By who has it or takes part; of one that nobody has, by anybody who sees it."""
    if turn.open.assignee is not None and not _belongs(turn) and not has(turn, "others.transfer"):
        raise Refused("no_right", right="others.transfer")
    description = turn.data.description.strip() or None
    if description != turn.open.description:
        turn.change(description=description)
        turn.emit(ConversationDescribed, description=description)


def _belongs(turn: Turn) -> bool:
    """Whether the actor has the conversation or takes part in it."""
    operator = turn.operator
    return operator is None or operator.operator_id in (turn.open.assignee, *turn.open.participants)
