"""What the store's writer can read: every event, its own commands, and what was parked."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from pydantic import Base64Bytes

from shared.contract.commands import STORE_COMMANDS
from shared.contract.envelope import Catalogue, Data
from shared.contract.events import EVENTS


class MessageParked(Data):
    """A delivery of the parking queue, whose own bytes may be anything; it never leaves the writer."""

    TYPE: ClassVar[str] = "store.message_parked.v1"
    parked_id: UUID
    queue: str
    reason: str
    error: str
    exchange: str
    routing_key: str
    dead_lettered: bool
    message_id: str
    type: str
    headers: dict[str, Any]
    body: Base64Bytes
    parked_at: datetime


CATALOGUE: Final = Catalogue(*EVENTS, *STORE_COMMANDS, MessageParked)
