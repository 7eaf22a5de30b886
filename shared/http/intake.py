"""From a request's bytes to validated models; whatever is wrong with them is a 4xx that echoes nothing.

JSON is read by one parser only (so no two of ours can disagree): NaN, lone surrogates, bad UTF-8, depth
beyond 200 and endless numbers are its errors. Integers stay within 64 bits, as in our databases, and NUL
characters, which PostgreSQL refuses, become U+FFFD. Types are strict: "5" and true are no numbers.
"""

import asyncio
import math
from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from shared.http import problem
from shared.http.faults import fault_of
from shared.http.problem import Problem

BODY_SECONDS: Final = 10.0
LONGEST_PARAMETER: Final = 2000
BIGGEST_INTEGER: Final = 2**63 - 1
_NUL: Final = "\x00"
_REPLACEMENT: Final = "\ufffd"

T = TypeVar("T", bound=BaseModel)


async def read_body(request: web.Request, limit: int) -> bytes:
    """The body, at most `limit` bytes, within 10 s."""
    if request.content_length is not None and request.content_length > limit:
        raise Problem(problem.TOO_LARGE)
    if is_encoded(request):
        raise Problem(problem.NOT_JSON)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limit:
                    raise Problem(problem.TOO_LARGE)
    except TimeoutError:
        raise Problem(problem.TIMED_OUT) from None
    except web.RequestPayloadError:
        raise Problem(problem.MALFORMED) from None
    return bytes(body)


def is_encoded(request: web.Request) -> bool:
    """Whether the body is compressed, or anything else than what it means."""
    return request.headers.get("Content-Encoding", "identity").lower() != "identity"


async def read_model(request: web.Request, model: type[T], limit: int, names: frozenset[str]) -> T:
    """The JSON body as `model`; `names` are the field names that an error may mention."""
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() != "utf-8":
        raise Problem(problem.NOT_JSON)
    return parse_model(await read_body(request, limit), model, names)


def parse_model(raw: bytes, model: type[T], names: frozenset[str]) -> T:
    """The JSON bytes as `model`."""
    try:
        value = from_json(raw, allow_inf_nan=False, cache_strings="none")
    except (ValueError, RecursionError):
        raise Problem(problem.BAD_JSON) from None
    if not _numbers_fit(value):
        raise Problem(problem.INVALID, faults=[fault_of(("body",), "number_out_of_range", {}, names)])
    if b"\\u0000" in raw:
        raw = to_json(_without_nul(value))
    try:
        return model.model_validate_json(raw, strict=True, extra="forbid")
    except ValidationError as error:
        raise _invalid(error, "body", names) from None
    except RecursionError:
        raise Problem(problem.BAD_JSON) from None


def read_params(request: web.Request, model: type[T], names: frozenset[str]) -> T:
    """The path's variables and the query as `model`; a name given twice must be a list there."""
    values: dict[str, Any] = {}
    for name in request.query:
        if name not in values:
            several = request.query.getall(name)
            values[name] = several if _is_list(model, name) else several[0] if len(several) == 1 else several
    for name, one in request.match_info.items():
        values[name] = [one, *_as_list(values[name])] if name in values else one
    for name, given in values.items():
        values[name] = [_clean(text) for text in given] if isinstance(given, list) else _clean(given)
    try:
        return model.model_validate(values, extra="forbid")
    except ValidationError as error:
        raise _invalid(error, "params", names) from None


async def refuse_body(request: web.Request, limit: int) -> None:
    """Some clients send an empty object where nothing is expected; anything else is a mistake."""
    if request.can_read_body and (await read_body(request, limit)).strip() not in (b"", b"{}"):
        raise Problem(problem.MALFORMED)


def field_names(*models: type[BaseModel] | None) -> frozenset[str]:
    """Every field name that the models declare, at any depth."""
    return frozenset().union(*(_names_of(model) for model in models if model is not None))


@cache
def _names_of(model: Hashable) -> frozenset[str]:  # a model; the checker takes no class for hashable
    found: set[str] = set()
    _collect(TypeAdapter(model).json_schema(mode="validation"), found)
    return frozenset(found)


def _collect(schema: object, found: set[str]) -> None:
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        if isinstance(properties, Mapping):
            found.update(properties)
        for part in schema.values():
            _collect(part, found)
    elif isinstance(schema, list):
        for part in schema:
            _collect(part, found)


def _invalid(error: ValidationError, where: str, names: frozenset[str]) -> Problem:
    listed = error.errors(include_url=False, include_input=False)[:20]
    faults = [fault_of((where, *one["loc"]), one["type"], one.get("ctx", {}), names) for one in listed]
    return Problem(problem.INVALID, faults=faults)


def _is_list(model: type[BaseModel], name: str) -> bool:
    info = model.model_fields.get(name)
    if info is None:
        return False
    schema = TypeAdapter(info.annotation).json_schema()
    return schema.get("type") == "array" or any(one.get("type") == "array" for one in schema.get("anyOf", ()))


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _clean(text: str) -> str:
    if len(text) > LONGEST_PARAMETER:
        raise Problem(problem.TOO_LARGE)
    return text.encode("utf-8", "replace").decode().replace(_NUL, _REPLACEMENT)


def _numbers_fit(value: object) -> bool:
    """Whether every number in the parsed JSON fits 64 bits and is finite; depth is bounded by the parser."""
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return -BIGGEST_INTEGER <= value <= BIGGEST_INTEGER
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_numbers_fit, value.values()))
    return all(map(_numbers_fit, value)) if isinstance(value, list) else True


def _without_nul(value: object) -> object:
    if isinstance(value, str):
        return value.replace(_NUL, _REPLACEMENT)
    if isinstance(value, dict):
        return {key.replace(_NUL, _REPLACEMENT): _without_nul(one) for key, one in value.items()}
    return [_without_nul(one) for one in value] if isinstance(value, list) else value
