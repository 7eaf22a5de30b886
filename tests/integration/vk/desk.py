"""The channel by itself, over a database and the fake VK: no broker, no process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr

from gateways.kit.addresses import Guard
from gateways.kit.attachments import Attachments
from gateways.kit.connector import Means
from gateways.kit.http import FILE_LIMITS, GuardedClient
from gateways.kit.transactions import Transactions
from gateways.vk.account import VkAccount
from gateways.vk.channel import Vk
from gateways.vk.dialogs import dialog_of
from shared.clock import FixedClock
from shared.contract.content import Content, Text
from shared.contract.envelope import Envelope, wrap
from shared.contract.outbound import SendMessage
from shared.db.engine import open_engine
from shared.files.blobs import Blobs
from tests.support.vk_provider import GROUP, TOKEN, Community

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)


@dataclass
class Desk:
    vk: Community
    channel: Vk
    clock: FixedClock
    blobs: Blobs

    async def send(self, content: str | Content, number: int = 7) -> tuple[str, ...]:
        said = Content(parts=(Text(text=content),)) if isinstance(content, str) else content
        return (await self.channel.send(message(said, number))).external_ids


def message(content: Content, number: int = 7) -> Envelope[SendMessage]:
    act = SendMessage(
        dialog=dialog_of("main", 7001),
        not_after=NOW,
        message_id=UUID(int=number),
        content=content,
        created_at=NOW,
    )
    return wrap(act, id=act.message_id, source="router", time=NOW, subject="vk")


def account(url: str) -> VkAccount:
    known = VkAccount(slug="main", name="Shop", group=GROUP, secret_file="vk.secret", api=url)
    return known.model_copy(update={"secret": SecretStr(TOKEN)})


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[Desk]:
    engine = open_engine(url)
    blobs, clock, transactions = (
        Blobs.open(f"file://{folder / 'blobs'}"),
        FixedClock(NOW),
        Transactions(engine),
    )
    async with Community() as vk, GuardedClient(Guard([vk.provider.end_point])) as client:
        attachments = Attachments(blobs, transactions, clock)
        channel = Vk(account(vk.url), Means(client, attachments, clock, FILE_LIMITS, blobs, transactions))
        yield Desk(vk, channel, clock, blobs)
        await channel.close()
        assert not vk.provider.lost
    await engine.dispose()
