"""What operators do: a command, its answer, and the row of the feed that shows its effect.

An act is answered when what it did can be read, within two seconds; later it is `pending` and comes as a
delta. Whichever comes first decides: the row proves the act even where its answer was lost. No answer and no
row means that nobody knows, and the page repeats the same act under the same id.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json

from gateways.desk import words
from gateways.desk.admission import SignedIn
from gateways.desk.row import Row
from gateways.desk.store_client import StoreClient
from gateways.desk.tail import FeedTail
from gateways.desk.viewers import Known
from shared.bus.call import AnswerLate, Caller
from shared.clock import Clock
from shared.contract.commands import PATIENCE, Answer, Command, Refusal
from shared.contract.envelope import wrap
from shared.contract.feed import Entity, FeedRow, Sight
from shared.contract.people import Actor
from shared.failure import Unavailable
from shared.http.problem import Problem
from shared.log import bound, get_logger
from shared.trace import child

log = get_logger()

SOURCE: Final = "desk"
ANSWER_SECONDS: Final = 10.0
READABLE_SECONDS: Final = 2.0
REMEMBERED_DIALOGS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A command of `who`; the answer says all of it."""

    id: UUID
    who: SignedIn
    command: Command
    subject: str
    traceparent: str


@dataclass(frozen=True, slots=True)
class Act(Asked):
    """One whose effect is seen at `entity` (`entity_id`, where it is one of them).

    `idle`: what is asked for is so already, so there will be nothing to see.
    """

    entity: Entity
    entity_id: str | None
    idle: bool = False

    def changes(self, answer: Answer) -> bool:
        """Whether something is to be seen; the router says how many events it made of a command."""
        return not self.idle and bool(answer.result.get("events", 1))


@dataclass(frozen=True, slots=True)
class Effect:
    """`pending`: decided, not readable yet. `state`: none where it is out of sight or unchanged."""

    pending: bool
    seq: int | None = None
    entity: str | None = None
    state: dict[str, Any] | None = None


class Dialogs:
    """Which dialog a conversation belongs to.

    The store is asked each time, because it says who may see it, and says the same of what is hidden and of
    what does not exist. What it said once holds while it is away.
    """

    def __init__(self, store: StoreClient) -> None:
        self._store = store
        self._known: OrderedDict[UUID, UUID] = OrderedDict()

    async def of(self, conversation_id: UUID, who: SignedIn) -> UUID:
        """Raises `conversation_not_found` for one that `who` may not see."""
        try:
            told = await self.conversation(conversation_id, who)
        except Unavailable:
            if conversation_id not in self._known:
                raise words.undecided() from None
            return self._known[conversation_id]
        dialog_id = self._known[conversation_id] = UUID(told["dialog_id"])
        self._known.move_to_end(conversation_id)
        if len(self._known) > REMEMBERED_DIALOGS:
            self._known.popitem(last=False)
        return dialog_id

    def remembered(self, conversation_id: UUID) -> UUID | None:
        """The dialog of one that somebody here has asked about before; sight is not asked about."""
        return self._known.get(conversation_id)

    async def sight(self, dialog_id: UUID) -> Sight | None:
        """Who may see the dialog's latest conversation; none: there is no such dialog."""
        try:
            told = from_json(await self._store.get(f"/v1/dialogs/{dialog_id}/sight", viewer=None))
        except Problem as refused:
            if refused.kind.status == HTTPStatus.NOT_FOUND:
                return None
            raise
        return Sight.model_validate(told["sight"])

    async def conversation(self, conversation_id: UUID, who: SignedIn) -> dict[str, Any]:
        """The conversation as it is now; `conversation_not_found` for one that `who` may not see."""
        path = f"/v1/conversations/{conversation_id}"
        return await self._told(path, who, Refusal(code="conversation_not_found"))

    async def message(self, message_id: UUID, dialog_id: UUID, who: SignedIn) -> dict[str, Any]:
        """A message of the dialog; `message_not_found` for one that `who` may not see or that is deleted."""
        missing = Refusal(code="message_not_found")
        line = await self._told(f"/v1/messages/{message_id}", who, missing)
        if line["dialog_id"] != str(dialog_id) or line.get("deleted_at"):
            raise words.of_refusal(missing)
        return line

    async def _told(self, path: str, who: SignedIn, missing: Refusal) -> dict[str, Any]:
        try:
            body = await self._store.get(path, viewer=who.id)
        except Problem as refused:
            if refused.kind.status == HTTPStatus.NOT_FOUND:
                raise words.of_refusal(missing) from None
            raise
        told: dict[str, Any] = from_json(body)
        return told


class Acts:
    def __init__(self, caller: Caller, tail: FeedTail, clock: Clock) -> None:
        self._caller = caller
        self._tail = tail
        self._clock = clock

    def begin(self, who: SignedIn) -> tuple[Actor, datetime]:
        """The actor and the deadline of a command of `who` that is given now."""
        return Actor(kind="operator", id=str(who.id), name=who.name), self._clock.now() + PATIENCE

    async def carry_out(self, act: Act) -> Effect:
        """Raises the refusal as a problem, and `unavailable` when the outcome is unknown."""
        with bound(command_id=act.id):
            log.info("command_received", type=act.command.TYPE, subject=act.subject)
            return await self._carry_out(act)

    async def ask(self, asked: Asked) -> dict[str, Any] | None:
        """What the answer says, None when nobody knows. Raises the refusal as a problem."""
        with bound(command_id=asked.id):
            log.info("command_received", type=asked.command.TYPE, subject=asked.subject)
            answer = await self._ask(asked)
        if answer is not None and answer.refusal is not None:
            raise words.of_refusal(answer.refusal)
        return None if answer is None else answer.result

    async def _carry_out(self, act: Act) -> Effect:
        """A row that stood in the feed before proves nothing: the same id may have said something else."""
        begun = self._tail.head
        async with asyncio.TaskGroup() as group:
            asked = group.create_task(self._ask(act))
            shown = group.create_task(self._shown(act, begun, ANSWER_SECONDS))
            await asyncio.wait((asked, shown), return_when=asyncio.FIRST_COMPLETED)
            row = shown.result() if shown.done() else None
            answer = asked.result() if asked.done() else None
            if row is None and answer is not None and answer.ok and act.changes(answer):
                row = await self._shown(act, 0, READABLE_SECONDS)
            asked.cancel()
            shown.cancel()
        if row is not None:
            return _effect(row, act.who.known)
        if answer is None:
            raise words.undecided()
        if answer.refusal is not None:
            raise words.of_refusal(answer.refusal)
        return Effect(pending=act.changes(answer), entity=act.entity)

    async def _ask(self, asked: Asked) -> Answer | None:
        """The answer; None when nobody knows."""
        envelope = wrap(
            asked.command,
            id=asked.id,
            source=SOURCE,
            time=self._clock.now(),
            subject=asked.subject,
            traceparent=child(asked.traceparent),
        )
        try:
            return await self._caller.call(envelope, timeout=ANSWER_SECONDS)
        except (Unavailable, AnswerLate) as failure:
            log.warning("command_undecided", type=asked.command.TYPE, reason=str(failure))
            return None

    async def _shown(self, act: Act, after: int, seconds: float) -> Row | None:
        def wanted(row: FeedRow) -> bool:
            mine = row.entity == act.entity and act.entity_id in (None, row.id)
            return mine and row.seq > after

        return await self._tail.effect(act.id, wanted, seconds)


def _effect(row: Row, known: Known) -> Effect:
    visible = known.sees(row.row.after)
    return Effect(False, row.row.seq, row.row.entity, row.row.state if visible else None)
