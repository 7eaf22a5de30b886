"""A served example application, a client of it, and what was logged."""

import io
import logging
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from shared import log
from shared.http.server import HttpServer
from tests.integration.platform.example import example_app


@pytest.fixture
def written() -> Iterator[io.BytesIO]:
    """What is logged during the test."""
    stream = io.BytesIO()
    log.configure("example", "test-1", level="info", stream=stream)
    yield stream
    log.configure("", "", level="info")
    logging.captureWarnings(False)
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if type(handler).__module__ != log.__name__]


@pytest.fixture
async def server(written: io.BytesIO) -> AsyncIterator[HttpServer]:
    async with HttpServer(example_app(), "127.0.0.1", 0) as serving:
        yield serving


@pytest.fixture
async def client(server: HttpServer) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url, headers={"X-Caller": "owner"}) as session:
        yield session
