"""Traceparents: valid ones go on, anything else begins a new trace."""

import pytest

from shared.trace import child, current, new_trace, trace_id, tracing

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
VALID = f"00-{TRACE}-00f067aa0ba902b7-01"


def test_a_child_keeps_the_trace_and_has_its_own_span() -> None:
    first, second = child(VALID), child(VALID)
    assert trace_id(first) == trace_id(second) == TRACE
    assert len({first, second, VALID}) == 3


def test_new_traces_differ_and_are_valid() -> None:
    assert len({trace_id(new_trace()) for _ in range(100)}) == 100
    assert "" not in {trace_id(new_trace()) for _ in range(100)}


def test_a_later_version_may_be_longer() -> None:
    assert trace_id(f"cc-{TRACE}-00f067aa0ba902b7-01-what-comes") == TRACE


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "",
        "rubbish",
        VALID.upper(),
        VALID + "-more",
        VALID + "\n",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"cc-{TRACE}-00f067aa0ba902b7-01-{'x' * 1000}",
        "00-4bf92f3577b34da6a3ce929d0e0e473б-00f067aa0ba902b7-01",
    ],
)
def test_what_is_no_traceparent_begins_a_new_trace(broken: str | None) -> None:
    assert trace_id(broken) == ""
    assert trace_id(child(broken)) not in ("", TRACE)


def test_the_span_is_current_within_its_block_only() -> None:
    assert current() is None
    with tracing(VALID) as outer:
        with tracing(outer) as inner:
            assert current() == inner
        assert current() == outer
        assert trace_id(inner) == trace_id(outer) == TRACE
    assert current() is None
