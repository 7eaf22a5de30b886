"""Commands to the store: who may give them, what carries them out, whether the audit log keeps them (AD6).

Whatever is refused changes nothing. A right of none means that the function itself decides who may.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.access import Viewer
from shared.bus.outgoing import Outgoing
from shared.contract import commands
from shared.contract.commands import Answer, Command, Refusal
from shared.contract.envelope import Envelope
from shared.contract.events import ActRecorded
from shared.contract.people import Actor
from shared.contract.rights import Right
from store import blocks, notes, parked_commands, templates, viewers
from store.acting import Act, Done, Refused
from store.ledger import Ledger
from store.projections import record_act

Carry = Callable[[Act, Any], Awaitable[Done]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`subject` names what a command is about, for the audit log; none: it is not kept there."""

    right: Right | None
    carry: Carry
    subject: Callable[[Any], str] | None = None


RULES: Final[Mapping[type[Command], Rule]] = {
    commands.ListParked: Rule("parked.manage", parked_commands.list_open),
    commands.ShowParked: Rule("parked.manage", parked_commands.show),
    commands.ReplayParked: Rule("parked.manage", parked_commands.replay),
    commands.DiscardParked: Rule("parked.manage", parked_commands.discard),
    commands.WriteNote: Rule(None, notes.write),
    commands.DeleteNote: Rule(None, notes.delete),
    commands.PutTemplate: Rule(None, templates.put),
    commands.DeleteTemplate: Rule(None, templates.delete),
    commands.BlockContact: Rule("contacts.block", blocks.block, blocks.subject),
    commands.UnblockContact: Rule("contacts.block", blocks.unblock, blocks.subject),
}


async def carry_out(
    conn: AsyncConnection, ledger: Ledger, envelope: Envelope[Any]
) -> tuple[Answer, list[Outgoing]]:
    """The answer, and what is to be published."""
    command: Command = envelope.data
    rule = RULES.get(type(command))
    done, refused = Done(), None
    try:
        if rule is None:
            raise Refused("unknown_command", type=command.TYPE)
        viewer = await _admitted(conn, command.actor, rule.right)
        act = Act(conn, ledger, envelope.id, command.actor, viewer, envelope.traceparent)
        done = await rule.carry(act, command)
    except Refused as refusal:
        refused = Refusal(code=refusal.code, parameters=refusal.parameters)
    if rule is not None and rule.subject is not None:
        await _record(conn, ledger, envelope, rule.subject(command), done, refused)
    answer = Answer(command_id=envelope.id, ok=refused is None, refusal=refused, result=dict(done.result))
    return answer, list(done.outgoing)


async def _admitted(conn: AsyncConnection, actor: Actor, right: Right | None) -> Viewer | None:
    """A command line of the machine may everything; an operator what their rights say; nobody else."""
    if actor.kind == "console":
        return None
    id_ = _operator_id(actor)
    found = None if id_ is None else await viewers.find(conn, id_)
    if found is None or found.operator.disabled or (right is not None and right not in found.viewer.rights):
        raise Refused("no_right", **({} if right is None else {"right": right}))
    return found.viewer


def _operator_id(actor: Actor) -> UUID | None:
    try:
        return UUID(actor.id) if actor.kind == "operator" else None
    except ValueError:
        return None


async def _record(
    conn: AsyncConnection,
    ledger: Ledger,
    envelope: Envelope[Any],
    subject: str,
    done: Done,
    refused: Refusal | None,
) -> None:
    """A line of the audit log under the command's id: of what was done, or of what was refused."""
    event = ActRecorded(
        actor=envelope.data.actor,
        command=envelope.data.TYPE,
        subject=subject,
        accepted=refused is None,
        refusal=None if refused is None else refused.code,
        detail=dict(done.detail),
        at=ledger.now,
    )
    await record_act(
        conn, ledger.feed, event, envelope.id, cause=envelope.id, traceparent=envelope.traceparent
    )
