"""One sample of every word of the conversation's table, and the way into each phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from router.dialog import Dialog, Phase
from shared.contract import commands, inbound
from shared.contract.capabilities import Capabilities
from shared.contract.content import Content, Text, text_content
from shared.contract.envelope import Data
from tests.unit.router.people import (
    ACCOUNT,
    ADMIN,
    ANNA,
    BORIS,
    CHANNEL,
    CHAT,
    NOON,
    REF,
    VISITOR,
    Desk,
    account,
    actor,
    heard,
    number,
)

ATTACHMENT: Final[dict[str, Any]] = {
    "dialog_id": REF.dialog_id,
    "message_id": number("m1"),
    "attachment_id": number("a1"),
}
TECHNICAL: Final = Content(parts=(Text(text="/start"),), technical=True)

FACT_SAMPLES: Final[Mapping[str, Data]] = {
    "client_message": heard(),
    "our_message_elsewhere": heard(origin="external"),
    "technical_message": heard(content=TECHNICAL),
    "old_message": heard(backfill=True),
    "edit": inbound.MessageEdited(dialog=REF, external_id="m1", content=text_content("иначе")),
    "deletion": inbound.MessageDeleted(dialog=REF, external_id="m1"),
    "reaction": inbound.Reacted(dialog=REF, external_id="m1", sender=VISITOR, emoji=("👍",)),
    "press": inbound.ButtonPressed(dialog=REF, sender=VISITOR, label="Да"),
    "delivery": inbound.DeliveryReported(dialog=REF, message_id=number("ours"), state="sent", at=NOON),
    "receipt": inbound.ReadUpTo(dialog=REF, state="read", up_to="7", at=NOON),
    "chat_closed": inbound.ChatClosed(dialog=REF, at=NOON),
    "visit": inbound.Visited(dialog=REF, identity=VISITOR),
    "identity": inbound.IdentityLearned(dialog=REF, identity=VISITOR),
    "rating": inbound.Rated(dialog=REF, stars=5, at=NOON),
    "members": inbound.MembersChanged(dialog=REF, joined=(VISITOR,)),
    "attachment_stored": inbound.AttachmentStored(**ATTACHMENT, mime_type="image/png", size_bytes=7),
    "attachment_failed": inbound.AttachmentFailed(**ATTACHMENT, code="gone", words="It is gone."),
    "call": inbound.CallHeard(
        dialog=REF, external_id="c1", direction="in", state="missed", identity=VISITOR, at=NOON
    ),
}
COMMAND_SAMPLES: Final[Mapping[str, tuple[type[Data], Mapping[str, Any]]]] = {
    "accept": (commands.AcceptConversation, {}),
    "close": (commands.CloseConversation, {}),
    "read": (commands.ReadConversation, {"up_to": 7}),
    "mark_unread": (commands.MarkUnread, {}),
    "start": (
        commands.StartConversation,
        {
            "account": f"{CHANNEL}.{ACCOUNT}",
            "address": CHAT,
            "message_id": number("ours"),
            "content": text_content("Добрый день"),
        },
    ),
    "answer": (commands.PostMessage, {"message_id": number("ours"), "content": text_content("Добрый день")}),
    "edit_ours": (commands.ChangeMessage, {"message_id": number("ours"), "content": text_content("Иначе")}),
    "delete_ours": (commands.RemoveMessage, {"message_id": number("ours")}),
    "react_ours": (
        commands.ReactToMessage,
        {"message_id": number("ours"), "external_id": "7", "emoji": ("👍",)},
    ),
    "withdraw_ours": (commands.WithdrawPosted, {"message_id": number("ours")}),
    "offer": (commands.OfferConversation, {"operator_id": BORIS.operator_id, "comment": "Ваш клиент"}),
    "decline": (commands.DeclineOffer, {"comment": "Не моё"}),
    "recall": (commands.RecallOffer, {}),
    "appoint": (commands.AppointOperator, {"operator_id": BORIS.operator_id}),
    "return": (commands.ReturnConversation, {}),
    "resume": (commands.ResumeConversation, {}),
    "add_participants": (commands.AddParticipants, {"operators": (BORIS.operator_id,)}),
    "remove_participant": (commands.RemoveParticipant, {"operator_id": BORIS.operator_id}),
    "describe": (commands.DescribeConversation, {"description": "Ждёт доставку"}),
}
OWN_WORDS: Final = frozenset({"distribute", "offer_over", "silence"})
"""What the router tells itself."""
ABLE: Final = account(
    capabilities=Capabilities(edit=True, delete=True, reactions=True, write_first=True, addresses="id")
)


def _none(desk: Desk) -> None:
    assert desk.state is None


def _named(desk: Desk) -> None:
    """Nothing was heard of it, but which dialog it is."""
    desk.state = Dialog(REF)


def _new(desk: Desk) -> None:
    desk.hear()


def _active(desk: Desk) -> None:
    desk.hear()
    assert desk.ask(commands.AcceptConversation, actor(ANNA)).ok


def _offered(desk: Desk) -> None:
    """New, and offered to Anna."""
    desk.hear()
    assert desk.ask(commands.OfferConversation, actor(ADMIN), operator_id=ANNA.operator_id).ok


def _given_to_boris(desk: Desk) -> None:
    desk.hear()
    assert desk.ask(commands.AcceptConversation, actor(BORIS)).ok


def _transferred_to_anna(desk: Desk) -> None:
    _given_to_boris(desk)
    assert desk.ask(commands.OfferConversation, actor(BORIS), operator_id=ANNA.operator_id).ok


def _closed(desk: Desk) -> None:
    _active(desk)
    assert desk.ask(commands.CloseConversation, actor(ANNA)).ok


INTO: Final[Mapping[Phase, Callable[[Desk], None]]] = {
    "none": _none,
    "new": _new,
    "offered": _offered,
    "active": _active,
    "closed": _closed,
}
BEFORE: Final[Mapping[tuple[Phase, str], Callable[[Desk], None]]] = {
    ("none", "start"): _named,
    ("active", "decline"): _transferred_to_anna,
    ("active", "recall"): _transferred_to_anna,
}
"""The way into a phase where the word needs more of it than the phase."""
assert ABLE.key == f"{CHANNEL}.{ACCOUNT}"
