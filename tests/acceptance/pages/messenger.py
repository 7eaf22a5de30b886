"""A messenger as its gateway would tell of it: an account with templates and a reply window, and what its
clients write, in every kind. Nobody sends what it is given: its queue keeps that.

    async with messenger(place) as shop:
        await shop.says("v1", Content(parts=(Location(latitude=1, longitude=2),)))
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from PIL import Image as Drawing
from PIL import ImageDraw

from shared.bus.connection import Broker
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import uuid7
from shared.contract import ids
from shared.contract.capabilities import Capabilities
from shared.contract.content import Content, File
from shared.contract.envelope import Data, wrap
from shared.contract.inbound import (
    AccountDeclared,
    AccountHealth,
    KnownTemplate,
    MessageHeard,
    TemplatesKnown,
    fact_word,
)
from shared.contract.people import DialogRef, Identity
from shared.files.blobs import Blobs
from shared.files.preview import keep_preview
from shared.topology import INBOUND, inbound_key
from tests.acceptance.pages.place import Place

CHANNEL: Final = "whatsapp_cloud"
ABLE: Final = Capabilities(
    files=True, images=True, locations=True, templates=True, quote=True, reactions=True,
    receipts="read", reply_window_hours=24, file_bytes=10_000_000, files_per_message=1,
)  # fmt: skip
TEMPLATES: Final = (
    KnownTemplate(
        name="order_ready", language="en", category="UTILITY", header="Order {{1}}",
        text="{{1}}, your order is ready. Collect it until {{2}}.", footer="Lamps and more", parameters=3,
        examples=("1742", "Vera", "Friday"), buttons=("Where are you?", "Cancel the order"),
    ),
    KnownTemplate(
        name="order_ready", language="ru", category="UTILITY", header="Заказ {{1}}",
        text="{{1}}, ваш заказ готов. Забрать можно до {{2}}.", footer="Лампы и не только", parameters=3,
        examples=("1742", "Вера", "пятницы"), buttons=("Где вы?", "Отменить заказ"),
    ),
    KnownTemplate(name="come_back", language="en", text="We have not heard from you. Can we help?"),
)  # fmt: skip


@dataclass(frozen=True)
class Messenger:
    """One account of it."""

    account: str
    broker: Broker
    blobs: Blobs

    @property
    def key(self) -> str:
        return f"{CHANNEL}.{self.account}"

    def dialog(self, chat: str, kind: Any = "personal") -> DialogRef:
        known = {"channel": CHANNEL, "account": self.account, "chat": chat}
        return DialogRef(dialog_id=ids.dialog_id(CHANNEL, self.account, chat), kind=kind, **known)

    def identity(self, chat: str, **known: Any) -> Identity:
        return Identity(channel=CHANNEL, address=chat, **{"name": "Vera Lind", **known})

    async def tell(self, fact: Data, subject: object = "") -> None:
        now = datetime.now(UTC)
        envelope = wrap(fact, id=uuid7(now), source=self.key, time=now, subject=str(subject or self.key))
        key = inbound_key(fact_word(fact), CHANNEL, self.account)
        message = Outgoing(INBOUND, key, envelope.encode(), str(envelope.id), envelope.type)
        await Publisher(self.broker).publish(message)

    async def says(self, chat: str, content: Content, *, ago: timedelta = timedelta(), **said: Any) -> str:
        """The provider's id of the message."""
        now = datetime.now(UTC)
        external = said.pop("external_id", uuid7(now).hex)
        fact = MessageHeard(
            dialog=self.dialog(chat),
            message_id=ids.message_id(CHANNEL, self.account, chat, external, now - ago),
            external_id=external,
            sender=said.pop("sender", self.identity(chat)),
            content=content,
            sent_at=now - ago,
            received_at=now,
            **said,
        )
        await self.tell(fact, fact.dialog.dialog_id)
        return str(external)

    async def is_unwell(self, state: Any, **said: Any) -> None:
        now = datetime.now(UTC)
        await self.tell(AccountHealth(channel=CHANNEL, account=self.account, state=state, at=now, **said))

    async def file(self, name: str, data: bytes, mime_type: str, **known: Any) -> File:
        """A file whose bytes are safe."""

        async def chunks() -> AsyncIterator[bytes]:
            yield data

        attachment_id: UUID = uuid7()
        await self.blobs.put(str(attachment_id), chunks(), limit=len(data))
        if mime_type.startswith("image/"):
            await keep_preview(self.blobs, str(attachment_id))
        said = {"name": name, "mime_type": mime_type, "size_bytes": len(data), **known}
        return File(attachment_id=attachment_id, state="stored", **said)

    async def picture(
        self, name: str, shade: tuple[int, int, int], size: tuple[int, int] = (600, 400)
    ) -> File:
        """A lamp, more or less."""
        file = io.BytesIO()
        drawing = Drawing.new("RGB", size, shade)
        pen, (wide, high) = ImageDraw.Draw(drawing), size
        pen.polygon(
            [
                (wide * 0.4, high * 0.2),
                (wide * 0.6, high * 0.2),
                (wide * 0.7, high * 0.55),
                (wide * 0.3, high * 0.55),
            ],
            (250, 225, 150),
        )
        pen.rectangle([wide * 0.48, high * 0.55, wide * 0.52, high * 0.9], (60, 50, 40))
        drawing.save(file, "PNG")
        return await self.file(name, file.getvalue(), "image/png", width=wide, height=high)


@asynccontextmanager
async def messenger(place: Place) -> AsyncIterator[Messenger]:
    """Declared, with its templates, under the name of the place."""
    async with Broker(place.stack.amqp_url, name="messenger") as broker:
        await broker.ready()
        shop = Messenger(place.site.slug, broker, Blobs.open(f"file://{place.stack.blobs_folder}"))
        at = datetime.now(UTC)
        said: dict[str, Any] = {"channel": CHANNEL, "account": shop.account}
        await shop.tell(AccountDeclared(**said, name="Lamps", capabilities=ABLE, declared_at=at))
        await shop.tell(TemplatesKnown(**said, templates=TEMPLATES, at=at))
        yield shop
