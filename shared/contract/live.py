"""What is worthless after ten seconds, on the exchange `live`: transient, outside router and store.

typing.<dialog id as 32 hex digits>     {"dialog_id": "…", "by": "client", "on": true}
                                        {"dialog_id": "…", "by": "operator", "on": true, "name": "Anna",
                                         "operator_id": "…", "dialog": {"channel": "webchat", …}}
"""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

from shared.contract.envelope import Data
from shared.contract.people import DialogRef


class Typing(Data):
    """Somebody writes in a dialog, or stopped (MS11). Without another word it is over after ten seconds."""

    TYPE: ClassVar[str] = "live.typing.v1"
    dialog_id: UUID
    dialog: DialogRef | None = None
    """Where an operator writes, so that the gateway of its account can tell the provider."""
    by: Literal["client", "operator"]
    name: str | None = None
    """The operator's public name."""
    operator_id: UUID | None = None
    on: bool = True


class MailboxMoved(Data):
    """There is more in these mailboxes of a site: each dialog with the last number of its chat."""

    TYPE: ClassVar[str] = "live.mailbox.v1"
    account: str
    dialogs: tuple[tuple[UUID, int], ...]


LIVE_HINTS: tuple[type[Data], ...] = (Typing, MailboxMoved)
