"""Handing a conversation to somebody who may accept it or decline (RT6)."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from gateways.desk.api.acting import One, Wish, act_on, write_row
from gateways.desk.api.desk import Desk
from gateways.desk.api.shown import Written
from shared.contract.commands import DeclineOffer, OfferConversation, RecallOffer
from shared.contract.commands.conversation import COMMENT_LENGTH
from shared.http.route import SESSION, Call, Reply, Routes


class Commented(Wish):
    comment: str | None = Field(default=None, max_length=COMMENT_LENGTH)


class Offering(Commented):
    """To one operator or to a group, never to both."""

    operator_id: UUID | None = None
    group: str | None = Field(default=None, pattern=r"^[a-z0-9_]{1,40}$")

    @model_validator(mode="after")
    def _to_one(self) -> Self:
        if (self.operator_id is None) == (self.group is None):
            raise ValueError("an operator or a group, one of them")
        return self


class OffersNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        one = "/conversations/{conversation_id}"
        return (
            write_row(
                f"{one}/offer", "offer", SESSION, Offering, self.offer,
                "Offer it to an operator or a group; it stays where it is until they accept",
            ),
            write_row(
                f"{one}/decline", "decline", SESSION, Commented, self.decline, "Decline what is offered to me"
            ),
            write_row(f"{one}/recall", "recall", SESSION, Wish, self.recall, "Take an offer back"),
        )  # fmt: skip

    async def offer(self, call: Call[One, Offering]) -> Reply[Written]:
        to = call.body.model_dump(include={"operator_id", "group", "comment"})
        return await act_on(self._desk, call, lambda common: OfferConversation(**common, **to))

    async def decline(self, call: Call[One, Commented]) -> Reply[Written]:
        comment = call.body.comment
        return await act_on(self._desk, call, lambda common: DeclineOffer(**common, comment=comment))

    async def recall(self, call: Call[One, Wish]) -> Reply[Written]:
        return await act_on(self._desk, call, lambda common: RecallOffer(**common))
