"""What the owner of an account listens to.

`updates`   a long poll, where the account has no webhook
`webhook`   its subscription, made and renewed
`history`   the histories of chats, after an outage between MAX and us
`groups`    titles and people of groups that became known
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from gateways.kit import aliases
from gateways.kit.connector import Means
from gateways.kit.http import Answer
from gateways.kit.polling import Page, Rhythm, Source
from gateways.kit.request import Request
from gateways.kit.unfetched import Broken
from gateways.kit.unreadable import readable
from gateways.max import groups, history, poll, subscription, tables
from gateways.max.account import MaxAccount
from gateways.max.answers import taken
from gateways.max.history import Watch
from gateways.max.interface import Interface
from gateways.max.messages import Hearing, message_row
from gateways.max.parse import chats
from gateways.max.people import CHANNEL, number
from shared.db.engine import reading
from shared.db.types import to_micros
from shared.failure import Rejected
from shared.log import get_logger

log = get_logger()

GROUPS_SECONDS: Final = 2.0
MOST_FAILURES: Final = 5
"""Of MAX at the history of one chat; then the next one is read."""
LIVE_DAYS: Final = 30
"""Chats in which nothing happened for longer are not looked through."""
ME: Final = Request("GET", "/me", {})


class Listening:
    """The sources of one account."""

    def __init__(self, account: MaxAccount, means: Means, interface: Interface) -> None:
        self._account = account
        self._means = means
        self._interface = interface
        self._bot: int | None = None
        self._subscribed = False
        self._given_up = False
        """Whether MAX was found not to call us any more."""
        self._contact: int | None = None
        """When MAX last told us anything, in milliseconds since 1970."""
        self._unread: Counter[str] = Counter()

    def sources(self) -> Sequence[Source]:
        often = Rhythm(every_seconds=self._account.check_seconds)
        history = Source("history", self._history, often)
        new = Source("groups", self._groups, Rhythm(every_seconds=GROUPS_SECONDS))
        if (address := self._account.webhook_url) is not None:
            return Source("webhook", lambda _cursor: self._subscribe(address), often), history, new
        return Source("updates", self._updates), history, new

    async def who(self) -> None:
        """Learns who we are; raises `ChannelDown` where the token is refused, or `Retryable`."""
        self._bot = number(taken(await self._interface.asked(ME)).get("user_id"))

    async def _updates(self, cursor: str | None) -> Page:
        """MAX tells nothing here as long as it calls a webhook."""
        if not self._subscribed:
            await self._unsubscribe()
        answer = await self._interface.news(poll.request(cursor), poll.WAIT_SECONDS)
        try:
            taken(answer)
        except Rejected as error:
            self._subscribed = False
            raise Broken(error.words) from None
        listed, after = poll.updates(answer)
        self._contact = self._milliseconds()
        return poll.page(listed, after, await self._hearing(listed))

    async def _hearing(self, updates: Sequence[Any], *, late: bool = False) -> Hearing:
        names: set[str] = set()
        for one in updates:
            names.update(chats(one))
        async with reading(self._means.transactions.engine) as conn:
            known = await aliases.known(conn, self._account.slug, names)
        return Hearing(self._account.slug, self._now(), known, self._bot, late=late)

    async def _unsubscribe(self) -> None:
        for address in subscription.addresses(await self._interface.news(subscription.LIST)):
            log.warning("webhook_removed", account=self._account.slug)
            await self._done(subscription.unsubscribe(address))
        self._subscribed = True

    async def _subscribe(self, address: str) -> Page:
        """Once after a start MAX is told our secret, which may be new."""
        known = subscription.addresses(await self._interface.news(subscription.LIST)).get(address)
        if not known or not self._subscribed:
            await self._done(subscription.subscribe(address, self._account.hook_secret))
            log.info("webhook_subscribed", account=self._account.slug, renewed=known is None)
        self._subscribed = True
        self._given_up = self._given_up or known is None
        self._contact = self._milliseconds()
        return Page()

    async def _done(self, request: Request) -> None:
        """A request about subscriptions, which may be repeated; raises `Broken` with the refusal's words."""
        try:
            taken(await self._interface.news(request))
        except Rejected as error:
            raise Broken(f"The webhook: {error.words}") from None

    async def _history(self, cursor: str | None) -> Page:
        watch = history.read(cursor)
        if watch.since is not None:
            return await self._fill(watch)
        if self._contact is None:
            return Page()
        given_up, self._given_up = self._given_up, False
        seen = watch.seen(self._contact, self._account.gap_seconds, given_up=given_up)
        if seen.since is not None:
            log.warning("gap_found", account=self._account.slug, since=seen.since)
            seen = seen.next_chat(await self._live())
        return Page(cursor=seen.written(), more=seen.since is not None)

    async def _fill(self, watch: Watch) -> Page:
        """The next messages of the gap."""
        if self._bot is None:
            await self.who()
        messages = await self._messages(watch)
        missed = history.missed(messages, watch.since or 0)
        hearing = await self._hearing([{"message": one} for one in missed], late=True)
        rows = readable(
            CHANNEL, self._account.slug, missed, lambda one: [message_row(one, hearing)], at=hearing.at
        )
        until = history.before(messages, watch)
        after = watch.next_chat(await self._live()) if until is None else replace(watch, until=until)
        return Page(tuple(rows), after.written(), more=after.since is not None)

    async def _messages(self, watch: Watch) -> list[Any]:
        """None of a chat that is not ours any more, or that MAX fails to give time and again."""
        answer = await self._interface.news(history.request(watch))
        if answer.status >= 500:
            self._unread[watch.chat] += 1
            if self._unread[watch.chat] >= MOST_FAILURES:
                del self._unread[watch.chat]
                log.warning("history_unreadable", account=self._account.slug, status=answer.status)
                return []
        listed = _told(answer, "messages")
        return listed if isinstance(listed, list) else []

    async def _live(self) -> Collection[str]:
        since = to_micros(self._now() - timedelta(days=LIVE_DAYS))
        async with reading(self._means.transactions.engine) as conn:
            return await tables.live_chats(conn, self._account.slug, since)

    async def _groups(self, cursor: str | None) -> Page:
        async with reading(self._means.transactions.engine) as conn:
            found = await tables.next_group(conn, self._account.slug, int(cursor or 0))
        if found is None:
            return Page()
        place, name = found
        title = _told(await self._interface.news(groups.chat(name)), "title")
        people = _told(await self._interface.news(groups.members(name)), "members")
        listed = people if isinstance(people, list) else []
        row = groups.told(name, title, listed, Hearing(self._account.slug, self._now()))
        return Page((row,), str(place), more=True)

    def _milliseconds(self) -> int:
        return int(self._now().timestamp() * 1000)

    def _now(self) -> datetime:
        return self._means.clock.now()


def _told(answer: Answer, name: str) -> Any:
    """What is told; nothing where it is none of the bot's business."""
    try:
        return taken(answer).get(name)
    except Rejected:
        return None
