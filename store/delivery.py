"""What becomes of a message of ours: forward only, `queued < sent < delivered < read`.

`unconfirmed` yields to any evidence, `failed` to delivered or read; neither overrides evidence of arrival.
Both begin anew when the message is sent again: then `queued` is told, with the code `replayed`.
"""

from __future__ import annotations

from typing import Final, get_args

from shared.contract.inbound import REPLAYED, DeliveryState

STATES: Final[tuple[DeliveryState, ...]] = get_args(DeliveryState)

_YIELDS_TO: Final[dict[DeliveryState | None, frozenset[DeliveryState]]] = {
    None: frozenset(STATES),
    "queued": frozenset({"sent", "delivered", "read", "failed", "unconfirmed"}),
    "sent": frozenset({"delivered", "read", "failed"}),
    "delivered": frozenset({"read"}),
    "read": frozenset(),
    "failed": frozenset({"delivered", "read"}),
    "unconfirmed": frozenset({"sent", "delivered", "read", "failed"}),
}

SWEPT: Final[dict[DeliveryState, frozenset[DeliveryState]]] = {
    "delivered": frozenset({"sent"}),
    "read": frozenset({"sent", "delivered"}),
}
"""What a receipt for everything up to a message moves: what is known to be with the provider, no more."""


_GIVEN_UP: Final = ("failed", "unconfirmed")


def yields(current: DeliveryState | None, reported: DeliveryState, code: str | None = None) -> bool:
    """Whether a message in state `current` moves to `reported`, told with this code."""
    again = reported == "queued" and code == REPLAYED and current in _GIVEN_UP
    return again or reported in _YIELDS_TO[current]
