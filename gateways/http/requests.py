"""What stands in the addresses of the endpoint, and what it answers about notices that were given up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.http.route import Input

MOST_DEAD = 100


class AccountParams(Input):
    account: str = Field(max_length=40, description="the account's slug")


class FileParams(AccountParams):
    id: UUID
    name: str = Field(max_length=200)
    until: int = Field(ge=0, le=10**12)
    key: str = Field(max_length=100)


class DeadParams(AccountParams):
    after: int = Field(default=0, ge=0, description="`next` of the page before")
    limit: int = Field(default=MOST_DEAD, ge=1, le=MOST_DEAD)


class DeadOneParams(AccountParams):
    id: UUID


class Shown(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class DeadNotice(Shown):
    """A notice that your webhook did not take."""

    id: UUID
    type: str
    chat: str
    code: str
    words: str | None
    """What operators read of it."""
    failures: int
    """How often the webhook was asked in vain; one that it refused counts none."""
    taken_at: datetime
    """When it came to us."""


class DeadPage(Shown):
    """The longest waiting first."""

    dead: list[DeadNotice]
    next: int | None = None
    """There are more: ask again with `after`."""


class Replayed(Shown):
    """How many go out again, each for up to a day."""

    count: int
