"""JSON and forms from outside as values that are safe to walk and to store; whatever is not is `Malformed`.

Refused: bytes that are not UTF-8, NaN and infinities, integers beyond 64 bits, a key given twice (two readers
would disagree), nesting beyond 160, more than 2,000 fields of a form. NUL and lone surrogates become U+FFFD.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final
from urllib.parse import parse_qsl

from gateways.kit.text import clean_text

DEEPEST: Final = 160
"""Clients forward messages within messages: at VK 45 deep, which nests its JSON about 110 deep. Our own
envelopes, which hold what came, are read up to 200."""
MOST_FIELDS: Final = 2000
_BIGGEST: Final = 2**63 - 1
_LONGEST_NUMBER: Final = 400
"""Characters; a longer one is no number that anybody means."""


class Malformed(ValueError):
    """`reason` is one word for counters: encoding, syntax, number, duplicate, depth, fields."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_json(raw: bytes) -> Any:
    """The one JSON value that `raw` is."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("encoding") from None
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
        )
        return _clean(value, DEEPEST)
    except RecursionError:
        raise Malformed("depth") from None
    except json.JSONDecodeError:
        raise Malformed("syntax") from None


def read_form(raw: bytes) -> dict[str, str]:
    """The fields of `application/x-www-form-urlencoded`."""
    try:
        pairs = parse_qsl(
            raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except UnicodeDecodeError:
        raise Malformed("encoding") from None
    except ValueError:
        raise Malformed("fields") from None
    return {clean_text(name): clean_text(value) for name, value in _object(pairs).items()}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Malformed("duplicate")
    return made


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -_BIGGEST <= (number := int(digits)) <= _BIGGEST:
        raise Malformed("number")
    return number


def _float(digits: str) -> float:
    if len(digits) > _LONGEST_NUMBER or not math.isfinite(number := float(digits)):
        raise Malformed("number")
    return number


def _constant(_name: str) -> Any:
    raise Malformed("number")


def _clean(value: Any, deeper: int) -> Any:
    if deeper < 0:
        raise Malformed("depth")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_clean(one, deeper - 1) for one in value]
    if isinstance(value, dict):
        return {clean_text(name): _clean(one, deeper - 1) for name, one in value.items()}
    return value
