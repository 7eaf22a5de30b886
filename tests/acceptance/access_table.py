"""Who may what: every route of the desk and of the store, and every command, for five askers.

Columns: nobody · an operator of another account · an operator outside the account's group · an operator of
both · an administrator of both. A conversation is of the account `webchat.main`, which belongs to the group
`sales`; each write has a conversation of its own, and the columns act one after another.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from shared.clock import uuid7
from shared.contract import commands
from shared.contract.commands import PATIENCE, Command
from shared.contract.content import Content, Text
from shared.contract.people import Actor
from shared.contract.statuses import STANDARD

ASKERS: Final = ("nobody", "foreign_account", "foreign_group", "operator", "administrator")

Row = tuple[Any, Any, Any, Any, Any]

EVERYBODY: Final[Row] = (200, 200, 200, 200, 200)
SIGNED_IN: Final[Row] = (401, 200, 200, 200, 200)
WHO_SEES_IT: Final[Row] = (401, 404, 404, 200, 200)
FIRST_COMES: Final[Row] = (401, 404, 404, 200, 409)
"""The operator did it already when the administrator tries."""
ADMINISTRATOR: Final[Row] = (401, 403, 403, 403, 200)
NOWHERE: Final[Row] = (401, 404, 404, 404, 404)
"""There is no such message for anybody; who may change one that there is, is decided by its author."""
NOT_THERE: Final[Row] = (401, 403, 403, 403, 404)
"""With the right one learns that there is no such thing."""
NOT_NOW: Final[Row] = (401, 404, 404, 409, 409)
"""Nothing of a conversation that nobody has taken can be declined, recalled or resumed."""
OF_ONES_OWN: Final[Row] = (401, 404, 404, 403, 200)
"""The operator has no part in the conversation; the administrator may for others."""

DESK: Final[dict[str, Row]] = {
    "sign_in": (401, 401, 401, 401, 401),
    "sign_out": (401, 204, 204, 204, 204),
    "me": SIGNED_IN,
    "statuses": SIGNED_IN,
    "set_statuses": ADMINISTRATOR,
    "set_status": SIGNED_IN,
    "set_preferences": SIGNED_IN,
    "ticket": SIGNED_IN,
    "folders": SIGNED_IN,
    "conversations": SIGNED_IN,
    "conversation": WHO_SEES_IT,
    "start_conversation": (401, 404, 404, 409, 409),
    "client": WHO_SEES_IT,
    "history": WHO_SEES_IT,
    "accept": FIRST_COMES,
    "close": FIRST_COMES,
    "describe": WHO_SEES_IT,
    "offer": OF_ONES_OWN,
    "decline": NOT_NOW,
    "recall": NOT_NOW,
    "appoint": (401, 404, 404, 200, 422),
    "return_to_new": WHO_SEES_IT,
    "resume": NOT_NOW,
    "move": ADMINISTRATOR,
    "explanation": WHO_SEES_IT,
    "add_participants": OF_ONES_OWN,
    "remove_participant": WHO_SEES_IT,
    "block": NOT_THERE,
    "unblock": NOT_THERE,
    "reply": WHO_SEES_IT,
    "edit_message": NOWHERE,
    "delete_message": NOWHERE,
    "typing": (401, 404, 404, 204, 204),
    "write_note": WHO_SEES_IT,
    "delete_note": NOWHERE,
    "templates": SIGNED_IN,
    "put_template": SIGNED_IN,
    "delete_template": NOWHERE,
    "drafts": SIGNED_IN,
    "put_draft": (401, 404, 404, 204, 204),
    "upload": (401, 201, 201, 201, 201),
    "attachment": WHO_SEES_IT,
    "letter": WHO_SEES_IT,
    "read": WHO_SEES_IT,
    "unread": WHO_SEES_IT,
    "operators": SIGNED_IN,
    "groups": SIGNED_IN,
    "accounts": SIGNED_IN,
    "account_templates": WHO_SEES_IT,
    "audit": ADMINISTRATOR,
    "parked": ADMINISTRATOR,
    "parked_one": NOT_THERE,
    "replay_parked": NOT_THERE,
    "discard_parked": NOT_THERE,
    "live": (401, 401, 401, 401, 401),
    "openapi": EVERYBODY,
}
"""A wrong password and a live connection without a ticket are refused to everybody. In the website chat
nobody is written to first. Taking no part is granted to everybody who sees the conversation; who is
responsible is not appointed again."""

STORE: Final[dict[str, Row]] = {
    "viewer": SIGNED_IN,
    "folders": SIGNED_IN,
    "conversations": SIGNED_IN,
    "conversation": WHO_SEES_IT,
    "client": WHO_SEES_IT,
    "history": WHO_SEES_IT,
    "operators": SIGNED_IN,
    "groups": SIGNED_IN,
    "accounts": SIGNED_IN,
    "account_templates": WHO_SEES_IT,
    "statuses": SIGNED_IN,
    "templates": SIGNED_IN,
    "audit": ADMINISTRATOR,
    "parked": ADMINISTRATOR,
    "parked_one": NOT_THERE,
    "message": WHO_SEES_IT,
    "message_attachments": WHO_SEES_IT,
    "attachment": WHO_SEES_IT,
    "sight": (401, 403, 403, 403, 403),
    "feed": (401, 403, 403, 403, 403),
    "openapi": EVERYBODY,
}
"""`nobody` has no token of the services; the others come through one that has. Feed and sight are theirs."""

OK: Final = "ok"
_MANAGED: Final[Row] = ("operator_unknown", "no_right", "no_right", "no_right", OK)
_HIDDEN: Final = ("operator_unknown", "conversation_not_found", "conversation_not_found")
_NO_ACCOUNT: Final = ("account_unseen",) * 2
_ONLY_ANSWERS: Final = ("writing_first_impossible",) * 2
_NO_NOTE: Final = ("note_not_found",) * 4
_NO_TEMPLATE: Final = ("template_not_found",) * 4
_CONTACT: Final[Row] = ("no_right", "no_right", "no_right", "no_right", "contact_unknown")
_PARKED_ONE: Final[Row] = ("no_right", "no_right", "no_right", "no_right", "parked_not_found")

COMMANDS: Final[dict[type[Command], Row]] = {
    commands.AcceptConversation: (*_HIDDEN, OK, "assigned_to_other"),
    commands.CloseConversation: (*_HIDDEN, OK, "conversation_closed"),
    commands.ReadConversation: (*_HIDDEN, OK, OK),
    commands.MarkUnread: (*_HIDDEN, OK, OK),
    commands.OfferConversation: (*_HIDDEN, "no_right", OK),
    commands.DeclineOffer: (*_HIDDEN, "offer_not_found", "offer_not_found"),
    commands.RecallOffer: (*_HIDDEN, "offer_not_found", "offer_not_found"),
    commands.AppointOperator: (*_HIDDEN, OK, "invalid"),
    commands.ReturnConversation: (*_HIDDEN, OK, OK),
    commands.ResumeConversation: (*_HIDDEN, "not_closed", "not_closed"),
    commands.AddParticipants: (*_HIDDEN, "no_right", OK),
    commands.RemoveParticipant: (*_HIDDEN, OK, OK),
    commands.DescribeConversation: (*_HIDDEN, OK, OK),
    commands.ExplainConversation: (*_HIDDEN, OK, OK),
    commands.MoveConversations: (OK, OK, OK, OK, OK),
    commands.StartConversation: ("operator_unknown", *_NO_ACCOUNT, *_ONLY_ANSWERS),
    commands.PostMessage: (*_HIDDEN, OK, OK),
    commands.ChangeMessage: (*_HIDDEN, OK, "assigned_to_other"),
    commands.RemoveMessage: (*_HIDDEN, OK, "assigned_to_other"),
    commands.ReactToMessage: (*_HIDDEN, "not_possible", "assigned_to_other"),
    commands.WithdrawPosted: (*_HIDDEN, OK, "assigned_to_other"),
    commands.AddOperator: _MANAGED,
    commands.ChangeOperator: _MANAGED,
    commands.ListOperators: _MANAGED,
    commands.SetStatus: ("operator_unknown", "no_right", "no_right", OK, OK),
    commands.SetPreferences: ("operator_unknown", "no_right", "no_right", OK, OK),
    commands.SignInOperator: ("operator_unknown", "no_right", "no_right", OK, OK),
    commands.SignOutOperator: ("operator_unknown", "no_right", "no_right", OK, OK),
    commands.SetStatuses: _MANAGED,
    commands.ListStatuses: _MANAGED,
    commands.AddGroup: _MANAGED,
    commands.ListGroups: _MANAGED,
    commands.SetRouting: _MANAGED,
    commands.ListRouting: _MANAGED,
    commands.Resync: _MANAGED,
    commands.RenewPresence: ("no_right", "no_right", "no_right", "no_right", "no_right"),
    commands.ListParked: ("no_right", "no_right", "no_right", "no_right", OK),
    commands.ShowParked: _PARKED_ONE,
    commands.ReplayParked: _PARKED_ONE,
    commands.DiscardParked: _PARKED_ONE,
    commands.WriteNote: ("no_right", "conversation_not_found", "conversation_not_found", OK, OK),
    commands.DeleteNote: ("no_right", *_NO_NOTE),
    commands.PutTemplate: ("no_right", "no_right", "no_right", "no_right", OK),
    commands.DeleteTemplate: ("no_right", *_NO_TEMPLATE),
    commands.BlockContact: _CONTACT,
    commands.UnblockContact: _CONTACT,
}

"""Moving many is answered well and names each that was refused, for whatever reason. An administrator who
answers takes over (RT8)."""

TAKEN_BEFORE: Final = (
    commands.ChangeMessage,
    commands.RemoveMessage,
    commands.ReactToMessage,
    commands.WithdrawPosted,
)
"""These are for the assignee: the operator has taken the conversation beforehand."""


ACTS_ALONE: Final = (
    "accept",
    "close",
    "unread",
    "decline",
    "recall",
    "return_to_new",
    "resume",
    "remove_participant",
    "delete_message",
    "delete_note",
    "delete_template",
    "unblock",
    "set_preferences",
)
"""Writes whose body is their id alone."""
FAR: Final = datetime(2100, 1, 31, tzinfo=UTC)


def body_of(name: str, operator: UUID) -> dict[str, Any] | None:
    """What a write of the desk sends; where it is about an operator, it is about this one."""
    act = {"id": str(uuid7())}
    bodies: dict[str, dict[str, Any]] = {
        "sign_in": {"login": "operator", "password": "not the password"},
        "set_statuses": {**act, "statuses": [row.model_dump() for row in STANDARD]},
        "set_status": {**act, "status": STANDARD[0].slug},
        "start_conversation": {**act, "account": "webchat.main", "address": "v1", "text": "hello"},
        "read": {**act, "up_to": 1},
        "describe": {**act, "description": "about lamps"},
        "offer": {**act, "group": "sales"},
        "appoint": {**act, "operator_id": str(operator)},
        "move": {**act, "conversations": [str(uuid4())], "operator_id": str(operator)},
        "add_participants": {**act, "operators": [str(operator)]},
        "reply": {**act, "text": "an answer"},
        "edit_message": {**act, "text": "another answer"},
        "write_note": {**act, "text": "a note"},
        "put_template": {**act, "shared": False, "title": "Hello", "text": "Hello!"},
        "block": {**act, "until": "2100-01-31T10:00:00Z", "reason": "spam"},
        "typing": {"on": True},
        "put_draft": {"text": "Dear"},
        "upload": {"whatever": "it says"},
        "replay_parked": {**act, "parked_ids": [str(uuid4())]},
        "discard_parked": {**act, "parked_ids": [str(uuid4())]},
    }
    return bodies.get(name, act if name in ACTS_ALONE else None)


def command_of(
    model: type[Command], actor: Actor, conversation: UUID, dialog: UUID, operator: UUID
) -> Command:
    """The command `model` of `actor`, about this conversation or this operator where it is about one."""
    fields: dict[str, Any] = {"actor": actor, "deadline": datetime.now(UTC) + PATIENCE}
    about = {"dialog_id": dialog, "conversation_id": conversation}
    given: dict[type[Command], Callable[[], dict[str, Any]]] = {
        commands.ReadConversation: lambda: {"up_to": 1},
        commands.OfferConversation: lambda: {"group": "sales"},
        commands.AppointOperator: lambda: {"operator_id": operator},
        commands.AddParticipants: lambda: {"operators": (operator,)},
        commands.RemoveParticipant: lambda: {"operator_id": operator},
        commands.DescribeConversation: lambda: {"description": "about lamps"},
        commands.MoveConversations: lambda: {"conversations": (about,), "operator_id": operator},
        commands.PostMessage: lambda: {"message_id": uuid7(), "content": _words()},
        commands.StartConversation: lambda: {
            "account": "webchat.main", "address": "v1", "message_id": uuid7(), "content": _words(),
        },
        commands.ChangeMessage: lambda: {"message_id": uuid7(), "content": _words()},
        commands.RemoveMessage: lambda: {"message_id": uuid7()},
        commands.ReactToMessage: lambda: {"message_id": uuid7(), "external_id": "7", "emoji": ("👍",)},
        commands.WithdrawPosted: lambda: {"message_id": uuid7()},
        commands.AddOperator: lambda: {"operator_id": uuid7(), "login": "added", "name": "Added"},
        commands.ChangeOperator: lambda: {"operator": str(operator), "name": "Renamed"},
        commands.SetStatus: lambda: {"operator_id": operator, "status": STANDARD[0].slug},
        commands.SetPreferences: lambda: {"operator_id": operator, "status_on_sign_in": ""},
        commands.SignInOperator: lambda: {"operator_id": operator},
        commands.SignOutOperator: lambda: {"operator_id": operator},
        commands.SetStatuses: lambda: {"statuses": STANDARD},
        commands.AddGroup: lambda: {"slug": "added", "name": "Added"},
        commands.SetRouting: lambda: {"account": "webchat.main", "close_untaken": True},
        commands.RenewPresence: lambda: {"desk": "evil", "operators": (operator,), "seconds": 25},
        commands.ShowParked: lambda: {"parked_id": uuid4()},
        commands.ReplayParked: lambda: {"parked_ids": (uuid4(),)},
        commands.DiscardParked: lambda: {"parked_ids": (uuid4(),)},
        commands.WriteNote: lambda: {**about, "note_id": uuid7(), "text": "a note"},
        commands.DeleteNote: lambda: {"note_id": uuid4()},
        commands.PutTemplate: lambda: {
            "template_id": uuid7(), "shared": True, "title": "Hello", "text": "Hello!",
        },
        commands.DeleteTemplate: lambda: {"template_id": uuid4()},
        commands.BlockContact: lambda: {"contact_id": uuid4(), "until": FAR, "reason": "spam"},
        commands.UnblockContact: lambda: {"contact_id": uuid4()},
    }  # fmt: skip
    if issubclass(model, commands.OfConversation):
        fields |= about
    return model.model_validate(fields | given.get(model, dict)())


def _words() -> Content:
    return Content(parts=(Text(text="an answer"),))
