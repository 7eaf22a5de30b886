"""The gateway of the open channel as a process, and an integrator's system beside it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.http_provider import HOOK, Gate, Integrator, gateway, write_accounts


@pytest.fixture
async def integrator() -> AsyncIterator[Integrator]:
    async with Integrator() as system:
        yield system


@pytest.fixture
async def gate(
    integrator: Integrator, emptied_host: str, migrated_url: Callable[[str], str], tmp_path: Path
) -> AsyncIterator[Gate]:
    accounts = write_accounts(
        tmp_path, integrator.url + HOOK, text_length=2000, images=True, files=True, edit=True, delete=True,
        closes=True, receipts="read", typing_in=True,
        typing_out=True,
    )  # fmt: skip
    url = migrated_url("gateways.http")
    async with gateway(accounts, emptied_host, url, integrator.end_point) as made:
        yield made
