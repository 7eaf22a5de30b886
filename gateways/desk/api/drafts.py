"""What I have begun to write (UI8). Nobody else sees it; a dialog's conversations share one draft."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from gateways.desk import drafts, words
from gateways.desk.admission import SignedIn
from gateways.desk.api.desk import Desk
from gateways.desk.drafts import LONGEST
from shared.contract.commands import Refusal
from shared.db.engine import reading, writing
from shared.http.problem import NOT_FOUND
from shared.http.route import SESSION, Call, Input, Route, Routes


class OneDialog(Input):
    dialog_id: UUID


class DraftText(Input):
    text: str = Field(max_length=LONGEST, description="empty: there is no draft any more")


class ShownDraft(BaseModel):
    dialog_id: UUID
    text: str
    saved_at: datetime


class Drafts(BaseModel):
    items: list[ShownDraft]


class DraftsNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        return (
            Route(
                "GET", "/drafts", "drafts", SESSION,
                returns=Drafts, handler=self.drafts, summary="My drafts, the latest first",
            ),
            Route(
                "PUT", "/drafts/{dialog_id}", "put_draft", SESSION,
                params=OneDialog, body=DraftText, handler=self.put,
                summary="Keep what I have begun to write in a dialog", errors=(NOT_FOUND,),
                body_limit=256 * 1024,
            ),
        )  # fmt: skip

    async def drafts(self, call: Call[None, None]) -> Drafts:
        async with reading(self._desk.engine) as conn:
            mine = await drafts.of(conn, call.principal.id)
        return Drafts(
            items=[ShownDraft(dialog_id=one.dialog_id, text=one.text, saved_at=one.saved_at) for one in mine]
        )

    async def put(self, call: Call[OneDialog, DraftText]) -> None:
        who: SignedIn = call.principal
        dialog_id, text = call.params.dialog_id, call.body.text
        if text and not who.known.sees(await self._desk.dialogs.sight(dialog_id)):
            raise words.of_refusal(Refusal(code="conversation_not_found"))
        async with writing(self._desk.engine) as conn:
            if text:
                await drafts.save(conn, who.id, dialog_id, text, self._desk.clock.now())
            else:
                await drafts.forget(conn, who.id, dialog_id)
