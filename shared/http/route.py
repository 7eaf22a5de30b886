"""A row of a service's HTTP interface, and what its handler is given and gives back.

    Route("GET", "/folders/{folder}/conversations", "list_conversations", "conversations.read",
          params=ListParams, returns=ConversationPage, handler=list_conversations,
          summary="Conversations of a folder, newest first")

    async def list_conversations(call: Call[ListParams, None]) -> ConversationPage: ...

Nothing is open by accident: a row names the right it needs, `session` (anyone signed in) or `public`. One
model holds the path's variables and the query's; both it and the body forbid what they do not declare.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, Protocol, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from shared.http.problem import Kind, Language

PUBLIC: Final = "public"
SESSION: Final = "session"
BODY_LIMIT: Final = 64 * 1024
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Principal(Protocol):
    """Who calls."""

    @property
    def id(self) -> object: ...

    @property
    def rights(self) -> frozenset[str]: ...


Authenticate = Callable[[web.Request], Awaitable[Principal | None]]


class Input(BaseModel):
    """What parameters and bodies derive from: strict about names, frozen, silent about values in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


P = TypeVar("P", bound=BaseModel | None)
B = TypeVar("B", bound=BaseModel | None)
M_co = TypeVar("M_co", bound=BaseModel | None, covariant=True)


@dataclass(frozen=True, slots=True)
class Call(Generic[P, B]):
    """One request, validated. `principal` is None on public routes only."""

    params: P
    body: B
    principal: Any
    request: web.Request
    language: Language
    traceparent: str


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie to set; `max_age` 0 removes it, None lasts as long as the browser."""

    name: str
    value: str = ""
    max_age: int | None = None
    path: str = "/"
    secure: bool = True
    http_only: bool = True
    same_site: Literal["Lax", "Strict", "None"] = "Lax"


@dataclass(frozen=True, slots=True)
class Reply(Generic[M_co]):
    """A model with a status of its own, headers or cookies."""

    model: M_co
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Sequence[Cookie] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What a handler returns that is no model: a page, a file; for a WebSocket, `UPGRADE`."""

    media_type: str


UPGRADE: Final = Content("websocket")

Handler = Callable[[Call[P, B]], Awaitable[BaseModel | Reply[BaseModel | None] | web.StreamResponse | None]]


@dataclass(frozen=True, slots=True)
class Route(Generic[P, B]):
    """One row; `errors` are the problems of its own, besides those every row of its sort can answer with."""

    method: Method
    path: str
    name: str
    right: str
    params: type[P] | None = None
    body: type[B] | None = None
    returns: type[BaseModel] | Content | None = None
    handler: Handler[P, B] = field(kw_only=True)
    summary: str = field(kw_only=True)
    errors: tuple[Kind, ...] = field(default=(), kw_only=True)
    status: int | None = field(default=None, kw_only=True)
    other_statuses: tuple[int, ...] = field(default=(), kw_only=True)
    body_limit: int = field(default=BODY_LIMIT, kw_only=True)
    takes: Content | None = field(default=None, kw_only=True)
    """A body that is no model: its handler reads it, bounds it and says when it is too slow."""

    def __post_init__(self) -> None:
        models: list[type[BaseModel] | None] = [self.params, self.body]  # type: ignore[list-item]  # None is no type
        for model in models:
            if model is not None and model.model_config.get("extra") != "forbid":
                raise TypeError(
                    f"route {self.name}: {model.__name__} must forbid extra fields (derive from Input)"
                )
        declared = set(models[0].model_fields) if models[0] is not None else set()
        missing = set(self.variables) - declared
        if missing:
            raise TypeError(
                f"route {self.name}: its parameters lack {', '.join(sorted(missing))} of the path"
            )
        if self.body is not None and self.takes is not None:
            raise TypeError(f"route {self.name}: a body is a model or bytes, not both")
        if (self.body is not None or self.takes is not None) and self.method in ("GET", "DELETE"):
            raise TypeError(f"route {self.name}: {self.method} takes no body")
        if not self.right or not self.summary or not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise TypeError(f"route {self.name}: needs a snake_case name, a right and a summary")

    @property
    def variables(self) -> tuple[str, ...]:
        """Names in the path's braces."""
        return tuple(re.findall(r"\{(\w+)(?::[^}]*)?\}", self.path))

    @property
    def success(self) -> int:
        """The status of an ordinary answer."""
        if self.status is not None:
            return self.status
        return 101 if self.returns == UPGRADE else 204 if self.returns is None else 200


Routes = Sequence[Route[Any, Any]]
