"""Who writes, and where a visitor is."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from shared.http.route import Input

Id = Annotated[
    str, Field(min_length=1, max_length=200, description="yours, and yours alone: it never changes")
]
Line = Annotated[str, Field(max_length=200)]
Moment = AwareDatetime


class Person(Input):
    """A person of the channel. The same `id` is the same person, whatever else is said."""

    id: Id
    name: Line | None = None
    username: Line | None = None
    phone: str | None = Field(default=None, pattern=r"^\+[1-9]\d{5,14}$", description="as +79161234567")
    email: str | None = Field(default=None, max_length=254, pattern=r"^[^\s@]+@[^\s@]+$")
    profile_url: str | None = Field(default=None, max_length=2000, pattern=r"^https?://\S+$")
    language: str | None = Field(default=None, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    verified: bool = Field(default=False, description="your system vouches for who it is")
    also: list[Id] = Field(default=[], max_length=20, description="other ids of the same person")


class Page(Input):
    """Where the visitor of a site is."""

    url: str | None = Field(default=None, max_length=2000)
    title: Line | None = None
    referrer: str | None = Field(default=None, max_length=2000)
    utm: dict[Line, Line] = Field(default={}, max_length=20)
    language: str | None = Field(default=None, max_length=40)
    time_zone: str | None = Field(default=None, max_length=60)
    country: Line | None = None
    city: Line | None = None
    user_agent: str | None = Field(default=None, max_length=500)
    at: Moment | None = None


Fields = Annotated[dict[Line, Annotated[str, Field(max_length=2000)]], Field(max_length=50)]
Context = Annotated[
    dict[str, Any],
    Field(max_length=20, description="handed back with everything that we send to the chat; at most 4 KB"),
]

__all__ = ["Context", "Fields", "Id", "Line", "Moment", "Page", "Person"]
