"""One batch being decided: what is loaded, what changed, what is to be said. Lives for one transaction.

Each input sees what its predecessors in the batch left; nothing is written before the whole batch is decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from router import administration, directory, repository
from router.change import Act as AdministrativeAct
from router.change import Change
from router.conversation import decide
from router.dialog import Dialog, Facts, Input, Refused
from router.messages import Effects
from router.presence import Presence, Seat
from router.registry import Entity, Registry
from router.translation import request_received
from shared.bus.handler import Outcome
from shared.contract.commands import Answer, Command, RenewPresence, Resync
from shared.contract.events import ContactFacts, ConversationResynced, DialogEvent
from shared.contract.ids import fact_id
from shared.contract.inbound import RequestLeft
from shared.contract.outbound import Act
from shared.contract.people import SYSTEM
from shared.log import get_logger

log = get_logger()


class Batch:
    """Collects; `save` writes everything at once."""

    def __init__(self, registry: Registry, presence: Presence, now: datetime) -> None:
        self.outcome = Outcome()
        self.dialogs: dict[UUID, Dialog] = {}
        self.contacts: list[ContactFacts] = []
        self._facts = Facts(now, registry)
        self._registry = registry
        self._presence = presence
        self._now = now
        self._changed: dict[UUID, Dialog] = {}
        self._moved: dict[UUID, Dialog] = {}
        self._entities: list[Entity] = []
        self._places: set[tuple[UUID, str]] = set()

    def conversation(self, input_: Input, dialog_id: UUID) -> None:
        """Decides an input of a dialog."""
        before = self.dialogs.get(dialog_id)
        decision = decide(before, input_, self._facts)
        effects = Effects(input_.id, self._now, input_.traceparent)
        subject = str(dialog_id)
        for effect in decision.effects:
            if isinstance(effect, DialogEvent):
                effects.happened(effect, subject)
            elif isinstance(effect, Act):
                effects.act(effect)
            else:
                self.outcome.answers[input_.id] = effect
        self.outcome.outgoing += effects.messages
        if decision.state is not None and decision.state is not before:
            self._keep(before, decision.state)

    def administration(self, input_: Input, command: Command) -> Change | None:
        """Decides an administrative command, accepted or refused, and records it where it is an act."""
        act = AdministrativeAct(self._registry, command.actor, self._now)
        change: Change | None = None
        refused: Refused | None = None
        try:
            change = administration.decide_act(act, command)
            answer = Answer(command_id=input_.id, ok=True, result=change.result)
        except Refused as refusal:
            refused = refusal
            answer = refusal.answer(input_.id)
        effects = Effects(input_.id, self._now, input_.traceparent)
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
        effects = Effects(input_.id, self._now, input_.traceparent)
        self._put([entity] if entity is not None else [], input_.id, effects)
        self.outcome.outgoing += effects.messages

    def request(self, input_: Input, fact: RequestLeft) -> None:
        """CH2: a form of a site; it belongs to no dialog."""
        effects = Effects(input_.id, self._now, input_.traceparent)
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
        known = administration.operator_ids(command, self._registry.operators)
        taken, left = self._presence.renew(
            command.desk, known, self._now + timedelta(seconds=command.seconds)
        )
        self._touch([*taken, *left])
        effects = Effects(input_.id, self._now, input_.traceparent)
        self._put(self._presence_changes(), input_.id, effects)
        self.outcome.outgoing += effects.messages
        self.outcome.answers[input_.id] = Answer(command_id=input_.id, ok=True)

    def expiry(self) -> None:
        """Seats that are over are left; the cause of an operator's absence is named by when it was due."""
        over = self._presence.expire(self._now)
        self._touch(over)
        due = {
            f"operator:{seat.operator_id}": seat.until for seat in sorted(over, key=lambda seat: seat.until)
        }
        for entity in self._presence_changes():
            cause = fact_id("presence", entity.subject, due.get(entity.subject, self._now).isoformat())
            effects = Effects(cause, self._now)
            self._put([entity], cause, effects)
            self.outcome.outgoing += effects.messages

    async def resync(self, conn: AsyncConnection, input_: Input, command: Resync) -> None:
        """Repeats everybody and everything, and the state of each open conversation."""
        change = self.administration(input_, command)
        if change is None:
            return
        await self._save_dialogs(conn)
        count = 0
        effects = Effects(fact_id("resync", str(input_.id), "dialogs"), self._now, input_.traceparent)
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
        if before is None or before.version != after.version or before.provider != after.provider:
            self._changed[after.dialog_id] = after
        if after.conversation is not None and (
            before is None or before.conversation is not after.conversation
        ):
            self._moved[after.dialog_id] = after

    def _put(self, entities: Iterable[Entity], cause: UUID, effects: Effects) -> None:
        for entity in entities:
            self._registry.put(entity)
            self._entities.append(entity)
            effects.happened(entity.event(cause), entity.subject)

    def _touch(self, seats: Iterable[Seat]) -> None:
        self._places |= {(seat.operator_id, seat.desk) for seat in seats}

    def _presence_changes(self) -> list[Entity]:
        """Operators whose being present is no longer what their row says."""
        present = self._presence.present()
        return [
            operator.seen(present=operator.operator_id in present)
            for operator in self._registry.operators.values()
            if operator.present != (operator.operator_id in present)
        ]
