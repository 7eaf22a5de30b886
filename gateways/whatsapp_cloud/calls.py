"""Calls of clients: we do not answer them here, but an operator sees that there was one. Pure.

{"id": "wacid.ABG1", "from": "79990000001", "to": "79991112233", "event": "connect" | "terminate",
 "direction": "USER_INITIATED", "timestamp": "1769853600", "status"?: "COMPLETED", "duration"?: 12}
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from gateways.kit.payload import Malformed
from gateways.kit.spool import SpoolRow
from gateways.whatsapp_cloud.scene import Scene, Update, moment, word
from shared.contract.inbound import CallHeard

CallState: TypeAlias = Literal["ringing", "answered", "missed", "ended"]

_RECEIPTS: Final[Mapping[str, CallState]] = MappingProxyType(
    {"RINGING": "ringing", "ACCEPTED": "answered", "REJECTED": "missed"}
)


def call(update: Update, scene: Scene) -> list[SpoolRow]:
    """The fact of one event of a call; raises `Malformed`."""
    state: CallState = "ringing"
    if update.get("event") == "terminate":
        state = "ended" if _seconds(update.get("duration")) else "missed"
    elif update.get("event") != "connect":
        raise Malformed("call")
    ours = update.get("direction") == "BUSINESS_INITIATED"
    told = {"from": update.get("to"), "from_user_id": update.get("to_user_id")} if ours else update
    return _heard(update, scene, told, "out" if ours else "in", state)


def call_of_receipt(update: Update, scene: Scene) -> list[SpoolRow]:
    """How far a call of ours came; raises `Malformed`."""
    state = _RECEIPTS.get(str(update.get("status")))
    if state is None:
        raise Malformed("call")
    return _heard(update, scene, update, "out", state)


def _heard(
    update: Update, scene: Scene, told: Update, direction: Literal["in", "out"], state: CallState
) -> list[SpoolRow]:
    external_id = word(update.get("id"))
    if external_id is None:
        raise Malformed("call")
    party = scene.party(told)
    fact = CallHeard(
        dialog=party.dialog,
        external_id=external_id,
        direction=direction,
        state=state,
        identity=party.identity,
        duration_seconds=_seconds(update.get("duration")),
        at=moment(update.get("timestamp")) or scene.at,
    )
    return [scene.row(fact, "call", external_id, state), *scene.learned(party)]


def _seconds(told: Any) -> float | None:
    return float(told) if isinstance(told, int | float) and not isinstance(told, bool) and told > 0 else None
