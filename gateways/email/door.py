"""What the registry knows of e-mail. Its libraries are installed for its own process alone (README.md), so
they are imported when that begins, or when somebody has a mail read on the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from typing import Final

from gateways.email.abilities import ABILITIES
from gateways.email.accounts import EmailAccount, with_client_secrets
from gateways.email.parse import CHANNEL
from gateways.kit.channel import Channel
from gateways.kit.connector import Connector, Means
from gateways.kit.settings import GatewaySettings
from shared.service import Service

PACKAGE: Final = "gateways.email"


class EmailConnector(Connector[EmailAccount]):
    """One that knows of a second secret."""

    def accounts(self, settings: GatewaySettings, channels: Collection[str]) -> list[EmailAccount]:
        """As every channel's, with what OAuth2 wants; raises `ConfigError`."""
        return with_client_secrets(super().accounts(settings, channels), settings.accounts_file, os.environ)


def _closed(_account: EmailAccount, _means: Means) -> Channel:
    raise TypeError("a mailbox is opened by gateways/email/service.py, which has a room to read in")


def connector(opened: Callable[[EmailAccount, Means], Channel]) -> EmailConnector:
    """The connector whose mailboxes are opened so."""
    return EmailConnector(CHANNEL, PACKAGE, ABILITIES, EmailAccount, opened)


CONNECTOR: Final = connector(_closed)


async def serve(service: Service, channels: Collection[str]) -> None:
    """Everything of one replica."""
    from gateways.email.service import serve as serve_here  # noqa: PLC0415  # see above

    await serve_here(service, channels)
