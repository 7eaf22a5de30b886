"""Signatures, links and pauses: what the cases cannot say."""

import hmac
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from multidict import CIMultiDict, MultiDict
from pydantic import SecretStr

from gateways.http.links import DAY_HOURS, Links
from gateways.http.signature import SIGNATURE, TIMESTAMP, WINDOW_SECONDS, Signed, claim, signed
from gateways.http.tries import LONGEST_SECONDS, pause_seconds
from gateways.kit.verification import Call
from shared.clock import FixedClock

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
FIRST, SECOND = SecretStr("a secret of the test's own"), SecretStr("the secret that follows it")
BODY = b'{"type": "typing"}'


def proved(headers: dict[str, str], *secrets: SecretStr, at: datetime = NOW, body: bytes = BODY) -> bool:
    return Signed(secrets, FixedClock(at)).holds(Call(body, CIMultiDict(headers), MultiDict()))


def test_a_signature_is_the_hmac_of_timestamp_dot_body() -> None:
    expected = hmac.digest(FIRST.get_secret_value().encode(), b"1769853600." + BODY, "sha256").hex()
    assert dict(signed((FIRST,), BODY, NOW)) == {TIMESTAMP: "1769853600", SIGNATURE: f"v1={expected}"}


@pytest.mark.parametrize("secrets", [(FIRST,), (SECOND,), (FIRST, SECOND), (SECOND, FIRST)])
def test_while_two_secrets_are_valid_either_side_may_have_changed(secrets: tuple[SecretStr, ...]) -> None:
    assert proved(dict(signed((FIRST, SECOND), BODY, NOW)), *secrets)
    assert proved(dict(signed(secrets, BODY, NOW)), FIRST, SECOND)


def test_another_secret_body_or_time_proves_nothing() -> None:
    headers = dict(signed((FIRST,), BODY, NOW))
    assert not proved(headers, SECOND)
    assert not proved(headers, FIRST, body=BODY + b" ")
    assert not proved(headers | {TIMESTAMP: "1769853601"}, FIRST)


@pytest.mark.parametrize("side", [1, -1])
def test_the_window_is_five_minutes_to_both_sides(side: int) -> None:
    headers = dict(signed((FIRST,), BODY, NOW))
    assert proved(headers, FIRST, at=NOW + side * timedelta(seconds=WINDOW_SECONDS))
    assert not proved(headers, FIRST, at=NOW + side * timedelta(seconds=WINDOW_SECONDS + 1))


GOOD = f"v1={'0' * 64}"


@pytest.mark.parametrize(
    "headers",
    [
        [(TIMESTAMP, "1769853600")],
        [(SIGNATURE, GOOD)],
        [(TIMESTAMP, "1769853600"), (TIMESTAMP, "1769853600"), (SIGNATURE, GOOD)],
        [(TIMESTAMP, "1769853600"), (SIGNATURE, GOOD), (SIGNATURE, GOOD)],
        [(TIMESTAMP, "1769853600.5"), (SIGNATURE, GOOD)],
        [(TIMESTAMP, "-1"), (SIGNATURE, GOOD)],
        [(TIMESTAMP, "9" * 13), (SIGNATURE, GOOD)],
        [(TIMESTAMP, "1769853600"), (SIGNATURE, GOOD.upper())],
        [(TIMESTAMP, "1769853600"), (SIGNATURE, "0" * 64)],
        [(TIMESTAMP, "1769853600"), (SIGNATURE, ",".join([GOOD] * 4))],
    ],
)
def test_headers_of_another_form_claim_nothing(headers: list[tuple[str, str]]) -> None:
    assert claim(CIMultiDict(headers)) is None


def opened(links: Links, url: str, at: datetime, **changed: str) -> bool:
    query = dict(one.split("=", 1) for one in url.partition("?")[2].split("&")) | changed
    return links.opens(FILE, query["name"], int(query["until"]), query["key"], at)


FILE = UUID(int=7)


def test_a_link_opens_one_file_under_one_name_for_a_day() -> None:
    links = Links("main", (FIRST,), "https://gate.example/")
    url = links.to(FILE, "bill may.pdf", NOW)
    assert url.startswith(f"https://gate.example/http/main/files/{FILE}?name=bill_may.pdf&")
    assert links.to(FILE, "bill may.pdf", NOW + timedelta(minutes=59)) == url
    assert opened(links, url, NOW + timedelta(hours=DAY_HOURS - 1))
    assert not opened(links, url, NOW + timedelta(hours=DAY_HOURS, seconds=1))
    assert not opened(links, url, NOW, name="other.pdf")
    assert not opened(links, url, NOW, until="9999999999")
    assert not opened(Links("other", (FIRST,)), url, NOW)
    assert not opened(Links("main", (SECOND,)), url, NOW)
    assert opened(Links("main", (SECOND, FIRST)), url, NOW)


def test_pauses_grow_are_spread_and_end_at_an_hour() -> None:
    whole = [pause_seconds(count, 1) for count in range(1, 15)]
    assert whole[:4] == [1, 2, 4, 8]
    assert whole[-1] == pause_seconds(10_000, 1) == LONGEST_SECONDS
    assert all(pause_seconds(count, 0) == pause_seconds(count, 1) / 2 for count in range(1, 15))
    assert sum(pause_seconds(count, 0.5) for count in range(1, 49)) > 24 * 3600
