"""What the answers of MAX mean: the table at the top of gateways/max/answers.py, row by row."""

import json
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from gateways.kit.http import Answer
from gateways.max.answers import ids_of, taken, upload_address, uploaded
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed

pytestmark = pytest.mark.feature("CH13")


def answer(status: int, body: Any = b"") -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, CIMultiDictProxy(CIMultiDict()), raw)


def error(status: int, code: str, message: str = "") -> Answer:
    return answer(status, {"code": code, "message": message})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (error(403, "chat.denied", "error.dialog.suspended"), "contact_blocked"),
        (error(403, "access.denied"), "contact_blocked"),
        (error(400, "proto.payload", "error.dialog.suspended"), "contact_blocked"),
        (error(404, "chat.not.found"), "contact_gone"),
        (error(404, "unheard.of"), "contact_gone"),
        (error(404, "message.not.found"), "message_gone"),
        (error(405, "method.not.allowed"), "not_possible"),
        (error(400, "attachment.not.found"), "file_refused"),
        (error(400, "proto.payload", "text: too long"), "refused"),
        (answer(200, {"success": False, "message": "too late"}), "refused"),
        (answer(400, b"<html>"), "refused"),
    ],
)
def test_a_refusal_has_a_code_and_words(given: Answer, code: str) -> None:
    with pytest.raises(Rejected) as raised:
        taken(given)
    assert raised.value.code == code
    assert raised.value.words.endswith((".", "too long", "too late"))


@pytest.mark.parametrize(
    ("given", "failure", "scope"),
    [
        (error(401, "verify.token"), ChannelDown, None),
        (answer(401, b""), ChannelDown, None),
        (error(403, "verify.token", "Invalid access_token"), ChannelDown, None),
        (error(429, "too.many.requests"), Retryable, "account"),
        (error(500, "internal.error"), Unconfirmed, None),
        (error(503, "service.unavailable"), Retryable, "account"),
        (error(400, "attachment.not.ready"), Retryable, "dialog"),
        (answer(502, b"<html>"), Unconfirmed, None),
        (answer(504, b""), Unconfirmed, None),
        (answer(200, b"<html>\xff"), Unconfirmed, None),
        (answer(200, {"message": {"body": {"seq": 1}}}), Unconfirmed, None),
    ],
)
def test_what_becomes_of_a_message(given: Answer, failure: type[Exception], scope: str | None) -> None:
    with pytest.raises(failure) as raised:
        ids_of(given)
    assert getattr(raised.value, "scope", None) == scope


def test_a_change_may_be_repeated_whoever_fails() -> None:
    with pytest.raises(Retryable):
        taken(answer(502))


@pytest.mark.parametrize(
    ("said", "token", "named"),
    [
        (answer(200, {"photos": {"k": {"token": "p"}}}), None, {"photos": {"k": {"token": "p"}}}),
        (answer(200, {"token": "f"}), None, {"token": "f"}),
        (answer(200, b"<retval>1</retval>"), "v", {"token": "v"}),
    ],
)
def test_where_the_token_of_an_upload_comes_from(said: Answer, token: str | None, named: Any) -> None:
    assert uploaded(said, token) == named


@pytest.mark.parametrize(
    ("said", "failure"), [(answer(200, b"?"), Retryable), (answer(503), Retryable), (answer(413), Rejected)]
)
def test_an_upload_that_failed(said: Answer, failure: type[Exception]) -> None:
    with pytest.raises(failure):
        uploaded(said, None)
    with pytest.raises(Retryable):
        upload_address(answer(200, {"nothing": 1}))
