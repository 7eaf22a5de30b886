"""What an account is given to do: by what its channel can, and only while it is connected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from router.dialog import Refused, Turn
from router.registry import Account
from shared.contract.capabilities import Capabilities
from shared.contract.outbound import CloseChat, MarkRead

KEPT: Final = timedelta(hours=24)
"""What could not be done for so long is failed: it has lost its sense."""


def ready(turn: Turn) -> Account:
    """The account of the dialog, connected."""
    account = turn.account
    if account is None or not account.connected:
        raise Refused("account_not_connected", account=account.name if account else turn.before.account)
    return account


def need(capabilities: Capabilities, name: str) -> None:
    """Refuses what the channel cannot."""
    if not getattr(capabilities, name, False):
        raise Refused("not_possible", capability=name)


def of_act(turn: Turn) -> dict[str, Any]:
    """What every act for the dialog's account carries."""
    return {"dialog": turn.ref, "provider": turn.provider, "not_after": turn.facts.now + KEPT}


def show_closed(turn: Turn) -> None:
    """Tells the client that the conversation was closed, where the channel shows that."""
    if _can(turn, "closes"):
        turn.act(CloseChat.model_construct(**of_act(turn), conversation_id=turn.open.conversation_id))


def show_read(turn: Turn) -> None:
    """Tells the client that everything up to the last message was read, where the channel shows that."""
    if turn.last_heard is not None and _can(turn, "mark_read"):
        turn.act(MarkRead.model_construct(**of_act(turn), external_id=turn.last_heard))


def _can(turn: Turn, name: str) -> bool:
    account = turn.account
    return account is not None and account.connected and bool(getattr(account.capabilities, name))
