"""Every channel there is: one function each. Nothing registers itself.

A channel is imported when it is asked for: the process of one does not pay for the libraries of the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from gateways.kit.accounts import Account
from gateways.kit.connector import Connector
from gateways.kit.settings import GatewaySettings
from gateways.kit.translation import Translation
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


Load: TypeAlias = Callable[[], Gateway]


class Gateways(Mapping[str, Gateway]):
    """Gateways by name, each loaded when it is first looked at."""

    def __init__(self, loads: Mapping[str, Load]) -> None:
        self._loads = MappingProxyType(dict(loads))
        self._loaded: dict[str, Gateway] = {}

    def __getitem__(self, channel: str) -> Gateway:
        if channel not in self._loaded:
            self._loaded[channel] = self._loads[channel]()
        return self._loaded[channel]

    def __contains__(self, channel: object) -> bool:
        return channel in self._loads

    def __iter__(self) -> Iterator[str]:
        return iter(self._loads)

    def __len__(self) -> int:
        return len(self._loads)


def connected(
    words: str, connector: Connector[Any], settings: type[GatewaySettings], translation: Translation
) -> Gateway:
    """The gateway of a provider's channel."""
    return Gateway(
        words,
        connector.package,
        connector.capabilities,
        settings,
        connector.accounts,
        connector.serve,
        translation,
    )


def _webchat() -> Gateway:
    from gateways.webchat import service
    from gateways.webchat.channel import Webchat
    from gateways.webchat.describe import TRANSLATION
    from gateways.webchat.settings import WebchatSettings

    return Gateway(
        "Website chat",
        service.PACKAGE,
        Webchat.capabilities,
        WebchatSettings,
        service.read_sites,
        service.serve,
        TRANSLATION,
    )


def _email() -> Gateway:
    from gateways.email import door
    from gateways.email.describe import TRANSLATION
    from gateways.email.settings import EmailSettings

    return Gateway(
        "E-mail",
        door.PACKAGE,
        door.CONNECTOR.capabilities,
        EmailSettings,
        door.CONNECTOR.accounts,
        door.serve,
        TRANSLATION,
    )


def _telegram_bot() -> Gateway:
    from gateways.telegram_bot.channel import CONNECTOR, TRANSLATION
    from gateways.telegram_bot.settings import TelegramBotSettings

    return connected("Telegram bot", CONNECTOR, TelegramBotSettings, TRANSLATION)


def _vk() -> Gateway:
    from gateways.vk.channel import CONNECTOR, TRANSLATION
    from gateways.vk.settings import VkSettings

    return connected("VK community", CONNECTOR, VkSettings, TRANSLATION)


def _whatsapp_cloud() -> Gateway:
    from gateways.whatsapp_cloud.channel import CONNECTOR, TRANSLATION
    from gateways.whatsapp_cloud.settings import WhatsappCloudSettings

    return connected("WhatsApp Business", CONNECTOR, WhatsappCloudSettings, TRANSLATION)


def _max() -> Gateway:
    from gateways.max.channel import CONNECTOR, TRANSLATION
    from gateways.max.settings import MaxSettings

    return connected("MAX bot", CONNECTOR, MaxSettings, TRANSLATION)


def _http() -> Gateway:
    from gateways.http.channel import CONNECTOR, TRANSLATION
    from gateways.http.settings import HttpSettings

    return connected("Any channel by HTTP", CONNECTOR, HttpSettings, TRANSLATION)


GATEWAYS: Final = Gateways(
    {
        "webchat": _webchat,
        "email": _email,
        "telegram_bot": _telegram_bot,
        "vk": _vk,
        "whatsapp_cloud": _whatsapp_cloud,
        "max": _max,
        "http": _http,
    }
)
"""By the word that stands in routing keys, in the accounts file and on the command line."""


def accounts_of(channel: str, settings: GatewaySettings) -> list[Account]:
    """The accounts of a channel; raises `ConfigError`."""
    return GATEWAYS[channel].accounts(settings, GATEWAYS.keys())
