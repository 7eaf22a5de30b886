"""Column types that mean the same on SQLite and PostgreSQL: an instant, a key, a JSON text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import BigInteger, Dialect, Text, TypeDecorator, Uuid

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware time; exact, unlike `timestamp()`."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone: only aware times are stored")
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC time of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An aware UTC time, kept as BIGINT microseconds: sorts, compares and indexes alike everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> int | None:
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        return None if value is None else from_micros(value)


class Key(Uuid[UUID]):
    """A UUID: `uuid` on PostgreSQL, 32 hexadecimal digits on SQLite."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(as_uuid=True)


class Json(TypeDecorator[Any]):
    """Plain data as compact UTF-8 JSON text. Nobody queries inside it; what is queried is a column."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        return None if value is None else to_json(value).decode()

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        return None if value is None else from_json(value)
