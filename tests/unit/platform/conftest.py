"""Log lines of a test, parsed."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared import log

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written() -> Iterator[io.BytesIO]:
    """What was logged, as bytes; this process is "router" at "test-1"."""
    stream = io.BytesIO()
    log.configure("router", "test-1", level="debug", secrets=["planted-secret"], stream=stream)
    yield stream
    log.configure("", "", level="info")
    logging.captureWarnings(False)
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if type(handler).__module__ != log.__name__]


@pytest.fixture
def lines(written: io.BytesIO) -> Lines:
    """What was logged until now, a dictionary a line."""
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]
