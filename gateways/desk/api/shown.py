"""What the API answers. Entities come from the store as they are; its own document describes their fields.

Nothing of an entity is read here, all of it is passed on, so that a newer store may show more.
"""

from __future__ import annotations

from typing import Any

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


class Me(BaseModel):
    """Who is signed in. `access` names what may be seen: it goes into `resume` of the live connection."""

    operator: dict[str, Any]
    rights: list[str]
    accounts: list[str]
    access: str
    seq: int


class Ticket(BaseModel):
    ticket: str
    expires_in: int = Field(description="Seconds.")


class Written(BaseModel):
    """What became of a write; `state` is the entity's, none where nothing changed or it went out of sight."""

    pending: bool = Field(description="Decided, but not readable yet: it comes as a delta.")
    seq: int | None = None
    entity: str | None = None
    state: dict[str, Any] | None = None
