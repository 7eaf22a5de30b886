"""Nobody knows whether it was sent, and a repeat is dropped: it is sent again, and its echo is awaited."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

import pytest

from gateways.kit.attempt import Attempts
from gateways.kit.channel import Sent
from gateways.kit.health import Troubled
from gateways.kit.journal import INTERRUPTED, Entry
from gateways.kit.retrying import Repeatable
from shared.clock import FixedClock
from shared.contract.capabilities import Capabilities
from shared.contract.content import text_content
from shared.contract.envelope import Envelope, wrap
from shared.contract.ids import dialog_id
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.db.types import from_micros

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


def _entry() -> Entry:
    identity, dialog = UUID(int=7), dialog_id("invented", "main", "c1")
    ref = DialogRef(dialog_id=dialog, channel="invented", account="main", chat="c1")
    act = SendMessage(
        dialog=ref, not_after=NOW, message_id=identity, content=text_content("hello"), created_at=NOW
    )
    body = wrap(act, id=identity, source="router", time=NOW, subject=str(dialog)).encode()
    return Entry(identity, "main", dialog, False, body, 0)
