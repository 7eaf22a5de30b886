"""Frames of the live connection: what the page may say, and what we say besides deltas. See README.md."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import to_json


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Resume(_Frame):
    """Everything after `seq`, please; `access` is the one that the page's model was made under."""

    t: Literal["resume"]
    seq: int | None = Field(default=None, ge=0, lt=2**62)
    access: str | None = Field(default=None, max_length=100)


class Ping(_Frame):
    t: Literal["ping"]


Said = Annotated[Resume | Ping, Field(discriminator="t")]
_said: TypeAdapter[Resume | Ping] = TypeAdapter(Said)


def read(text: str) -> Resume | Ping | None:
    """The frame; None for what is no frame of ours."""
    try:
        return _said.validate_json(text)
    except (ValidationError, ValueError):
        return None


def written(**fields: Any) -> str:
    return to_json(fields).decode()


def hello(seq: int, access: str, operator: dict[str, Any]) -> str:
    return written(t="hello", seq=seq, access=access, operator=operator)


def head(seq: int) -> str:
    return written(t="head", seq=seq)


def counters(seq: int, folders: list[Any], accounts: list[Any]) -> str:
    return written(t="counters", seq=seq, folders=folders, accounts=accounts)


def late(is_late: bool) -> str:
    return written(t="late", late=is_late)


def resync(reason: Literal["expired", "ahead", "access"], access: str) -> str:
    return written(t="resync", reason=reason, access=access)


def typing(dialog_id: UUID, *, by: str, on: bool, name: str | None) -> str:
    return written(t="typing", dialog_id=dialog_id, by=by, on=on, name=name)


def bye(reason: str, retry_after: float | None) -> str:
    return written(t="bye", reason=reason, retry_after=retry_after)


PONG = written(t="pong")
