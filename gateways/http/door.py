"""The process of the open channel: its own endpoint in the place of the kit's webhooks."""

from __future__ import annotations

import os
from collections.abc import Collection

from aiohttp import web

from gateways.http import interface
from gateways.http.accounts import HttpAccount, with_second_secrets
from gateways.http.afterlife import Afterlife
from gateways.http.callers import Callers
from gateways.http.downloads import Downloads
from gateways.http.keeping import Keeping
from gateways.http.reception import Reception
from gateways.kit.connector import Around, Connector
from gateways.kit.settings import GatewaySettings


class OpenConnector(Connector[HttpAccount]):
    """One that knows of second secrets and answers by itself."""

    def accounts(self, settings: GatewaySettings, channels: Collection[str]) -> list[HttpAccount]:
        """As every channel's, with the secrets beside the first; raises `ConfigError`."""
        return with_second_secrets(super().accounts(settings, channels), settings.accounts_file, os.environ)

    def application(self, around: Around[HttpAccount]) -> web.Application:
        means = around.means
        keeping = Keeping(means.blobs, means.file_limits.bytes)
        rows = interface.routes(
            Reception(around.hearing, keeping, around.beside, means.clock),
            Afterlife(means.transactions, around.hearing, means.clock),
            Downloads(around.accounts, means.blobs, means.clock),
        )
        return interface.application(Callers(around.accounts, means.clock), rows)
