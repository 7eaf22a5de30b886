"""Who else sees a conversation and may answer in it (LC16)."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from gateways.desk.api.acting import One, Wish, act_on, write_row
from gateways.desk.api.desk import Desk
from gateways.desk.api.shown import Written
from shared.contract.commands import AddParticipants, RemoveParticipant
from shared.http.route import SESSION, Call, Reply, Routes


class Joining(Wish):
    operators: tuple[UUID, ...] = Field(min_length=1, max_length=50)


class OneParticipant(One):
    operator_id: UUID


class ParticipantsNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        those = "/conversations/{conversation_id}/participants"
        return (
            write_row(those, "add_participants", SESSION, Joining, self.add, "Let colleagues take part"),
            write_row(
                f"{those}/{{operator_id}}/remove", "remove_participant", SESSION, Wish, self.remove,
                "Take no part any more; somebody else by the right `participants.remove`",
                params=OneParticipant,
            ),
        )  # fmt: skip

    async def add(self, call: Call[One, Joining]) -> Reply[Written]:
        operators = call.body.operators
        return await act_on(self._desk, call, lambda common: AddParticipants(**common, operators=operators))

    async def remove(self, call: Call[OneParticipant, Wish]) -> Reply[Written]:
        whom = call.params.operator_id
        return await act_on(self._desk, call, lambda common: RemoveParticipant(**common, operator_id=whom))
