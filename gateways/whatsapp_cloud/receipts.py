"""How far messages of ours came. Pure.

{"id": "wamid.HBg2", "status": "delivered", "timestamp": "1769853660", "recipient_id": "79990000001",
 "biz_opaque_callback_data": "<our message id>", "errors"?: […], "conversation"?, "pricing"?}

A receipt carries our own id of the message, so it finds one of which nobody knew whether it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from gateways.kit.payload import Malformed
from gateways.kit.spool import SpoolRow
from gateways.whatsapp_cloud.calls import call_of_receipt
from gateways.whatsapp_cloud.fates import told_in
from gateways.whatsapp_cloud.people import dialog_of
from gateways.whatsapp_cloud.scene import Scene, Update, moment, word
from shared.contract.inbound import DeliveryReported, DeliveryState
from shared.contract.people import DialogRef
from shared.log import get_logger

log = get_logger()

_STATES: Final[Mapping[str, DeliveryState]] = MappingProxyType(
    {
        "sent": "sent",
        "delivered": "delivered",
        "deleted": "delivered",
        "read": "read",
        "played": "read",
        "failed": "failed",
    }
)
"""Meta's word → ours; who deletes a message has got it."""
_NOTHING: Final = frozenset({"accepted", "warning", "held_for_quality_assessment"})
"""Words that say nothing of how far it came."""
NOWHERE: Final = "unknown"
"""The chat of a receipt that names nobody; the message is found by its own id."""


def receipt(update: Update, scene: Scene) -> list[SpoolRow]:
    """The fact of one receipt; raises `Malformed` for what is none."""
    if update.get("type") == "call":
        return call_of_receipt(update, scene)
    external_id, status = word(update.get("id")), str(update.get("status"))
    if status in _NOTHING:
        log.info("receipt_passed_over", account=scene.account, status=status)
        return []
    state = _STATES.get(status)
    if external_id is None or state is None:
        raise Malformed("receipt")
    code = words = None
    if state == "failed":
        _, code, words = told_in(update.get("errors"))
    dialog, learned = _place(update, scene)
    fact = DeliveryReported(
        dialog=dialog,
        message_id=message_of(update.get("biz_opaque_callback_data")),
        external_id=external_id,
        state=state,
        code=code,
        words=words,
        at=moment(update.get("timestamp")) or scene.at,
    )
    return [scene.row(fact, "receipt", external_id, status), *learned]


def _place(update: Update, scene: Scene) -> tuple[DialogRef, list[SpoolRow]]:
    """Where the message is, and what is learned of who got it; a group's receipts name its members."""
    recipient = word(update.get("recipient_id"))
    if update.get("recipient_type") == "group" and recipient is not None:
        return dialog_of(scene.account, recipient[:200], "group"), []
    try:
        party = scene.party(update)
    except Malformed:
        return dialog_of(scene.account, NOWHERE), []
    return party.dialog, scene.learned(party)


def message_of(told: Any) -> UUID | None:
    """Our id of a message, as we gave it to Meta."""
    if not isinstance(told, str) or len(told) != _UUID_LENGTH:
        return None
    try:
        return UUID(told)
    except ValueError:
        return None


_UUID_LENGTH: Final = 36
