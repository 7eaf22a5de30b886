"""What the Bot API answers, row by row, and how fast it is asked."""

import json
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from pydantic import SecretStr, ValidationError

from gateways.kit.http import Answer
from gateways.telegram_bot import answers
from gateways.telegram_bot.account import TelegramBotAccount, webhook_secret
from gateways.telegram_bot.answers import REFUSALS, Moved, ids_of, refusal, result_of
from gateways.telegram_bot.quota import BURST, GROUP_BURST, Quota
from shared.failure import ChannelDown, Failure, Rejected, Retryable, Unconfirmed

pytestmark = pytest.mark.feature("CH3")

SENT = {"message_id": 70, "chat": {"id": 42}}


def answer(status: int, body: Any, **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, CIMultiDictProxy(CIMultiDict(headers)), raw)


def no(code: int, description: str, **parameters: Any) -> Answer:
    return answer(code, {"ok": False, "description": description, "parameters": parameters})


@pytest.mark.parametrize(
    ("said", "failure"),
    [
        (answer(200, b"<html>"), Unconfirmed),
        (answer(200, {"ok": False}), Unconfirmed),
        (answer(200, {"ok": True, "result": True}), Unconfirmed),
        (answer(500, {"ok": False, "description": "Internal Server Error: restart"}), Unconfirmed),
        (answer(504, b"<html>"), Unconfirmed),
        (no(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1007), Moved),
        (no(401, "Unauthorized"), ChannelDown),
        (no(404, "Not Found"), ChannelDown),
        (answer(404, b"<html>"), ChannelDown),
        (no(404, "Not Found: method not found"), Rejected),
        (answer(413, b""), Rejected),
        (no(403, "Forbidden: bot was kicked from the supergroup chat"), Rejected),
    ],
)
def test_what_an_answer_means(said: Answer, failure: type[Failure]) -> None:
    with pytest.raises(failure) as raised:
        ids_of(said)
    assert type(raised.value) is failure


@pytest.mark.parametrize(
    ("said", "after"),
    [
        (no(429, "Too Many Requests: retry after 7", retry_after=7), 7),
        (no(500, "flood", retry_after=7), 7),
        (no(429, "Too Many Requests", retry_after=10**9), 3600),
        (no(429, "Too Many Requests", retry_after=True), 5),
        (answer(429, b"<html>", **{"Retry-After": "3"}), 3),
        (answer(429, b"<html>"), 5),
    ],
)
def test_later_is_as_late_as_telegram_says(said: Answer, after: float) -> None:
    with pytest.raises(Retryable) as later:
        result_of(said)
    assert (later.value.after, later.value.scope) == (after, "dialog")


def test_what_was_taken_is_named() -> None:
    assert ids_of(answer(200, {"ok": True, "result": SENT})) == ("70",)
    assert ids_of(answer(200, {"ok": True, "result": [SENT, SENT | {"message_id": 71}]})) == ("70", "71")
    assert answers.result_of(answer(200, {"ok": True, "result": True})) is True


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: str(row[0]))
def test_every_refusal_is_found_by_its_own_row(row: tuple[str, str, str]) -> None:
    part, code, words = row
    found = refusal(400, f"Bad Request: {part.upper()}")
    assert (found.code, found.words) == (code, words)
    assert words.endswith(".")
    assert part == part.lower()


def test_a_chat_is_written_to_at_its_pace() -> None:
    quota = Quota(1.0, 20.0)
    for _ in range(BURST):
        quota.take(42, 1, 0.0)
    with pytest.raises(Retryable) as later:
        quota.take(42, 1, 0.0)
    assert (later.value.after, later.value.scope) == (1.0, "dialog")
    quota.take(43, 1, 0.0)
    quota.take(42, 1, 1.0)


def test_a_group_takes_no_more_than_twenty_in_a_minute() -> None:
    quota, taken = Quota(1.0, 20.0), 0
    for tenth in range(600):
        try:
            quota.take(-7, 1, tenth / 10)
        except Retryable:
            continue
        taken += 1
    assert GROUP_BURST < taken <= 20


def test_later_is_the_chats_until_a_second_one_hears_it() -> None:
    quota, told = Quota(1.0, 20.0), Retryable(5.0, "dialog")
    assert quota.later(1, told, 0.0).scope == "dialog"
    assert quota.later(1, told, 1.0).scope == "dialog"
    second = quota.later(2, told, 2.0)
    assert (second.scope, second.after) == ("account", 5.0)
    assert quota.later(3, told, 60.0).scope == "dialog"


def test_an_account_that_is_pushed_says_where() -> None:
    known: dict[str, Any] = {"slug": "main", "name": "Shop", "secret_file": "a"}
    assert TelegramBotAccount(**known).api == "https://api.telegram.org"
    with pytest.raises(ValidationError, match="webhook_url"):
        TelegramBotAccount(**known, transport="webhook")
    assert TelegramBotAccount(**known, local_api=True).most_bytes == 2000 * 1024 * 1024


def test_the_secret_of_a_webhook_is_as_telegram_takes_it_and_says_nothing_of_the_token() -> None:
    token = SecretStr("1001:obviously-fake")
    secret = webhook_secret(token).get_secret_value()
    assert len(secret) == 64
    assert secret.isalnum()
    assert secret != webhook_secret(SecretStr("1002:obviously-fake")).get_secret_value()
