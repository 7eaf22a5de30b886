"""What the router tells itself: a distribution that found somebody, and timers that are due.

They are inputs of the same table as facts and commands, never on the wire. Each is true of a moment: a step
that finds the dialog changed since then lets it pass.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from shared.contract.envelope import Data
from shared.contract.events import Considered
from shared.contract.wire import Utc


class Distributed(Data):
    """RT3, BY5: this operator gets it, or is offered it."""

    TYPE: ClassVar[str] = "router.distributed.v1"
    dialog_id: UUID
    operator_id: UUID
    considered: tuple[Considered, ...] = ()


class OfferOver(Data):
    """The time of an offer is over."""

    TYPE: ClassVar[str] = "router.offer_over.v1"
    dialog_id: UUID
    offer_id: UUID


class Silent(Data):
    """LC6: nobody has written for as long as the account's setting says."""

    TYPE: ClassVar[str] = "router.silent.v1"
    dialog_id: UUID
    since: Utc


INPUTS: tuple[type[Data], ...] = (Distributed, OfferOver, Silent)
