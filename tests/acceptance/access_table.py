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

DESK: Final[dict[str, Row]] = {
    "sign_in": (401, 401, 401, 401, 401),
    "sign_out": (401, 204, 204, 204, 204),
    "me": SIGNED_IN,
    "set_availability": SIGNED_IN,
    "ticket": SIGNED_IN,
    "folders": SIGNED_IN,
    "conversations": SIGNED_IN,
    "conversation": WHO_SEES_IT,
    "client": WHO_SEES_IT,
    "history": WHO_SEES_IT,
    "accept": FIRST_COMES,
    "close": FIRST_COMES,
    "reply": FIRST_COMES,
    "edit_message": NOWHERE,
    "delete_message": NOWHERE,
    "typing": (401, 404, 404, 204, 204),
    "upload": (401, 201, 201, 201, 201),
    "attachment": WHO_SEES_IT,
    "read": WHO_SEES_IT,
    "unread": WHO_SEES_IT,
    "operators": SIGNED_IN,
    "groups": SIGNED_IN,
    "accounts": SIGNED_IN,
    "audit": ADMINISTRATOR,
    "parked": ADMINISTRATOR,
    "parked_one": NOT_THERE,
    "replay_parked": NOT_THERE,
    "discard_parked": NOT_THERE,
    "live": (401, 401, 401, 401, 401),
    "openapi": EVERYBODY,
}
"""A wrong password and a live connection without a ticket are refused to everybody."""

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
    "audit": ADMINISTRATOR,
    "parked": ADMINISTRATOR,
    "parked_one": NOT_THERE,
    "message": WHO_SEES_IT,
    "attachment": WHO_SEES_IT,
    "sight": (401, 403, 403, 403, 403),
    "feed": (401, 403, 403, 403, 403),
    "openapi": EVERYBODY,
}
"""`nobody` has no token of the services; the others come through one that has. Feed and sight are theirs."""

OK: Final = "ok"
_MANAGED: Final[Row] = ("operator_unknown", "no_right", "no_right", "no_right", OK)
_HIDDEN: Final = ("operator_unknown", "conversation_not_found", "conversation_not_found")
_PARKED_ONE: Final[Row] = ("no_right", "no_right", "no_right", "no_right", "parked_not_found")

COMMANDS: Final[dict[type[Command], Row]] = {
    commands.AcceptConversation: (*_HIDDEN, OK, "assigned_to_other"),
    commands.CloseConversation: (*_HIDDEN, OK, "conversation_closed"),
    commands.ReadConversation: (*_HIDDEN, OK, OK),
    commands.MarkUnread: (*_HIDDEN, OK, OK),
    commands.PostMessage: (*_HIDDEN, OK, "assigned_to_other"),
    commands.ChangeMessage: (*_HIDDEN, OK, "assigned_to_other"),
    commands.RemoveMessage: (*_HIDDEN, OK, "assigned_to_other"),
    commands.ReactToMessage: (*_HIDDEN, "not_possible", "assigned_to_other"),
    commands.WithdrawPosted: (*_HIDDEN, OK, "assigned_to_other"),
    commands.AddOperator: _MANAGED,
    commands.ChangeOperator: _MANAGED,
    commands.ListOperators: _MANAGED,
    commands.SetAvailability: ("operator_unknown", "no_right", "no_right", OK, OK),
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
}

TAKEN_BEFORE: Final = (
    commands.ChangeMessage,
    commands.RemoveMessage,
    commands.ReactToMessage,
    commands.WithdrawPosted,
)
"""These are for the assignee: the operator has taken the conversation beforehand."""


def body_of(name: str) -> dict[str, Any] | None:
    """What a write of the desk sends."""
    act = {"id": str(uuid7())}
    bodies: dict[str, dict[str, Any]] = {
        "sign_in": {"login": "operator", "password": "not the password"},
        "set_availability": {**act, "available": True},
        "accept": act,
        "close": act,
        "unread": act,
        "read": {**act, "up_to": 1},
        "reply": {**act, "text": "an answer"},
        "edit_message": {**act, "text": "another answer"},
        "delete_message": act,
        "typing": {"on": True},
        "upload": {"whatever": "it says"},
        "replay_parked": {**act, "parked_ids": [str(uuid4())]},
        "discard_parked": {**act, "parked_ids": [str(uuid4())]},
    }
    return bodies.get(name)


def command_of(
    model: type[Command], actor: Actor, conversation: UUID, dialog: UUID, operator: UUID
) -> Command:
    """The command `model` of `actor`, about this conversation or this operator where it is about one."""
    fields: dict[str, Any] = {"actor": actor, "deadline": datetime.now(UTC) + PATIENCE}
    if issubclass(model, commands.OfConversation):
        fields |= {"dialog_id": dialog, "conversation_id": conversation}
    given: dict[type[Command], Callable[[], dict[str, Any]]] = {
        commands.ReadConversation: lambda: {"up_to": 1},
        commands.PostMessage: lambda: {"message_id": uuid7(), "content": _words()},
        commands.ChangeMessage: lambda: {"message_id": uuid7(), "content": _words()},
        commands.RemoveMessage: lambda: {"message_id": uuid7()},
        commands.ReactToMessage: lambda: {"message_id": uuid7(), "external_id": "7", "emoji": ("👍",)},
        commands.WithdrawPosted: lambda: {"message_id": uuid7()},
        commands.AddOperator: lambda: {"operator_id": uuid7(), "login": "added", "name": "Added"},
        commands.ChangeOperator: lambda: {"operator": str(operator), "name": "Renamed"},
        commands.SetAvailability: lambda: {"operator_id": operator, "available": True},
        commands.AddGroup: lambda: {"slug": "added", "name": "Added"},
        commands.SetRouting: lambda: {"account": "webchat.main", "close_untaken": True},
        commands.RenewPresence: lambda: {"desk": "evil", "operators": (operator,), "seconds": 25},
        commands.ShowParked: lambda: {"parked_id": uuid4()},
        commands.ReplayParked: lambda: {"parked_ids": (uuid4(),)},
        commands.DiscardParked: lambda: {"parked_ids": (uuid4(),)},
    }
    return model.model_validate(fields | given.get(model, dict)())


def _words() -> Content:
    return Content(parts=(Text(text="an answer"),))
