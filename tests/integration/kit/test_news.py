"""Asking a provider what is new: each way in which that fails, and how an account's health hears of it."""

import pytest

from gateways.kit.addresses import Guard
from gateways.kit.condition import Account, Condition
from gateways.kit.http import GuardedClient
from gateways.kit.request import Request, ask_for_news
from gateways.kit.retrying import Troubling
from gateways.kit.unfetched import Broken, TooSlow, Unfetched, Unreachable
from shared.clock import SystemClock
from shared.failure import ChannelDown, Retryable, Unavailable
from tests.support.provider import Provider, Route
from tests.support.provider_faults import Fail, Fault, Hang, ResetAfter, Throttle

NEWS = "/news"


@pytest.mark.parametrize(
    ("fault", "raised", "words"),
    [
        (Throttle(7), Retryable, "after 7 s"),
        (Fail(503), Retryable, "after 5 s"),
        (Fail(401), ChannelDown, "renew its secret"),
        (Fail(409), Broken, "(409)"),
        (Fail(404), Broken, "(404)"),
        (Hang(), TooSlow, "in time"),
        (ResetAfter(1), Broken, "broke"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Fault) else None,
)
async def test_what_a_poll_may_end_with(fault: Fault, raised: type[Exception], words: str) -> None:
    async with Provider([Route("POST", NEWS, lambda _request: {"updates": []})]) as provider:
        provider.script(NEWS, fault)
        async with GuardedClient(Guard([provider.end_point])) as client:
            request = Request("POST", NEWS, {"after": None})
            with pytest.raises(raised) as ended:
                await ask_for_news(client, provider.url, request, {}, 0.2, grace_seconds=0.3)
            assert words in str(ended.value)
            answer = await ask_for_news(client, provider.url, request, {}, 0.2)
            assert answer.json() == {"updates": []}


async def test_where_nobody_listens_or_nobody_may_go() -> None:
    request = Request("POST", NEWS, {})
    async with Provider([]) as provider:
        gone, end_point = provider.url, provider.end_point
    async with GuardedClient(Guard([end_point])) as client:
        with pytest.raises(Unreachable):
            await ask_for_news(client, gone, request, {}, 0.2)
    async with GuardedClient() as client:
        with pytest.raises(ChannelDown, match="closed network"):
            await ask_for_news(client, "http://127.0.0.1:80", request, {}, 0.2)


@pytest.mark.feature("BY10")
async def test_how_health_hears_of_polls() -> None:
    """Our own outage is no sign of the provider's; its troubles are told in words, the third in a row."""
    condition = Condition(Account("acme", "main"), SystemClock())
    for _ in range(9):
        await condition.heard(Unavailable("our database"))
    assert told(condition) == ("unknown", None)
    trouble: Unfetched = TooSlow("No answer came in time.")
    for _ in range(3):
        await condition.heard(trouble)
    assert told(condition) == ("degraded", "No answer came in time.")
    await condition.heard(None)
    assert told(condition) == ("well", None)
    for _ in range(3):
        await condition.heard(Troubling(5, "The provider is in trouble itself (500).", "account"))
    assert told(condition) == ("degraded", "The provider is in trouble itself (500).")
    await condition.heard(Retryable(30, "account"))
    assert told(condition) == ("throttled", None)
    await condition.heard(ChannelDown("revoked"))
    assert told(condition) == ("down", "revoked")
    await condition.heard(None)
    assert told(condition) == ("well", None)


def told(condition: Condition) -> tuple[str, str | None]:
    return condition.health.state, condition.health.reason
