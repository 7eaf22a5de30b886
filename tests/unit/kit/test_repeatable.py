"""Nobody knows whether it was sent, and a repeat is dropped: it is sent again, and its echo is awaited."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Literal
from uuid import UUID

import pytest

from gateways.kit.attempt import Attempts
from gateways.kit.channel import Sent
from gateways.kit.health import Troubled
from gateways.kit.journal import INTERRUPTED, Entry
from gateways.kit.retrying import Repeatable, Troubling, later_after
from shared.clock import FixedClock
from shared.contract.capabilities import Capabilities
from shared.contract.content import text_content
from shared.contract.envelope import Envelope, wrap
from shared.contract.ids import dialog_id
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.db.types import from_micros
from shared.failure import ChannelDown, Retryable

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)
WORDS = "nobody knows"


class Broken:
    capabilities: ClassVar[Capabilities] = Capabilities()

    async def send(self, _message: Envelope[SendMessage]) -> Sent:
        raise Repeatable(7, WORDS)

    async def probe(self) -> None:
        return


class Deduplicated(Broken):
    capabilities: ClassVar[Capabilities] = Capabilities(deduplicates=True)


@pytest.mark.parametrize(
    ("channel", "state", "code"),
    [(Deduplicated(), "queued", INTERRUPTED), (Broken(), "unconfirmed", "unconfirmed")],
)
async def test_again_only_where_a_repeat_is_dropped(channel: Broken, state: str, code: str) -> None:
    attempt = await Attempts("invented", channel, FixedClock(NOW)).make(_entry(), lambda: None)
    assert (attempt.outcome.state, attempt.outcome.code) == (state, code)
    assert from_micros(attempt.outcome.paused_until) == NOW + timedelta(seconds=7)
    assert attempt.sign == Troubled(WORDS)


@pytest.mark.parametrize("later", [Retryable(5, "dialog"), Retryable(5, "account"), ChannelDown("gone")])
async def test_a_try_that_is_put_off_does_not_make_an_earlier_one_undone(later: Exception) -> None:
    """Else it would expire as never sent, and somebody would send it again."""

    class PutOff(Deduplicated):
        async def send(self, _message: Envelope[SendMessage]) -> Sent:
            raise later

    attempts = Attempts("invented", PutOff(), FixedClock(NOW))
    for begun, code in ((True, INTERRUPTED), (False, None)):
        attempt = await attempts.make(replace(_entry(), interrupted=begun), lambda: None)
        assert (attempt.outcome.state, attempt.outcome.code) == ("queued", code)


@pytest.mark.parametrize("scope", ["dialog", "account"])
@pytest.mark.parametrize("kind", [Retryable, Troubling])
async def test_what_is_there_in_part_waits_as_the_rest_does_and_is_not_unsent(
    kind: type[Retryable], scope: Literal["dialog", "account"]
) -> None:
    """Else it would expire, or be taken back, as never sent."""
    why = Troubling(5, WORDS, scope) if kind is Troubling else Retryable(5, scope)

    class Divided(Broken):
        def __init__(self, later: Retryable) -> None:
            self.later = later

        async def send(self, _message: Envelope[SendMessage]) -> Sent:
            raise self.later

    alone, after = [
        await Attempts("invented", Divided(later), FixedClock(NOW)).make(_entry(), lambda: None)
        for later in (later_after(0, why), later_after(1, why))
    ]
    assert (alone.outcome.code, after.outcome.code) == (None, INTERRUPTED)
    assert replace(after, outcome=alone.outcome) == alone


def _entry() -> Entry:
    identity, dialog = UUID(int=7), dialog_id("invented", "main", "c1")
    ref = DialogRef(dialog_id=dialog, channel="invented", account="main", chat="c1")
    act = SendMessage(
        dialog=ref, not_after=NOW, message_id=identity, content=text_content("hello"), created_at=NOW
    )
    body = wrap(act, id=identity, source="router", time=NOW, subject=str(dialog)).encode()
    return Entry(identity, "main", dialog, False, body, 0)
