"""The real router against a plain model, shortly; `make faults` does it for minutes."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.router_machine import RouterMachine


@pytest.mark.feature(
    "LC1", "LC3", "LC5", "LC6", "LC7", "LC12", "LC13", "RT3", "RT4", "RT5", "RT6", "BY5", "BY6", "MS12"
)
def test_the_router_does_what_the_model_says() -> None:
    shortly = settings(
        max_examples=12,
        stateful_step_count=40,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(RouterMachine, settings=shortly)
