"""The gateway of WhatsApp as a process, and a Meta beside it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.whatsapp_cloud_process import Gate, gateway
from tests.support.whatsapp_cloud_provider import Meta, write_accounts


@pytest.fixture
async def meta() -> AsyncIterator[Meta]:
    async with Meta() as provider:
        yield provider


@pytest.fixture
async def gate(
    meta: Meta, emptied_host: str, migrated_url: Callable[[str], str], tmp_path: Path
) -> AsyncIterator[Gate]:
    url = migrated_url("gateways.whatsapp_cloud")
    async with gateway(write_accounts(tmp_path, meta), emptied_host, url, meta) as made:
        yield made
