"""How updates come: by a webhook or by long polls, and the other one switched off.

polling   deleteWebhook at the start; getUpdates from the last update_id + 1, which confirms what lies before
webhook   setWebhook at the start, and whenever somebody changed it; looked at each minute
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final

from aiogram import methods

from gateways.kit.polling import Page, Rhythm, Source
from gateways.kit.unfetched import Broken
from gateways.telegram_bot import answers, parse, poll
from gateways.telegram_bot.account import TelegramBotAccount, webhook_secret
from gateways.telegram_bot.api import BotApi
from shared.clock import Clock
from shared.failure import ChannelDown, Rejected

ALLOWED: Final = (
    "message",
    "edited_message",
    "callback_query",
    "message_reaction",
    "my_chat_member",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
)
"""What Telegram is to tell; reactions come only where they are named."""
WATCH_SECONDS: Final = 60.0
RECENT_SECONDS: Final = 300
"""A failure to deliver, as Telegram tells it, that is older says nothing of now."""

Known = Callable[[Collection[str]], Awaitable[Mapping[str, str]]]


class Transport:
    """Of one account. `known` looks aliases of chats up."""

    def __init__(self, account: TelegramBotAccount, api: BotApi, clock: Clock, known: Known) -> None:
        self._account = account
        self._api = api
        self._clock = clock
        self._known = known
        self._arranged = False

    def source(self) -> Source:
        """What is listened to: the updates, or whether the webhook is still ours."""
        if self._account.transport == "polling":
            return Source("updates", self._updates)
        return Source("webhook", self._watch, Rhythm(every_seconds=WATCH_SECONDS))

    async def arrange(self) -> Mapping[str, Any]:
        """Makes Telegram deliver as the account says; what it tells of the webhook. Raises as `look` does."""
        info = await self._api.look(methods.GetWebhookInfo())
        told: Mapping[str, Any] = info if isinstance(info, dict) else {}
        try:
            if self._account.transport == "polling":
                if told.get("url"):
                    await self._api.look(methods.DeleteWebhook(drop_pending_updates=False))
            elif not self._arranged or not self._ours(told):
                await self._api.look(self._webhook())
        except Rejected as refused:
            raise ChannelDown(f"Telegram does not take the webhook. {refused.words}") from None
        self._arranged = True
        return told

    def _webhook(self) -> methods.SetWebhook:
        account = self._account
        return methods.SetWebhook(
            url=account.webhook_url or "",
            secret_token=webhook_secret(account.secret).get_secret_value(),
            allowed_updates=list(ALLOWED),
            max_connections=account.webhook_connections,
            drop_pending_updates=False,
        )

    def _ours(self, told: Mapping[str, Any]) -> bool:
        account = self._account
        return (
            told.get("url") == account.webhook_url
            and set(told.get("allowed_updates") or ()) == set(ALLOWED)
            and told.get("max_connections", account.webhook_connections) == account.webhook_connections
        )

    async def _watch(self, _cursor: str | None) -> Page:
        """Nothing new; raises `Broken` while Telegram says that it cannot reach us."""
        told = await self.arrange()
        failed_at, waiting = told.get("last_error_date"), told.get("pending_update_count")
        if type(failed_at) is int and self._clock.now().timestamp() - failed_at < RECENT_SECONDS and waiting:
            raise Broken(f"Telegram cannot deliver to the webhook: {told.get('last_error_message')}")
        return Page()

    async def _updates(self, cursor: str | None) -> Page:
        """One long poll."""
        asked = methods.GetUpdates(
            offset=None if cursor is None else int(cursor),
            limit=poll.MOST,
            timeout=poll.WAIT_SECONDS,
            allowed_updates=list(ALLOWED),
        )
        try:
            updates = await self._api.look(asked, poll.WAIT_SECONDS)
        except Rejected as refused:
            if refused.code == answers.WEBHOOK_ACTIVE:
                await self.arrange()
                return Page()
            raise Broken(refused.words) from None
        if not isinstance(updates, list):
            raise Broken("Telegram answers with what nobody can read.")
        named = {name for update in updates for name in parse.chats(update)}
        known = await self._known(named) if named else {}
        return poll.page(updates, self._account.slug, known, self._clock.now())
