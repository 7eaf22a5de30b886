"""The web chat as a channel: its provider is our own mailbox, so repeats are known and sent means stored."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.kit.channel import Sent
from gateways.webchat import render
from gateways.webchat.parse import TEXT_LENGTH
from gateways.webchat.reception import Reception
from gateways.webchat.tables import dialogs
from shared.contract.capabilities import Capabilities
from shared.contract.envelope import Envelope
from shared.contract.outbound import SendMessage
from shared.db.engine import reading
from shared.failure import Retryable, Unavailable

PROBE_AGAIN_SECONDS = 5.0


class Webchat:
    """One site."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        text_length=TEXT_LENGTH,
        resume_closed=False,
        transfer_needs_presence=True,
        deduplicates=True,
        note="Text only for now. The visitor is written to where they write from: on the site.",
    )

    def __init__(self, reception: Reception, engine: AsyncEngine) -> None:
        self._reception = reception
        self._engine = engine

    async def send(self, message: Envelope[SendMessage]) -> Sent:
        """Into the mailbox; its number there is the provider's id. Raises `Rejected`, `Unavailable`."""
        entry = await self._reception.receive(render.appended(message.data, message.traceparent))
        return Sent((str(entry.seq),), entry.seq)

    async def probe(self) -> None:
        """Well as long as the mailbox can be read."""
        try:
            async with reading(self._engine) as conn:
                await conn.execute(dialogs.select().limit(1))
        except Unavailable:
            raise Retryable(PROBE_AGAIN_SECONDS, "account") from None
