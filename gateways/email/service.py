"""The process of e-mail: a connector's, with the room in which mails are read."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from gateways.email.accounts import EmailAccount
from gateways.email.channel import Around, Email
from gateways.email.door import connector
from gateways.email.reading.room import ReadingRoom
from gateways.email.settings import EmailSettings
from gateways.kit.channel import Channel
from gateways.kit.connector import Means
from shared.service import Service


async def serve(service: Service, channels: Collection[str]) -> None:
    """Everything of one replica."""
    settings = cast(EmailSettings, service.settings)
    room = await service.enter(ReadingRoom())

    def opened(account: EmailAccount, means: Means) -> Channel:
        return Email(account, Around(means, room, settings))

    await connector(opened).serve(service, channels)
