"""The library in its threads: nothing blocks the loop, nothing waits for ever, nothing is repeated unseen."""

import asyncio
import time

import pytest

from gateways.kit.addresses import Guard
from gateways.kit.http import GuardedClient, Limits
from gateways.vk.api import Api
from shared.failure import Retryable, Unconfirmed
from tests.integration.vk.desk import account
from tests.support.provider_faults import Hang
from tests.support.vk_provider import SEND, Community
from tests.support.waiting import eventually

QUICK = Limits(seconds=0.6, answer_seconds=0.3)

pytestmark = pytest.mark.feature("CH5")


async def test_the_loop_goes_on_while_vk_says_nothing() -> None:
    """More calls than threads hang: each ends in time, and the loop never stands still."""
    async with Community() as vk, GuardedClient(Guard([vk.provider.end_point])) as client:
        api = Api(account(vk.url), client, QUICK)
        vk.provider.script(SEND, *[Hang()] * 12)
        longest, stop = 0.0, asyncio.Event()

        async def watch() -> None:
            nonlocal longest
            while not stop.is_set():
                began = time.monotonic()
                await asyncio.sleep(0.01)
                longest = max(longest, time.monotonic() - began)

        watching, began = asyncio.create_task(watch()), time.monotonic()
        ended = await asyncio.gather(
            *[api.call("messages.send", {}) for _ in range(12)], return_exceptions=True
        )
        stop.set()
        await watching
        assert [type(one) for one in ended] == [Unconfirmed] * 12
        assert time.monotonic() - began < 10
        assert longest < 1
        await api.close()


@pytest.mark.parametrize("code", [6, 14])
async def test_the_library_repeats_and_waits_for_nothing(code: int) -> None:
    """By itself it sleeps and asks again after the one, and wants a captcha solved after the other."""
    async with Community() as vk, GuardedClient(Guard([vk.provider.end_point])) as client:
        api = Api(account(vk.url), client, QUICK)
        vk.refuse("messages.send", code)
        with pytest.raises(Retryable):
            await api.call("messages.send", {})
        assert len(vk.provider.seen(SEND)) == 1
        await api.close()


async def test_where_nobody_listens_nothing_was_sent() -> None:
    async with Community() as vk:
        gone, end_point = vk.url, vk.provider.end_point
    async with GuardedClient(Guard([end_point])) as client:
        api = Api(account(gone), client, QUICK)
        with pytest.raises(Retryable):
            await api.call("messages.send", {})
        await api.close()


async def test_a_close_does_not_wait_for_vk() -> None:
    async with Community() as vk, GuardedClient(Guard([vk.provider.end_point])) as client:
        api = Api(account(vk.url), client)
        vk.provider.script(SEND, Hang())
        asking = asyncio.create_task(api.call("messages.send", {}))
        await eventually(lambda: vk.provider.seen(SEND))
        began = time.monotonic()
        await api.close()
        with pytest.raises(Unconfirmed):
            await asking
        assert time.monotonic() - began < 5
