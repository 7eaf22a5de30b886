"""The lattice of delivery: every pair of states."""

from itertools import product

import pytest

from shared.contract.inbound import REPLAYED, DeliveryState
from store.delivery import STATES, SWEPT, yields

FORWARD: dict[DeliveryState, set[DeliveryState]] = {
    "queued": {"sent", "delivered", "read", "failed", "unconfirmed"},
    "sent": {"delivered", "read", "failed"},
    "delivered": {"read"},
    "read": set(),
    "failed": {"delivered", "read"},
    "unconfirmed": {"sent", "delivered", "read", "failed"},
}


@pytest.mark.feature("MS9")
@pytest.mark.parametrize(("current", "reported"), list(product(STATES, STATES)))
def test_each_state_yields_to_what_is_forward_of_it_only(
    current: DeliveryState, reported: DeliveryState
) -> None:
    assert yields(current, reported) is (reported in FORWARD[current])


def test_no_order_of_reports_ends_behind_what_was_known() -> None:
    """Whatever comes after `read` changes nothing: there is no way back."""
    assert not any(yields("read", reported) for reported in STATES)


def test_a_sweep_moves_only_what_is_known_to_be_with_the_provider() -> None:
    assert all(
        state not in moved for moved in SWEPT.values() for state in ("queued", "failed", "unconfirmed")
    )


@pytest.mark.parametrize("current", STATES)
def test_what_was_given_up_begins_anew_when_it_is_sent_again(current: DeliveryState) -> None:
    assert yields(current, "queued", REPLAYED) is (current in {"failed", "unconfirmed"})
    assert not yields(current, "queued", "expired")
