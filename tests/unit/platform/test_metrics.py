"""The page of metrics: names with our prefix, each sample labelled with the service, lag measured."""

import asyncio
import re
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared import metrics


def test_every_sample_of_ours_names_the_service_and_has_the_prefix() -> None:
    metrics.INBOUND_ACCEPTED.labels("webchat", "site_1").inc()
    page = metrics.page("router").decode()
    families = list(text_string_to_metric_families(page))
    samples = [sample for family in families for sample in family.samples]
    assert samples
    assert all(sample.labels["service"] == "router" for sample in samples)
    ours = {family.name for family in families if not re.match(r"process_|python_", family.name)}
    assert all(name.startswith("switchboard_") for name in ours)
    labels = 'account="site_1",channel_type="webchat",service="router"'
    assert f"switchboard_inbound_accepted_total{{{labels}}} 1.0" in page


def test_writing_the_page_twice_changes_nothing() -> None:
    metrics.page("router")
    assert 'service="store"' in metrics.page("store").decode()


def test_memory_and_cpu_of_the_process_are_on_the_page() -> None:
    page = metrics.page("router").decode()
    assert "process_resident_memory_bytes{" in page
    assert "process_cpu_seconds_total{" in page


@pytest.mark.parametrize(("make", "name"), [(metrics.counter, "things"), (metrics.histogram, "things")])
def test_a_name_without_its_unit_is_refused(make: type, name: str) -> None:
    with pytest.raises(ValueError, match="must end in"):
        make(name, "words")


async def test_lag_is_told_while_the_loop_is_blocked_and_after() -> None:
    lag = metrics.LoopLag(beat_seconds=0.01)
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep(0.05)
    assert lag.seconds < 0.2
    time.sleep(0.3)  # noqa: ASYNC251  # the fault under test
    assert lag.seconds > 0.2
    watching.cancel()
    await asyncio.wait([watching])
