"""The one shape of every body on the bus: an envelope with CloudEvents names around typed data.

    {"specversion": "1.0", "id": "…", "source": "webchat/main", "type": "message.received.v1",
     "time": "2026-01-31T10:00:00Z", "subject": "<dialog id>", "traceparent": "00-…-01", "data": {…}}

`type` decides the model of `data`; its wire name is written once, on the model (`TYPE`). A type that we do
not know is no error of the sender: it decodes to `Unknown` and is passed by. Only an unknown
`specversion` or broken bytes are `Undecodable`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, TypeVar
from uuid import UUID

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from shared.contract.wire import Utc, Wire
from shared.failure import Undecodable

SPEC_VERSION: Final = "1.0"


class Data(Wire):
    """Root of everything that an envelope may carry; `TYPE` is its wire name."""

    TYPE: ClassVar[str] = ""


class Unknown(Data):
    """Data of a type that this version does not know; kept whole."""


D_co = TypeVar("D_co", bound=Data, covariant=True)
E = TypeVar("E", bound=Data)


class Envelope(Wire, Generic[D_co]):
    """See the file's docstring; `subject` is what keeps its order: a dialog id, or the entity's id."""

    model_config = ConfigDict(use_attribute_docstrings=False)  # sought anew for each type: slow, and none are

    specversion: str = SPEC_VERSION
    id: UUID
    source: str
    type: str
    time: Utc
    subject: str
    traceparent: str | None = None
    data: D_co

    def encode(self) -> bytes:
        """The bytes that travel; absent fields are left out."""
        return self.__pydantic_serializer__.to_json(self, exclude_none=True, serialize_as_any=True)


class _Head(Wire):
    """What is read of an envelope before its data."""

    specversion: str = SPEC_VERSION
    type: str = Field(max_length=120)


class Catalogue:
    """Wire type → model: what a consumer can read. Built once from explicit lists, never by imports."""

    def __init__(self, *models: type[Data]) -> None:
        self.models: Mapping[str, type[Data]] = {model.TYPE: model for model in models}
        if len(self.models) != len(models) or "" in self.models:
            raise ValueError("each model of a catalogue has a TYPE of its own")
        self._adapters: dict[str, TypeAdapter[Envelope[Data]]] = {
            name: TypeAdapter(Envelope.__class_getitem__(model)) for name, model in self.models.items()
        }
        self._unknown: TypeAdapter[Envelope[Data]] = TypeAdapter(Envelope[Unknown])
        self._head = TypeAdapter(_Head)

    def decode(self, body: bytes, type_: str = "") -> Envelope[Data]:
        """The envelope in `body`; `type_` is the AMQP property of the same name, a hint that spares a pass.

        Raises `Undecodable` with a reason that names the place and never the value.
        """
        try:
            if type_ in self._adapters:
                envelope = self._adapters[type_].validate_json(body)
                if envelope.type == type_:
                    return self._checked(envelope)
            head = self._head.validate_json(body)
            return self._checked(self._adapters.get(head.type, self._unknown).validate_json(body))
        except ValidationError as error:
            raise Undecodable(_reason(error)) from None
        except RecursionError:
            raise Undecodable("nested too deeply") from None

    def _checked(self, envelope: Envelope[Data]) -> Envelope[Data]:
        if envelope.specversion.split(".")[0] != SPEC_VERSION.split(".")[0]:
            raise Undecodable(f"specversion {envelope.specversion[:20]!r} is not ours ({SPEC_VERSION})")
        return envelope


def wrap(
    data: E,
    *,
    id: UUID,  # noqa: A002 — the CloudEvents name
    source: str,
    time: datetime,
    subject: str,
    traceparent: str | None = None,
) -> Envelope[E]:
    """An envelope around data of ours; nothing is validated again, so it is cheap."""
    return Envelope.model_construct(
        specversion=SPEC_VERSION,
        id=id,
        source=source,
        type=data.TYPE,
        time=time,
        subject=subject,
        traceparent=traceparent,
        data=data,
    )


def _reason(error: ValidationError) -> str:
    """The first complaint, with its place and without the value (it may be somebody's words)."""
    first: dict[str, Any] = dict(
        error.errors(include_url=False, include_context=False, include_input=False)[0]
    )
    place = ".".join(str(step) for step in first["loc"]) or "body"
    rest = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{place}: {first['msg']}{rest}"
