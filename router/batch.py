"""One batch being decided: what is loaded, what changed, what is to be said. Lives for one transaction.

Each input sees what its predecessors in the batch left; nothing is written before the whole batch is decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from router import administration, directory, repository
from router.change import Act as AdministrativeAct
from router.change import Change
from router.conversation import decide
from router.dialog import Dialog, Facts, Input, Refused, Turn
from router.explaining import explain
from router.floor import Floor, place
from router.messages import Effects
from router.permission import permit
from router.presence import Presence, Seat
from router.registry import Entity, Registry
from router.translation import request_received
from shared.bus.handler import Outcome
from shared.contract.commands import (
    Answer,
    AppointOperator,
    Command,
    ExplainConversation,
    MoveConversations,
    RenewPresence,
    Resync,
)
from shared.contract.events import ContactFacts, ConversationResynced, DialogEvent
from shared.contract.ids import fact_id
from shared.contract.inbound import RequestLeft
from shared.contract.outbound import Act
from shared.contract.people import SYSTEM
from shared.log import get_logger

log = get_logger()


class Batch:
    """Collects; `save` writes everything at once. What is decided by itself stands in `automatic.py`."""

    def __init__(self, registry: Registry, presence: Presence, floor: Floor, now: datetime) -> None:
        self.outcome = Outcome()
        self.dialogs: dict[UUID, Dialog] = {}
        self.contacts: list[ContactFacts] = []
        self._facts = Facts(now, registry, floor)
        self.floor = floor
        self.registry = registry
        self._presence = presence
        self.now = now
        self._changed: dict[UUID, Dialog] = {}
        self._moved: dict[UUID, Dialog] = {}
        self._entities: list[Entity] = []
        self._places: set[tuple[UUID, str]] = set()

    def conversation(self, input_: Input, dialog_id: UUID) -> None:
        """Decides an input of a dialog."""
        effects = Effects(input_.id, self.now, input_.traceparent)
        answer = self._decide(input_, dialog_id, effects)
        if answer is not None:
            self.outcome.answers[input_.id] = answer
        self.outcome.outgoing += effects.messages

    def move(self, input_: Input, command: MoveConversations) -> None:
        """RT7: each is appointed as if alone; what could not be moved is named with its refusal."""
        effects = Effects(input_.id, self.now, input_.traceparent)
        moved: list[str] = []
        refused: list[dict[str, Any]] = []
        for one in command.conversations:
            act = AppointOperator(
                actor=command.actor,
                deadline=command.deadline,
                dialog_id=one.dialog_id,
                conversation_id=one.conversation_id,
                operator_id=command.operator_id,
                comment=command.comment,
            )
            answer = self._decide(input_.model_copy(update={"data": act}), one.dialog_id, effects)
            if answer is not None and answer.refusal is not None:
                said = answer.refusal.model_dump()
                refused.append({"conversation_id": str(one.conversation_id)} | said)
            else:
                moved.append(str(one.conversation_id))
        self.outcome.outgoing += effects.messages
        self.outcome.answers[input_.id] = Answer(
            command_id=input_.id,
            ok=True,
            result={"events": len(effects.messages), "moved": moved, "refused": refused},
        )

    def explanation(self, input_: Input, command: ExplainConversation) -> None:
        """BY3: what an operator who sees it may know of why it waits."""
        dialog = self.dialogs.get(command.dialog_id)
        try:
            if dialog is None:
                raise Refused("conversation_not_found")
            permit(Turn(dialog, input_, self._facts), None)
        except Refused as refused:
            self.outcome.answers[input_.id] = refused.answer(input_.id)
            return
        said = explain(dialog, self._facts)
        self.outcome.answers[input_.id] = Answer(command_id=input_.id, ok=True, result={"events": 0} | said)

    def contact(self, facts: ContactFacts) -> None:
        """What the store tells of a person: kept, and a block holds from now on (RT12)."""
        self.contacts.append(facts)
        for identity in facts.identities:
            for address in (identity.address, *identity.aliases):
                self.registry.blocks.pop((identity.channel, address), None)
                if facts.blocked_until is not None and facts.blocked_until > self.now:
                    self.registry.blocks[identity.channel, address] = facts.blocked_until

    def _decide(self, input_: Input, dialog_id: UUID, effects: Effects) -> Answer | None:
        """Keeps the decision, adds its effects; the answer where it was a command."""
        before = self.dialogs.get(dialog_id)
        decision = decide(before, input_, self._facts)
        subject, answer = str(dialog_id), None
        for effect in decision.effects:
            if isinstance(effect, DialogEvent):
                effects.happened(effect, subject)
            elif isinstance(effect, Act):
                effects.act(effect)
            else:
                answer = effect
        if decision.state is not None and decision.state is not before:
            self._keep(before, decision.state)
        return answer

    def administration(self, input_: Input, command: Command) -> Change | None:
        """Decides an administrative command, accepted or refused, and records it where it is an act."""
        act = AdministrativeAct(self.registry, command.actor, self.now)
        change: Change | None = None
        refused: Refused | None = None
        try:
            change = administration.decide_act(act, command)
            answer = Answer(command_id=input_.id, ok=True, result=change.result)
        except Refused as refusal:
            refused = refusal
            answer = refusal.answer(input_.id)
        effects = Effects(input_.id, self.now, input_.traceparent)
        if change is not None:
            self._put(change.entities, input_.id, effects)
        if administration.is_audited(command):
            line = administration.recorded(act, command, change, refused)
            effects.happened(line, line.subject)
        self.outcome.answers[input_.id] = answer
        self.outcome.outgoing += effects.messages
        return change

    def account(self, input_: Input, entity: Entity | None) -> None:
        """An account after what its gateway told, if that changed it."""
        effects = Effects(input_.id, self.now, input_.traceparent)
        self._put([entity] if entity is not None else [], input_.id, effects)
        self.outcome.outgoing += effects.messages

    def request(self, input_: Input, fact: RequestLeft) -> None:
        """CH2: a form of a site; it belongs to no dialog."""
        effects = Effects(input_.id, self.now, input_.traceparent)
        effects.happened(request_received(fact), input_.subject)
        self.outcome.outgoing += effects.messages

    def unknown(self, input_: Input, *, is_command: bool) -> None:
        """A type of a newer peer: passed by; a command is answered so."""
        log.info("input_unknown", type=input_.type, input_id=str(input_.id))
        if is_command:
            self.outcome.answers[input_.id] = Refused("unknown_command", type=input_.type).answer(input_.id)

    def renewal(self, input_: Input, command: RenewPresence) -> None:
        """OP5: a desk says who has a workplace open."""
        if not administration.may_renew_presence(command.actor):
            self.outcome.answers[input_.id] = Refused("no_right", right="presence").answer(input_.id)
            return
        known = administration.operator_ids(command, self.registry.operators)
        taken, left = self._presence.renew(command.desk, known, self.now + timedelta(seconds=command.seconds))
        self._touch([*taken, *left])
        effects = Effects(input_.id, self.now, input_.traceparent)
        self._put(self._presence_changes(), input_.id, effects)
        self.outcome.outgoing += effects.messages
        self.outcome.answers[input_.id] = Answer(command_id=input_.id, ok=True)

    def expiry(self) -> None:
        """Seats that are over are left; the cause of an operator's absence is named by when it was due."""
        over = self._presence.expire(self.now)
        self._touch(over)
        due = {
            f"operator:{seat.operator_id}": seat.until for seat in sorted(over, key=lambda seat: seat.until)
        }
        for entity in self._presence_changes():
            cause = fact_id("presence", entity.subject, due.get(entity.subject, self.now).isoformat())
            effects = Effects(cause, self.now)
            self._put([entity], cause, effects)
            self.outcome.outgoing += effects.messages

    async def resync(self, conn: AsyncConnection, input_: Input, command: Resync) -> None:
        """Repeats everybody and everything, and the state of each open conversation."""
        change = self.administration(input_, command)
        if change is None:
            return
        await self._save_dialogs(conn)
        count = 0
        effects = Effects(fact_id("resync", str(input_.id), "dialogs"), self.now, input_.traceparent)
        async for page in repository.open_dialogs(conn):
            for dialog in page:
                state = replace(dialog, version=dialog.version + 1)
                self._keep(dialog, state)
                event = ConversationResynced.model_construct(
                    dialog=state.ref,
                    version=state.version,
                    conversation=state.conversation,
                    actor=SYSTEM,
                    cause=input_.id,
                )
                effects.happened(event, str(state.dialog_id))
            count += len(page)
        self.outcome.outgoing += effects.messages
        self.outcome.answers[input_.id] = Answer(
            command_id=input_.id, ok=True, result={**change.result, "conversations": count}
        )

    async def save(self, conn: AsyncConnection) -> Outcome:
        """Writes all that changed."""
        await self._save_dialogs(conn)
        if self._entities:
            await directory.save_entities(conn, self._entities)
        if self._places:
            await directory.save_presence(
                conn, {place: self._presence.seat(*place) for place in self._places}
            )
        if self.contacts:
            await directory.save_contact_facts(conn, self.contacts)
        return self.outcome

    async def _save_dialogs(self, conn: AsyncConnection) -> None:
        await repository.save_dialogs(conn, list(self._changed.values()), list(self._moved.values()))
        self._changed, self._moved = {}, {}

    def _keep(self, before: Dialog | None, after: Dialog) -> None:
        self.dialogs[after.dialog_id] = after
        if (
            before is None
            or before.conversation is not after.conversation
            or before.declined != after.declined
        ):
            self.floor.moved(after.dialog_id, place(after.account, after.conversation, after.declined))
        if before is None or before.version != after.version or before.provider != after.provider:
            self._changed[after.dialog_id] = after
        if after.conversation is not None and (
            before is None or before.conversation is not after.conversation
        ):
            self._moved[after.dialog_id] = after

    def _put(self, entities: Iterable[Entity], cause: UUID, effects: Effects) -> None:
        for entity in entities:
            self.registry.put(entity)
            self._entities.append(entity)
            effects.happened(entity.event(cause), entity.subject)

    def _touch(self, seats: Iterable[Seat]) -> None:
        self._places |= {(seat.operator_id, seat.desk) for seat in seats}

    def _presence_changes(self) -> list[Entity]:
        """Operators whose being present is no longer what their row says."""
        present = self._presence.present()
        return [
            operator.seen(present=operator.operator_id in present)
            for operator in self.registry.operators.values()
            if operator.present != (operator.operator_id in present)
        ]
