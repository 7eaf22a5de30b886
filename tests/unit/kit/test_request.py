"""What a provider's answer means: the table of gateways/kit/request.py, row by row."""

from dataclasses import replace

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from gateways.kit.addresses import Guard
from gateways.kit.http import Answer, GuardedClient
from gateways.kit.request import Request, ask, object_of, require_taken
from gateways.kit.retrying import Troubling
from shared.failure import ChannelDown, Rejected, Retryable

REFUSALS = {"blocked": ("contact_blocked", "The client does not want messages from us.")}


def answer(status: int, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, CIMultiDictProxy(CIMultiDict(named)), b"")


@pytest.mark.parametrize("status", [200, 201, 204])
def test_taken(status: int) -> None:
    require_taken(answer(status), REFUSALS, None)


@pytest.mark.parametrize(
    ("given", "pause"),
    [("7", 7.0), ("0.5", 0.5), ("", 5.0), ("Wed, 21 Oct", 5.0), ("nan", 5.0), ("-3", 0.0), ("1e9", 3600.0)],
)
def test_throttled_for_as_long_as_it_says(given: str, pause: float) -> None:
    with pytest.raises(Retryable) as raised:
        require_taken(answer(429, Retry_After=given), REFUSALS, None)
    assert (raised.value.after, raised.value.scope) == (pause, "account")


@pytest.mark.parametrize("status", [500, 502, 503, 599])
def test_a_failing_provider_is_asked_again(status: int) -> None:
    with pytest.raises(Troubling, match="account") as raised:
        require_taken(answer(status), REFUSALS, None)
    assert str(status) in raised.value.words


def test_no_access_stops_the_account() -> None:
    with pytest.raises(ChannelDown, match="renew its secret"):
        require_taken(answer(401), REFUSALS, "blocked")


@pytest.mark.parametrize(
    ("word", "code"), [("blocked", "contact_blocked"), ("odd", "refused"), (None, "refused")]
)
def test_refusals_have_our_code_and_words(word: str | None, code: str) -> None:
    with pytest.raises(Rejected) as raised:
        require_taken(answer(403), REFUSALS, word)
    assert raised.value.code == code
    assert raised.value.words


async def test_an_address_that_is_not_allowed_stops_the_account() -> None:
    async with GuardedClient(Guard()) as client:
        with pytest.raises(ChannelDown, match="refused"):
            await ask(client, "http://127.0.0.1:1/v1", Request("POST", "/messages", {}), {})


async def test_a_provider_that_is_not_there_is_asked_again() -> None:
    async with GuardedClient(Guard(["127.0.0.1:1"])) as client:
        with pytest.raises(Troubling, match="account"):
            await ask(client, "http://127.0.0.1:1/v1/", Request("POST", "/messages", {}), {})


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff"])
def test_an_answer_that_is_no_object_is_an_empty_one(body: bytes) -> None:
    assert object_of(replace(answer(200), body=body)) == {}
    assert object_of(replace(answer(200), body=b'{"a": 1}')) == {"a": 1}
