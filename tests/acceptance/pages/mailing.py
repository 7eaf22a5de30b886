"""Mails as a gateway tells of them and sends them: blobs, facts on the bus, no mail server."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from gateways.email.abilities import ABILITIES
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import uuid7
from shared.contract import ids
from shared.contract.content import Content, File, Html, Letter, Part, Text
from shared.contract.envelope import Catalogue, Data, wrap
from shared.contract.inbound import (
    AccountDeclared,
    DeliveryReported,
    DeliveryState,
    MessageHeard,
    fact_word,
)
from shared.contract.outbound import ACTS, SendMessage
from shared.contract.people import DialogRef, Identity
from shared.files.blobs import Blobs
from shared.topology import INBOUND, account_queue, inbound_key
from tests.support.browser import Window
from tests.support.stack import Stack

CLIENT = "anna.petrova@mail.example"
_acts = Catalogue(*ACTS)


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


class Mailbox:
    """An account of e-mail whose gateway is the test: it takes what is sent, and tells what came of it."""

    def __init__(self, broker: Broker, slug: str) -> None:
        self.account = f"email.{slug}"
        self._slug = slug
        self._publisher = Publisher(broker)
        self._consumer = Consumer(broker, [account_queue("email", slug).name])

    async def declare(self) -> None:
        now = datetime.now(UTC)
        said = AccountDeclared(
            channel="email", account=self._slug, name="Letters", capabilities=ABILITIES, declared_at=now
        )
        await self._tell(said, self.account)

    async def sent(self) -> SendMessage:
        """The next message to be sent."""
        batch = await self._consumer.next_batch(timeout=20)
        await self._consumer.settle(batch)
        (message,) = [_acts.decode(one.body, one.type).data for one in batch]
        assert isinstance(message, SendMessage)
        return message

    async def report(self, message: SendMessage, state: DeliveryState, words: str | None = None) -> None:
        said = DeliveryReported(
            dialog=message.dialog, message_id=message.message_id, state=state, words=words,
            at=datetime.now(UTC), external_id=f"ours.{message.message_id}@shop.example",
        )  # fmt: skip
        await self._tell(said, str(message.dialog.dialog_id))

    async def answer(self, message: SendMessage, words: str, address: str) -> None:
        """Somebody answers a mail of ours."""
        now, name = datetime.now(UTC), f"{uuid7().hex}@mail.example"
        said = MessageHeard(
            dialog=message.dialog,
            message_id=ids.message_id("email", self._slug, message.dialog.chat, name, now),
            external_id=name,
            sender=Identity(channel="email", address=address, email=address),
            content=Content(
                parts=(Text(text=words),), subject=f"Re: {message.content.subject}", letter=Letter()
            ),
            received_at=now,
        )
        await self._tell(said, str(message.dialog.dialog_id))

    async def _tell(self, fact: Data, subject: str) -> None:
        now = datetime.now(UTC)
        said = wrap(fact, id=uuid7(), source=f"email/{self._slug}", time=now, subject=subject)
        key = inbound_key(fact_word(fact), "email", self._slug)
        await self._publisher.publish(Outgoing(INBOUND, key, said.encode(), str(said.id), said.type))


@asynccontextmanager
async def mailbox(stack: Stack, slug: str) -> AsyncIterator[Mailbox]:
    async with Broker(stack.amqp_url, name="mailbox") as broker:
        await broker.ready()
        await broker.declare(account_queue("email", slug))
        made = Mailbox(broker, slug)
        await made.declare()
        yield made


@asynccontextmanager
async def mailing(stack: Stack, account: str) -> AsyncIterator[Mailing]:
    async with Broker(stack.amqp_url, name="mailing") as broker:
        await broker.ready()
        yield Mailing(stack, account, broker)


async def look(window: Window, folder: Path, name: str) -> None:
    """A picture of the page, in `folder` or where SCREENSHOTS says."""
    folder = Path(os.environ.get("SCREENSHOTS", folder))
    await window.page.screenshot(path=folder / f"letter-{name}.png", animations="disabled")
