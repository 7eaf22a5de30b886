"""After a crash in the middle of a send: again where that is safe, else nobody knows."""

from typing import ClassVar
from uuid import UUID

import pytest

from gateways.kit.attempt import Attempts
from gateways.kit.channel import Channel, Sent
from gateways.kit.journal import INTERRUPTED, Entry
from shared.clock import SystemClock
from shared.contract.capabilities import Capabilities
from shared.contract.envelope import Envelope
from shared.contract.outbound import SendMessage

ENTRY = Entry(UUID(int=1), "main", UUID(int=2), False, b"", 0)


class Forgetful:
    capabilities: ClassVar[Capabilities] = Capabilities()

    async def send(self, _message: Envelope[SendMessage]) -> Sent:
        return Sent(())

    async def probe(self) -> None:
        return


class Remembering(Forgetful):
    resumes: ClassVar[bool] = True


class Deduplicated(Forgetful):
    capabilities: ClassVar[Capabilities] = Capabilities(deduplicates=True)


@pytest.mark.parametrize(
    ("channel", "state", "code"),
    [
        (Forgetful(), "unconfirmed", "unconfirmed"),
        (Remembering(), "queued", INTERRUPTED),
        (Deduplicated(), "queued", INTERRUPTED),
    ],
)
def test_who_may_be_asked_to_send_again(channel: Channel, state: str, code: str) -> None:
    outcome = Attempts("invented", channel, SystemClock()).after_crash(ENTRY)
    assert (outcome.state, outcome.code) == (state, code)
