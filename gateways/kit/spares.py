"""Channel objects for what any replica may do with an account, whoever owns it: errands.

The owner's own object is taken where the account is ours; else one is opened and kept until the account
changes or goes from the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gateways.kit.accounts import Account
from gateways.kit.beside import Errand
from gateways.kit.channel import Channel, Connected, Obliging
from gateways.kit.condition import Owned
from gateways.kit.errands import Errands
from shared.log import get_logger

CLOSE_SECONDS: Final = 3.0

log = get_logger()


class Spares:
    """`follow` the accounts file; `run_errands` from anywhere; `close` when no errand runs any more."""

    def __init__(
        self, open_channel: Callable[[Any], Channel], owned: Mapping[str, Owned], errands: Errands
    ) -> None:
        self._open_channel = open_channel
        self._owned = owned
        self._errands = errands
        self._accounts: dict[str, Account] = {}
        self._spares: dict[str, tuple[Account, Channel]] = {}

    def follow(self, accounts: Sequence[Account]) -> None:
        """These are the accounts from now on."""
        self._accounts = {account.slug: account for account in accounts}

    def run_errands(self, account: str, errands: Sequence[Errand]) -> None:
        for errand in errands:
            self._errands.add(account, "run", lambda errand=errand: self._run(account, errand))  # type: ignore[misc]

    async def close(self) -> None:
        """Gives up every connection of a spare."""
        spares, self._spares = self._spares, {}
        for _, channel in spares.values():
            await _close(channel)

    async def _run(self, slug: str, errand: Errand) -> None:
        channel = await self._of(slug)
        if channel is None:
            log.warning("errand_of_no_account", account=slug)
        elif isinstance(channel, Obliging):
            await channel.run(errand)
        else:
            raise TypeError(f"{type(channel).__name__} has errands and no run")

    async def _of(self, slug: str) -> Channel | None:
        """The account's channel: ours, or a spare one."""
        account = self._accounts.get(slug)
        spare = self._spares.get(slug)
        if spare is not None and (slug in self._owned or spare[0] != account):
            del self._spares[slug]
            await _close(spare[1])
        if slug in self._owned:
            return self._owned[slug].channel
        if account is None:
            return None
        if slug not in self._spares:
            self._spares[slug] = account, self._open_channel(account)
        return self._spares[slug][1]


async def _close(channel: Channel) -> None:
    if not isinstance(channel, Connected):
        return
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await channel.close()
    except Exception as error:  # noqa: BLE001  # a connection that does not close costs nobody anything
        log.warning("spare_not_closed", reason=type(error).__name__)
