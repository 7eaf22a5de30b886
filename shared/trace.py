"""W3C trace context: one `traceparent` follows a message from the visitor's frame to the screen and back.

A value from outside that is not a valid traceparent starts a new trace; it is never an error.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from shared.log import bound

_TRACEPARENT: Final = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?P<more>-.*)?"
)
_LONGEST: Final = 200

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def new_trace() -> str:
    """A traceparent of a trace that begins here, sampled."""
    return f"00-{_nonzero(16)}-{_nonzero(8)}-01"


def child(traceparent: str | None) -> str:
    """A traceparent of the same trace with a span of its own; a new trace where there is none."""
    trace = trace_id(traceparent)
    return f"00-{trace}-{_nonzero(8)}-01" if trace else new_trace()


def trace_id(traceparent: str | None) -> str:
    """The 32 hex digits of the trace, or an empty string for what is not a traceparent."""
    if traceparent is None or len(traceparent) > _LONGEST:
        return ""
    match = _TRACEPARENT.fullmatch(traceparent)
    if match is None or match["version"] == "ff" or (match["version"] == "00" and match["more"]):
        return ""
    return "" if set(match["trace"]) == {"0"} or _span_is_zero(traceparent) else match["trace"]


def current() -> str | None:
    """The traceparent of what is being handled in this context, if anything is."""
    return _current.get()


@contextmanager
def tracing(traceparent: str | None) -> Iterator[str]:
    """Within the block a child span of `traceparent` is current and its trace id is in every log line."""
    span = child(traceparent)
    token = _current.set(span)
    try:
        with bound(trace_id=trace_id(span)):
            yield span
    finally:
        _current.reset(token)


def _span_is_zero(traceparent: str) -> bool:
    return set(traceparent[36:52]) == {"0"}


def _nonzero(size: int) -> str:
    """Random hex digits of `size` bytes; all zeros mean "invalid" and are drawn again."""
    while not any(value := secrets.token_bytes(size)):
        pass
    return value.hex()
