"""Who is responsible, without asking them: appointing, returning, resuming, moving many; and why it waits."""

from __future__ import annotations

import asyncio
from uuid import UUID

from pydantic import Field

from gateways.desk import words
from gateways.desk.acts import Asked
from gateways.desk.admission import SignedIn
from gateways.desk.api.acting import One, Wish, act_on, write_row
from gateways.desk.api.desk import Desk
from gateways.desk.api.offers import Commented
from gateways.desk.api.shown import Explanation, Moves, NotMoved, Written
from shared.clock import uuid7
from shared.contract.commands import (
    AppointOperator,
    ExplainConversation,
    MoveConversations,
    Moved,
    Refusal,
    ResumeConversation,
    ReturnConversation,
)
from shared.contract.commands.conversation import MOVED_AT_ONCE
from shared.failure import Unavailable
from shared.http.problem import CONFLICT, NOT_FOUND, Language, Problem
from shared.http.route import SESSION, Call, Reply, Route, Routes

LOOKED_UP_AT_ONCE = 8
HIDDEN = Refusal(code="conversation_not_found")


class Appointing(Commented):
    operator_id: UUID = Field(description="oneself, or somebody else by the right `appoint`")


class Moving(Commented):
    conversations: tuple[UUID, ...] = Field(min_length=1, max_length=MOVED_AT_ONCE)
    operator_id: UUID


class AssignmentsNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        one = "/conversations/{conversation_id}"
        return (
            write_row(
                f"{one}/appoint", "appoint", "take", Appointing, self.appoint,
                "Make somebody responsible at once, without acceptance",
            ),
            write_row(f"{one}/return", "return_to_new", SESSION, Commented, self.give_back, "Back to New"),
            write_row(f"{one}/resume", "resume", "take", Wish, self.resume, "Open a closed one again"),
            Route(
                "POST", "/conversations/move", "move", "others.transfer",
                body=Moving, returns=Moves, handler=self.move,
                summary="Give many to one operator, without acceptance",
                errors=(NOT_FOUND, CONFLICT, words.UNDECIDED),
            ),
            Route(
                "GET", f"{one}/explanation", "explanation", SESSION,
                params=One, returns=Explanation, handler=self.explanation,
                summary="Who could have it, why not the others, why it waits",
                errors=(NOT_FOUND, CONFLICT),
            ),
        )  # fmt: skip

    async def appoint(self, call: Call[One, Appointing]) -> Reply[Written]:
        whom = call.body.model_dump(include={"operator_id", "comment"})
        return await act_on(self._desk, call, lambda common: AppointOperator(**common, **whom))

    async def give_back(self, call: Call[One, Commented]) -> Reply[Written]:
        comment = call.body.comment
        return await act_on(self._desk, call, lambda common: ReturnConversation(**common, comment=comment))

    async def resume(self, call: Call[One, Wish]) -> Reply[Written]:
        return await act_on(self._desk, call, lambda common: ResumeConversation(**common))

    async def move(self, call: Call[None, Moving]) -> Moves:
        """What cannot be moved is named with the reason; the deltas of the others follow."""
        who: SignedIn = call.principal
        wanted = list(dict.fromkeys(call.body.conversations))
        dialogs = await self._dialogs(wanted, who)
        hidden = [_refused(one, HIDDEN, call.language) for one in wanted if one not in dialogs]
        if not dialogs:
            return Moves(moved=[], refused=hidden)
        actor, deadline = self._desk.acts.begin(who)
        command = MoveConversations(
            actor=actor,
            deadline=deadline,
            conversations=tuple(
                Moved(dialog_id=dialog_id, conversation_id=one) for one, dialog_id in dialogs.items()
            ),
            operator_id=call.body.operator_id,
            comment=call.body.comment,
        )
        subject = f"operator:{call.body.operator_id}"
        told = await self._desk.acts.ask(Asked(call.body.id, who, command, subject, call.traceparent))
        if told is None:
            raise words.undecided()
        refused = [
            _refused(UUID(one["conversation_id"]), Refusal.model_validate(one), call.language)
            for one in told.get("refused", ())
        ]
        return Moves(moved=[UUID(one) for one in told.get("moved", ())], refused=[*refused, *hidden])

    async def explanation(self, call: Call[One, None]) -> Explanation:
        who: SignedIn = call.principal
        conversation_id = call.params.conversation_id
        dialog_id = await self._desk.dialogs.of(conversation_id, who)
        actor, deadline = self._desk.acts.begin(who)
        command = ExplainConversation(
            actor=actor, deadline=deadline, dialog_id=dialog_id, conversation_id=conversation_id
        )
        told = await self._desk.acts.ask(Asked(uuid7(), who, command, str(dialog_id), call.traceparent))
        if told is None:
            raise Unavailable("the router has not answered")
        return Explanation.model_validate(told)

    async def _dialogs(self, wanted: list[UUID], who: SignedIn) -> dict[UUID, UUID]:
        """The dialogs of those that `who` may see, or saw: the router asks again who sees them, and a repeat
        after the first of them were moved out of sight has to say the same."""
        turns = asyncio.Semaphore(LOOKED_UP_AT_ONCE)

        async def dialog_of(conversation_id: UUID) -> UUID | None:
            async with turns:
                try:
                    return await self._desk.dialogs.of(conversation_id, who)
                except Problem as refused:
                    if refused.kind.code != HIDDEN.code:
                        raise
                    return self._desk.dialogs.remembered(conversation_id)

        found = await asyncio.gather(*map(dialog_of, wanted))
        return {one: dialog_id for one, dialog_id in zip(wanted, found, strict=True) if dialog_id is not None}


def _refused(conversation_id: UUID, refusal: Refusal, language: Language) -> NotMoved:
    return NotMoved(
        conversation_id=conversation_id,
        code=refusal.code,
        parameters=refusal.parameters,
        title=refusal.words(language),
    )
