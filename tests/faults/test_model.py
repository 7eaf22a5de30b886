"""The real router against a plain model, for minutes; shortly in tests/integration/router/test_model.py."""

import os
import time

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.router_machine import RouterMachine

EXAMPLES = int(os.environ.get("SWITCHBOARD_TEST_MODEL_EXAMPLES") or 200)


@pytest.mark.timeout(1200)
@pytest.mark.feature("LC1", "LC3", "LC5", "LC6", "LC7", "LC12", "LC13", "RT3", "RT4", "RT5", "RT6", "RT7")
def test_the_router_does_what_the_model_says_for_minutes() -> None:
    started = time.monotonic()
    whole = settings(
        max_examples=EXAMPLES,
        stateful_step_count=80,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(RouterMachine, settings=whole)
    print(
        f"\n{EXAMPLES} stories of 80 steps in {time.monotonic() - started:.0f} s: the model agreed with all"
    )
