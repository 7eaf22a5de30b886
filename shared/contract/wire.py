"""The model that every wire model is: frozen, strict about what it knows, keeping what it does not.

A field that a newer peer added is kept at every depth and travels on, so that consumers may be
deployed in any order. Times are aware UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict


class Wire(BaseModel):
    """Root of every model of the contract."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True)

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    def unknown(self) -> dict[str, Any]:
        """The fields that a newer peer sent and we do not know."""
        return dict(self.model_extra or {})


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone: write it in UTC, as 2026-01-31T10:00:00Z")
    return moment.astimezone(UTC)


Utc = Annotated[datetime, AfterValidator(_aware)]
