"""Every channel there is: one line each. Nothing registers itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from gateways.email import door as email
from gateways.email.describe import TRANSLATION as EMAIL
from gateways.email.settings import EmailSettings
from gateways.kit.accounts import Account
from gateways.kit.settings import GatewaySettings
from gateways.kit.translation import Translation
from gateways.webchat import service as webchat
from gateways.webchat.channel import Webchat
from gateways.webchat.describe import TRANSLATION as WEBCHAT
from gateways.webchat.settings import WebchatSettings
from shared.contract.capabilities import Capabilities
from shared.service import Service


@dataclass(frozen=True, slots=True)
class Gateway:
    """How the process of one channel is started, checked and migrated, and what it makes of messages."""

    words: str
    package: str
    capabilities: Capabilities
    settings: type[GatewaySettings]
    accounts: Callable[[Any, Collection[str]], list[Any]]
    serve: Callable[[Service, Collection[str]], Awaitable[None]]
    translation: Translation


GATEWAYS: Final[Mapping[str, Gateway]] = MappingProxyType(
    {
        "webchat": Gateway(
            "Website chat",
            webchat.PACKAGE,
            Webchat.capabilities,
            WebchatSettings,
            webchat.read_sites,
            webchat.serve,
            WEBCHAT,
        ),
        "email": Gateway(
            "E-mail",
            email.PACKAGE,
            email.CONNECTOR.capabilities,
            EmailSettings,
            email.CONNECTOR.accounts,
            email.serve,
            EMAIL,
        ),
    }
)
"""By the word that stands in routing keys, in the accounts file and on the command line."""


def accounts_of(channel: str, settings: GatewaySettings) -> list[Account]:
    """The accounts of a channel; raises `ConfigError`."""
    return GATEWAYS[channel].accounts(settings, GATEWAYS.keys())
