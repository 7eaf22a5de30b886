"""Values of a payload that nobody promises: each is what it should be, or `Malformed`, or absent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from gateways.kit.payload import Malformed

Object: TypeAlias = Mapping[str, Any]


def required(values: Object, name: str) -> int:
    """A whole number other than 0; raises `Malformed`."""
    found = number(values, name)
    if found is None:
        raise Malformed("shape")
    return found


def number(values: Object, name: str) -> int | None:
    """A whole number other than 0, which VK writes for what is not there."""
    found = values.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) and found else None


def words(values: Object, name: str) -> str:
    found = values.get(name)
    return found if isinstance(found, str) else ""


def inner(values: Object, name: str) -> Object:
    """The object of this name; an empty one where there is none."""
    found = values.get(name)
    return found if isinstance(found, Mapping) else {}


def inner_list(values: Object, name: str) -> list[Object]:
    """The objects of a list; whatever else stands in it is not VK's."""
    found = values.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def moment(values: Object, name: str) -> datetime | None:
    """Seconds since 1970 as a time."""
    seconds = number(values, name)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
