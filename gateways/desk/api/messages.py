"""What an operator says in a conversation: answers with files and quotes, later changes, and typing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field, field_validator

from gateways.desk import uploads, words
from gateways.desk.admission import SignedIn
from gateways.desk.api.acting import One, Wish, act_on, write_row
from gateways.desk.api.addressing import Copies, Subject, addresses
from gateways.desk.api.desk import Desk
from gateways.desk.api.shown import Written
from gateways.desk.uploads import Upload
from shared.contract.commands import ChangeMessage, PostMessage, RemoveMessage
from shared.contract.content import Content, Letter, Part, Quote, Template, Text
from shared.db.engine import writing
from shared.http.problem import NOT_FOUND, Problem
from shared.http.route import Call, Input, Reply, Route, Routes

MOST_FILES = 10
LONGEST_TEXT = 50_000
QUOTED = 200
"""Characters of the quoted words that travel with a quote."""


class OneMessage(One):
    message_id: UUID


class Filled(Input):
    """A template of the provider, its places filled in: of the header, the body, the buttons."""

    name: str = Field(min_length=1, max_length=600)
    language: str = Field(min_length=1, max_length=40)
    parameters: tuple[str, ...] = Field(default=(), max_length=100)


class Words(Wish):
    """`id` is the message's too; `seen_version` is the dialog's version that the author saw."""

    text: str = Field(default="", max_length=LONGEST_TEXT, description="may be empty beside files")
    attachments: tuple[UUID, ...] = Field(
        default=(), max_length=MOST_FILES, description="files that the author has uploaded, in their order"
    )
    template: Filled | None = Field(
        default=None, description="instead of words; beside it only the file of its header"
    )
    quote: UUID | None = Field(default=None, description="the message of this dialog that this one answers")
    subject: Subject | None = Field(default=None, description="of a mail; none: the thread's")
    cc: Copies | None = Field(default=None, description="of a mail, all of them; none: as the account says")
    resend_of: UUID | None = Field(default=None, description="the failed message that this one repeats")
    seen_version: int | None = Field(default=None, ge=0)

    @field_validator("attachments")
    @classmethod
    def _each_once(cls, ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
        if len(set(ids)) != len(ids):
            raise ValueError("a file stands in a message once")
        return ids


class NewWords(Wish):
    text: str = Field(max_length=LONGEST_TEXT)


class TypingNow(Input):
    on: bool


class MessagesNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        one = "/conversations/{conversation_id}"
        its = f"{one}/messages/{{message_id}}"
        return (
            write_row(
                f"{one}/messages", "reply", "reply", Words, self.reply, "Answer; takes it",
                errors=(words.ATTACHMENT_UNKNOWN, words.QUOTE_UNSENT),
            ),
            write_row(
                f"{its}/edit", "edit_message", "reply", NewWords, self.edit, "Change the words of my message",
                params=OneMessage, errors=(words.NOT_YOUR_MESSAGE,),
            ),
            write_row(
                f"{its}/delete", "delete_message", "reply", Wish, self.delete, "Delete my message",
                params=OneMessage, errors=(words.NOT_YOUR_MESSAGE,),
            ),
            Route(
                "POST", f"{one}/typing", "typing", "reply",
                params=One, body=TypingNow, handler=self.typing,
                summary="I am writing, or have stopped; worthless after ten seconds", errors=(NOT_FOUND,),
            ),
        )  # fmt: skip

    async def reply(self, call: Call[One, Words]) -> Reply[Written]:
        said, who = call.body, call.principal
        dialog_id = await self._desk.dialogs.of(call.params.conversation_id, who)
        quote = None if said.quote is None else await self._quote(said.quote, dialog_id, who)
        files = await self._claim(said, who)
        parts: list[Part] = [Template(**said.template.model_dump())] if said.template else []
        if said.text.strip() or not (files or parts):
            parts.append(Text(text=said.text))
        content = Content(
            parts=(*parts, *(one.part for one in files)),
            quote=quote,
            subject=said.subject,
            cc=addresses(said.cc or ()),
            letter=None if said.cc is None else Letter(),
        )

        def command(common: dict[str, Any]) -> PostMessage:
            return PostMessage(
                **common,
                message_id=said.id,
                content=content,
                seen_version=said.seen_version,
                resend_of=said.resend_of,
            )

        try:
            return await act_on(
                self._desk, call, command, dialog_id=dialog_id, entity="message", entity_id=str(said.id)
            )
        except Problem as refused:
            if files and refused.kind.code not in ("unavailable", "conflict"):
                async with writing(self._desk.engine) as conn:
                    await uploads.release(conn, said.id)
            raise

    async def edit(self, call: Call[OneMessage, NewWords]) -> Reply[Written]:
        dialog_id, line = await self._mine(call)
        content = Content.model_validate(line["content"])
        files = tuple(part for part in content.parts if part.kind != "text")
        changed = content.model_copy(update={"parts": (Text(text=call.body.text), *files)})
        about: dict[str, Any] = {"message_id": call.params.message_id, "content": changed}
        return await act_on(
            self._desk, call, lambda common: ChangeMessage(**common, **about),
            dialog_id=dialog_id, entity="message", entity_id=str(call.params.message_id),
        )  # fmt: skip

    async def delete(self, call: Call[OneMessage, Wish]) -> Reply[Written]:
        dialog_id, _ = await self._mine(call)
        about: dict[str, Any] = {"message_id": call.params.message_id}
        return await act_on(
            self._desk, call, lambda common: RemoveMessage(**common, **about),
            dialog_id=dialog_id, entity="message", entity_id=str(call.params.message_id),
        )  # fmt: skip

    async def typing(self, call: Call[One, TypingNow]) -> None:
        """Told to the client and to colleagues, unless somebody else answers here."""
        who: SignedIn = call.principal
        conversation = await self._desk.dialogs.conversation(call.params.conversation_id, who)
        assignee = conversation.get("assignee")
        may_answer = assignee is None or str(who.id) in (assignee, *conversation.get("participants", ()))
        if conversation["status"] != "closed" and may_answer:
            await self._desk.typists.tell(who, UUID(conversation["dialog_id"]), on=call.body.on)

    async def _quote(self, message_id: UUID, dialog_id: UUID, who: SignedIn) -> Quote:
        """Names the message as its channel does. What it said first stays, so a repeat is the same."""
        line = await self._desk.dialogs.message(message_id, dialog_id, who)
        if not line.get("external_id"):
            raise Problem(words.QUOTE_UNSENT)
        content = Content.model_validate(line.get("original") or line.get("content") or {})
        author = (line.get("author") or {}).get("name")
        return Quote(
            external_id=line["external_id"],
            message_id=message_id,
            author=author,
            text=content.text[:QUOTED] or None,
        )

    async def _claim(self, said: Words, who: SignedIn) -> list[Upload]:
        """The files of the message; a problem where one is not the author's to send."""
        if not said.attachments:
            return []
        now = self._desk.clock.now()
        async with writing(self._desk.engine) as conn:
            files = await uploads.claim(conn, said.attachments, who.id, said.id, now)
            if files is None:
                raise Problem(words.ATTACHMENT_UNKNOWN)
        return files

    async def _mine(self, call: Call[OneMessage, Any]) -> tuple[UUID, dict[str, Any]]:
        """The dialog and the line of a message that its own author wants to change."""
        who: SignedIn = call.principal
        dialog_id = await self._desk.dialogs.of(call.params.conversation_id, who)
        line = await self._desk.dialogs.message(call.params.message_id, dialog_id, who)
        author = line.get("author") or {}
        if line.get("direction") != "out" or (author.get("kind"), author.get("id")) != (
            "operator",
            str(who.id),
        ):
            raise Problem(words.NOT_YOUR_MESSAGE)
        return dialog_id, line
