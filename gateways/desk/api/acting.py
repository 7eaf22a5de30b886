"""Writes: the row that every one of them is, and the command behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from pydantic import UUID7

from gateways.desk import words
from gateways.desk.acts import Act
from gateways.desk.admission import SignedIn
from gateways.desk.api.desk import ACCEPTED, Desk, written
from gateways.desk.api.shown import Written
from shared.contract.commands import Command, OfConversation
from shared.contract.feed import Entity
from shared.http.problem import CONFLICT, NOT_FOUND, Kind
from shared.http.route import Call, Input, Method, Reply, Route

Handler = Callable[[Call[Any, Any]], Awaitable[Reply[Written]]]


class One(Input):
    conversation_id: UUID


class Wish(Input):
    """`id` is made by the page; repeated, it is the same act."""

    id: UUID7


def write_row(
    path: str,
    name: str,
    right: str,
    body: type[Wish],
    handler: Handler,
    summary: str,
    *,
    method: Method = "POST",
    params: type[Input] | None = One,
    errors: tuple[Kind, ...] = (),
) -> Route[Any, Any]:
    return Route(
        method, path, name, right,
        params=params, body=body, returns=Written, handler=handler, summary=summary,
        errors=(NOT_FOUND, CONFLICT, *errors, words.UNDECIDED), other_statuses=(ACCEPTED,),
        body_limit=256 * 1024,
    )  # fmt: skip


async def act(
    desk: Desk,
    call: Call[Any, Any],
    command: Callable[[dict[str, Any]], Command],
    *,
    subject: str,
    entity: Entity,
    entity_id: str | None = None,
    idle: bool = False,
) -> Reply[Written]:
    """Sends the command of whoever asks and waits for its effect; see `Act`."""
    who: SignedIn = call.principal
    actor, deadline = desk.acts.begin(who)
    meant = Act(
        id=call.body.id,
        who=who,
        command=command({"actor": actor, "deadline": deadline}),
        subject=subject,
        entity=entity,
        entity_id=entity_id,
        traceparent=call.traceparent,
        idle=idle,
    )
    return written(await desk.acts.carry_out(meant))


async def act_on(
    desk: Desk,
    call: Call[Any, Any],
    command: Callable[[dict[str, Any]], OfConversation],
    *,
    dialog_id: UUID | None = None,
    entity: Entity = "conversation",
    entity_id: str | None = None,
) -> Reply[Written]:
    """The same, about the conversation of the path."""
    conversation_id = call.params.conversation_id
    dialog_id = dialog_id or await desk.dialogs.of(conversation_id, call.principal)
    about = {"dialog_id": dialog_id, "conversation_id": conversation_id}
    return await act(
        desk, call, lambda common: command(common | about),
        subject=str(dialog_id), entity=entity, entity_id=entity_id or str(conversation_id),
    )  # fmt: skip
