"""How updates come, asked over a real connection: one way is switched on, the other off, and stays so."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from gateways.kit.addresses import Guard
from gateways.kit.http import GuardedClient
from gateways.kit.polling import Page
from gateways.kit.unfetched import Broken
from gateways.telegram_bot.account import TelegramBotAccount, webhook_secret
from gateways.telegram_bot.api import BotApi
from gateways.telegram_bot.transport import ALLOWED, Transport
from shared.clock import SystemClock
from shared.failure import ChannelDown, Retryable
from tests.support.telegram_bot_provider import Bot, Telegram, later, message, path, refused

pytestmark = pytest.mark.feature("CH3")

TOKEN = "1001:obviously-fake"
PUSHED: dict[str, Any] = {
    "transport": "webhook",
    "webhook_url": "https://chat.shop.example/telegram_bot/main",
}


async def nobody(_chats: Collection[str]) -> Mapping[str, str]:
    return {}


@asynccontextmanager
async def opened(telegram: Telegram, **more: Any) -> AsyncIterator[Transport]:
    """An account's transport, and the fake that it talks to."""
    async with telegram.provider as provider, GuardedClient(Guard([provider.end_point])) as client:
        account = TelegramBotAccount(
            slug="main", name="Shop", api=provider.url, secret=SecretStr(TOKEN), **more
        )
        api = BotApi(client, account.api, account.secret)
        yield Transport(account, api, SystemClock(), nobody)


def fake() -> tuple[Telegram, Bot]:
    telegram = Telegram([TOKEN], poll_seconds=0.05)
    return telegram, telegram.bots[TOKEN]


async def fetched(transport: Transport, cursor: str | None = None) -> Page:
    return await transport.source().fetch(cursor)


async def test_polls_switch_a_webhook_off_and_go_on_where_they_were() -> None:
    telegram, bot = fake()
    bot.webhook = {"url": "https://elsewhere.example/"}
    bot.tell(message(1, "one"), message(2, "two"))
    async with opened(telegram) as transport:
        assert await fetched(transport) == Page()
        assert bot.webhook == {}
        page = await fetched(transport)
        assert (len(page.rows), page.cursor) == (2, str(bot.last + 1))
        assert await fetched(transport, page.cursor) == Page()
        assert bot.offset == bot.last + 1
        assert telegram.provider.seen(path("getUpdates"))[0].json()["allowed_updates"] == list(ALLOWED)


async def test_what_stands_in_the_way_of_a_poll_is_said() -> None:
    telegram, _bot = fake()
    conflict = (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    telegram.provider.script(
        path("getUpdates"), refused(409, conflict), later(7), refused(401, "Unauthorized")
    )
    async with opened(telegram) as transport:
        with pytest.raises(Broken, match="Another program"):
            await fetched(transport)
        with pytest.raises(Retryable) as paused:
            await fetched(transport)
        assert (paused.value.after, paused.value.scope) == (7, "account")
        with pytest.raises(ChannelDown, match="login_needed"):
            await fetched(transport)


async def test_a_webhook_is_set_at_the_start_and_when_somebody_changed_it() -> None:
    telegram, bot = fake()
    async with opened(telegram, **PUSHED) as transport:
        for _ in range(2):
            assert await fetched(transport) == Page()
        (asked,) = bot.of("setWebhook")
        secret = webhook_secret(SecretStr(TOKEN)).get_secret_value()
        assert asked.fields["secret_token"] == secret
        assert asked.fields["allowed_updates"] == list(ALLOWED)
        for change in ({"url": "https://elsewhere.example/"}, {"allowed_updates": ["message"]}):
            bot.webhook |= change
            await fetched(transport)
        assert len(bot.of("setWebhook")) == 3


async def test_a_webhook_that_fails_is_told_and_one_that_is_refused_stops_the_account() -> None:
    telegram, bot = fake()
    async with opened(telegram, **PUSHED) as transport:
        await fetched(transport)
        now = int(SystemClock().now().timestamp())
        bot.webhook |= {
            "last_error_date": now,
            "last_error_message": "Wrong response",
            "pending_update_count": 3,
        }
        with pytest.raises(Broken, match="Wrong response"):
            await fetched(transport)
        bot.webhook["last_error_date"] = now - 3600
        assert await fetched(transport) == Page()
        bot.webhook = {}
        telegram.provider.script(
            path("setWebhook"), refused(400, "Bad Request: bad webhook: HTTPS url must be provided")
        )
        with pytest.raises(ChannelDown, match="HTTPS url"):
            await fetched(transport)
