"""The Sent folder of an account: our copy is put there, and what nobody knows the end of is looked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from gateways.email.accounts import EmailAccount
from gateways.email.mailbox import Connect
from gateways.kit.unfetched import Unfetched
from shared.failure import ChannelDown, Retryable
from shared.log import get_logger

if TYPE_CHECKING:
    from gateways.email.imap import Connection

log = get_logger()

COPY_SECONDS: Final = 20.0
AGAIN_SECONDS: Final = 15.0


class SentFolder:
    """One for each account that names its folder."""

    def __init__(self, account: EmailAccount, folder: str, connect: Connect) -> None:
        self._account = account
        self._folder = folder
        self._connect = connect

    async def holds(self, name: str) -> bool:
        """Whether a mail of this Message-ID is there; raises `Retryable` when nobody answers."""
        try:
            async with self._opened() as connection:
                await connection.select(self._folder)
                return await connection.find(name)
        except Unfetched as error:
            log.warning("sent_not_looked_into", account=self._account.slug, reason=str(error))
            raise Retryable(AGAIN_SECONDS, "dialog") from None

    async def keep(self, raw: bytes) -> None:
        """A copy of what was sent; that it fails costs nobody the message."""
        try:
            async with asyncio.timeout(COPY_SECONDS), self._opened() as connection:
                await connection.append(self._folder, raw)
        except (Unfetched, ChannelDown, Retryable, TimeoutError) as error:
            log.warning("copy_not_kept", account=self._account.slug, reason=type(error).__name__)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Connection]:
        connection = await self._connect()
        try:
            yield connection
        finally:
            connection.close()
