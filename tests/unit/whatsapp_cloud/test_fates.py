"""Meta's error codes, one by one: what becomes of the message, of its dialog and of the account."""

import json
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from gateways.kit.http import Answer
from gateways.whatsapp_cloud.fates import FATES, ids_of, taken, told_in
from shared.failure import ChannelDown, Failure, Rejected, Retryable, Unconfirmed

pytestmark = pytest.mark.feature("CH6")

DIALOG = {1, 131000, 131056, 135000}
ACCOUNT = {2, 4, 80007, 130429, 131016, 131048, 131057, 133004}
DOWN = {0, 3, 10, 190, 200, 299, 368, 131005, 131031, 131045, 133010}
REFUSED = {
    100: "bad_request", 131008: "bad_request", 131021: "not_possible", 131026: "not_reachable",
    131042: "payment_needed", 131047: "window_over", 131049: "not_delivered", 131050: "contact_blocked",
    131051: "not_possible", 131053: "file_refused", 131062: "not_possible", 132000: "template_refused",
    132001: "template_refused", 132005: "template_refused", 132007: "template_refused",
    132012: "template_refused", 132015: "template_refused", 132016: "template_refused",
}  # fmt: skip


def answer(status: int, body: Any = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, CIMultiDictProxy(CIMultiDict(named)), raw)


def fate(status: int, body: Any, **headers: str) -> Failure:
    with pytest.raises(Failure) as raised:
        taken(answer(status, body, **headers))
    return raised.value


def error(code: int, **more: Any) -> dict[str, Any]:
    return {"error": {"message": "told", "code": code, **more}}


@pytest.mark.parametrize("code", sorted(DIALOG | ACCOUNT))
@pytest.mark.parametrize("status", [400, 429, 500])
def test_later(code: int, status: int) -> None:
    found = fate(status, error(code))
    assert isinstance(found, Retryable)
    assert found.scope == ("dialog" if code in DIALOG else "account")
    assert found.after >= 5


def test_as_long_as_it_says() -> None:
    found = fate(429, error(131056), Retry_After="11")
    assert isinstance(found, Retryable)
    assert (found.after, found.scope) == (11, "dialog")


@pytest.mark.parametrize("code", sorted(DOWN))
def test_the_account_stops(code: int) -> None:
    found = fate(400, error(code))
    assert isinstance(found, ChannelDown)
    assert found.reason.startswith("login_needed: ") is (code in (0, 190))


@pytest.mark.parametrize(("code", "ours"), REFUSED.items())
def test_never(code: int, ours: str) -> None:
    found = fate(400, error(code, error_data={"details": "because"}))
    assert isinstance(found, Rejected)
    assert found.code == ours
    assert found.words.endswith(" Meta says: because")


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (400, error(100, error_subcode=33), ChannelDown),
        (400, error(987654), Rejected),
        (500, error(987654), Retryable),
        (429, "", Retryable),
        (503, "", Retryable),
        (500, b"<html>", Unconfirmed),
        (502, b"<html>", Unconfirmed),
        (504, [], Unconfirmed),
        (401, "", ChannelDown),
        (403, "", Rejected),
        (200, error(131000), Retryable),
    ],
)
def test_what_the_table_does_not_name(status: int, body: Any, wanted: type[Failure]) -> None:
    assert isinstance(fate(status, body), wanted)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", [], {}, {"messages": []}, {"messages": [{"id": ""}]}, {"messages": [{"id": 7}]}]
)
def test_an_answer_without_an_id_confirms_nothing(body: Any) -> None:
    with pytest.raises(Unconfirmed):
        ids_of(answer(200, body))


def test_every_refusal_has_words_and_every_receipt_too() -> None:
    for code, known in FATES.items():
        _, ours, words = told_in([{"code": code}])
        assert ours
        assert words.endswith(".")
        assert not isinstance(known, Rejected) or words == known.words
    assert told_in(None) == (None, "not_delivered", "WhatsApp did not deliver it.")


def test_a_failure_is_never_the_same_object_twice() -> None:
    first, second = fate(400, error(190)), fate(400, error(190))
    assert first is not second
