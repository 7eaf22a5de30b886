"""What the API answers. Entities come from the store as they are; its own document describes their fields.

Nothing of an entity is read here, all of it is passed on, so that a newer store may show more.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Shown(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")


class Entity(Shown):
    """A conversation, a line of history, an operator …: the same as the `state` of a delta."""


class Page(Shown):
    seq: int = Field(description="The row of the feed up to which this is true.")
    items: list[dict[str, Any]] = Field(description="Entities, each the same as the `state` of a delta.")


class ConversationPage(Page):
    next: str | None = Field(default=None, description="`after` of the next page; none: this is the last.")


class HistoryPage(Page):
    """Lines of a dialog, oldest first."""

    more: bool = Field(default=False, description="Whether there are lines beyond, in that direction.")


class Folders(Shown):
    seq: int
    folders: list[dict[str, Any]] = Field(description="`{folder, total, unread, waiting}` each.")
    accounts: list[dict[str, Any]] = Field(
        default_factory=list, description="`{account, total, unread, waiting}` of those with open ones."
    )


class StatusTable(Shown):
    seq: int
    version: int
    statuses: list[dict[str, Any]] = Field(description="Rows: `slug`, names, and what each allows.")


class AccountTemplates(Shown):
    seq: int
    account: str
    templates: list[dict[str, Any]] = Field(
        description="Each with `name`, `language`, `text`, and `parameters`: how many places in all."
    )


class Me(BaseModel):
    """Who is signed in. `access` names what may be seen: it goes into `resume` of the live connection."""

    operator: dict[str, Any]
    rights: list[str]
    accounts: list[str]
    access: str
    seq: int


class Considered(BaseModel):
    operator_id: UUID
    name: str = ""
    why: str = Field(description="`chosen`, or the first reason against.")
    words: dict[str, str] = Field(default_factory=dict, description="The reason, by language: `en`, `ru`.")
    load: int = Field(default=0, description="Conversations now.")
    limit: int | None = None


class Explanation(BaseModel):
    """Why a conversation waits, and everybody who could have had it, whoever would get it first."""

    waits: str
    words: dict[str, str] = Field(default_factory=dict, description="Why, by language: `en`, `ru`.")
    considered: list[Considered] = Field(default_factory=list)


class NotMoved(BaseModel):
    """One that stays where it is: the refusal's code, what its words name, and the words."""

    conversation_id: UUID
    code: str
    parameters: dict[str, str]
    title: str


class Moves(BaseModel):
    moved: list[UUID]
    refused: list[NotMoved]


class Ticket(BaseModel):
    ticket: str
    expires_in: int = Field(description="Seconds.")


class Written(BaseModel):
    """What became of a write; `state` is the entity's, none where nothing changed or it went out of sight."""

    pending: bool = Field(description="Decided, but not readable yet: it comes as a delta.")
    seq: int | None = None
    entity: str | None = None
    state: dict[str, Any] | None = None
