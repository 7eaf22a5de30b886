"""Mails as a gateway tells of them: bytes among the blobs, a fact on the bus, and no mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.bus.connection import Broker
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import uuid7
from shared.contract import ids
from shared.contract.content import Content, File, Html, Letter, Part, Text
from shared.contract.envelope import wrap
from shared.contract.inbound import MessageHeard, fact_word
from shared.contract.people import DialogRef, Identity
from shared.files.blobs import Blobs
from shared.topology import INBOUND, inbound_key
from tests.support.stack import Stack

CLIENT = "anna.petrova@mail.example"


class Mailing:
    """Mails from Anna Petrova in one dialog, on an account of the web chat: what is drawn is what is said."""

    def __init__(self, stack: Stack, account: str, broker: Broker) -> None:
        self._publisher = Publisher(broker)
        self._account = account
        self._blobs = Blobs.open(f"file://{stack.blobs_folder}")

    async def blob(self, data: bytes) -> UUID:
        attachment_id = uuid7()

        async def chunks() -> AsyncIterator[bytes]:
            yield data

        await self._blobs.put(str(attachment_id), chunks(), limit=len(data) + 1)
        return attachment_id

    async def hear(
        self, words: str, *parts: Part, html: str = "", raw: bytes = b"Subject: raw\r\n\r\nwords", **said: Any
    ) -> None:
        """`said` is `subject`, `cc`, and what a `Letter` has."""
        now = datetime.now(UTC)
        page = Html(attachment_id=await self.blob(html.encode()), size_bytes=len(html)) if html else None
        whole = File(
            attachment_id=await self.blob(raw), name="mail.eml", mime_type="message/rfc822",
            size_bytes=len(raw), state="stored",
        )  # fmt: skip
        beside = {name: said.pop(name) for name in ("subject", "cc") if name in said}
        letter = Letter(raw=whole, **said)
        content = Content(parts=(Text(text=words), *parts), html=page, letter=letter, **beside)
        await self._tell(content, now)

    async def _tell(self, content: Content, now: datetime) -> None:
        account, chat, external = self._account, "thread@mail.example", uuid7().hex
        dialog_id = ids.dialog_id("webchat", account, chat)
        fact = MessageHeard(
            dialog=DialogRef(dialog_id=dialog_id, channel="webchat", account=account, chat=chat),
            message_id=ids.message_id("webchat", account, chat, external, now),
            external_id=external,
            sender=Identity(channel="webchat", address=CLIENT, name="Anna Petrova"),
            content=content,
            received_at=now,
        )
        envelope = wrap(
            fact, id=fact.message_id, source=f"webchat/{account}", time=now, subject=str(dialog_id)
        )
        key = inbound_key(fact_word(fact), "webchat", account)
        message = Outgoing(INBOUND, key, envelope.encode(), str(envelope.id), envelope.type)
        await self._publisher.publish(message)


@asynccontextmanager
async def mailing(stack: Stack, account: str) -> AsyncIterator[Mailing]:
    async with Broker(stack.amqp_url, name="mailing") as broker:
        await broker.ready()
        yield Mailing(stack, account, broker)
