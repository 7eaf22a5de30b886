"""What a notice that was not taken becomes: put off while it is wanted, then given up."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gateways.http.channel import given_up
from gateways.kit.attempt import Attempts
from gateways.kit.channel import Sent
from gateways.kit.health import Troubled
from gateways.kit.journal import Entry
from gateways.kit.retrying import Troubling
from shared.clock import SystemClock
from shared.contract.capabilities import Capabilities
from shared.contract.content import text_content
from shared.contract.envelope import Envelope, wrap
from shared.contract.outbound import Act, CloseChat, SendMessage
from shared.failure import Rejected, Unconfirmed
from tests.support.http_provider import ref

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
TROUBLE = Troubling(1, "The integrator's system answers 502.")


def act(kind: type[Act], seconds: float) -> Act:
    known: dict[str, Any] = {"dialog": ref("c7"), "not_after": NOW + timedelta(seconds=seconds)}
    if kind is CloseChat:
        return CloseChat(**known, conversation_id=UUID(int=2))
    return SendMessage(**known, message_id=UUID(int=1), content=text_content("hi"), created_at=NOW)


def test_while_it_is_wanted_it_is_put_off() -> None:
    error = given_up(act(SendMessage, 10), TROUBLE, 9.9, NOW)
    assert error is None


@pytest.mark.parametrize(("kind", "fate"), [(SendMessage, Unconfirmed), (CloseChat, Rejected)])
def test_when_the_next_try_would_be_too_late_it_is_given_up_in_words(
    kind: type[Act], fate: type[Exception]
) -> None:
    error = given_up(act(kind, 10), TROUBLE, 10, NOW)
    assert isinstance(error, fate)
    assert "answers 502" in str(error)


class Broken:
    capabilities = Capabilities(deduplicates=True)

    async def send(self, _message: Envelope[SendMessage]) -> Sent:
        raise TROUBLE

    async def probe(self) -> None:
        return


async def test_a_trouble_is_heard_by_the_accounts_health_and_fails_nothing() -> None:
    data = act(SendMessage, 10)
    body = wrap(data, id=UUID(int=1), source="router", time=NOW, subject="c7").encode()
    entry = Entry(UUID(int=1), "main", data.dialog.dialog_id, False, body, 0)
    attempt = await Attempts("http", Broken(), SystemClock()).make(entry, lambda: None)
    assert attempt.sign == Troubled(TROUBLE.words)
    assert attempt.outcome.state == "queued"
    assert attempt.outcome.paused_until > 0
