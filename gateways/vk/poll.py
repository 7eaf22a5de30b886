"""Bots Long Poll: where it stands, what an answer of it means, and how it is asked. Pure but for `LongPoll`.

groups.getLongPollServer ─▶ {"server": "https://lp.vk.ru/wh1", "key": "k", "ts": "10"}
GET https://lp.vk.ru/wh1?act=a_check&key=k&ts=10&wait=25
    ─▶ {"ts": "11", "updates": [as in parse.py]}
    ─▶ {"failed": 1, "ts": "30"}     some is lost: on from 30, and the gap is read from the histories (gap.py)
    ─▶ {"failed": 2}                 another key, on from where we were
    ─▶ {"failed": 3}                 another key and place; a gap

The key opens the poll for a while; it is kept in memory alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from gateways.kit.http import Answer, GuardedClient, Limits
from gateways.kit.payload import Malformed
from gateways.kit.polling import Page
from gateways.kit.request import BLOCKED_WORDS, POLLED_BYTES, require_taken
from gateways.kit.unfetched import Blocked, Broken
from gateways.vk.account import VkAccount
from gateways.vk.api import Api
from gateways.vk.gap import Gaps
from gateways.vk.parse import told
from gateways.vk.place import Place, read_place
from gateways.vk.values import words
from shared.clock import Clock
from shared.failure import ChannelDown, Rejected
from shared.log import get_logger

WAIT_SECONDS: Final = 25
"""How long VK may keep us waiting for something new."""
GRACE_SECONDS: Final = 15.0
UNREADABLE_WORDS: Final = "VK answers the poll with what nobody can read."
OFF_WORDS: Final = (
    "VK does not let this community be asked by Long Poll: switch it on in the settings of its interface, "
    "and give the access key the right to manage the community."
)

log = get_logger()


@dataclass(frozen=True, slots=True)
class Server:
    """Where VK is asked, as long as its key holds."""

    address: str
    key: str
    ts: str

    def asked(self, ts: str) -> str:
        query = urlencode({"act": "a_check", "key": self.key, "ts": ts, "wait": WAIT_SECONDS})
        return f"{self.address}?{query}"


class LongPoll:
    """Of one community; the source of its updates."""

    def __init__(self, account: VkAccount, api: Api, client: GuardedClient, clock: Clock) -> None:
        self._account = account
        self._api = api
        self._client = client
        self._clock = clock
        self._gaps = Gaps(account.slug, api, clock)
        self._server: Server | None = None

    async def page(self, cursor: str | None) -> Page:
        """What is new, or the next of a gap; raises what a connector raises, or `Unfetched`."""
        now = self._clock.now()
        place = read_place(cursor)
        if place is not None and place.gap is not None:
            return await self._gaps.page(place)
        server = self._server = self._server or await self._opened()
        if place is None or not place.ts:
            return Page(cursor=Place.at_first(server.ts, now).text(), more=True)
        return await self._understood(place, await self._asked(server.asked(place.ts)), now)

    async def _understood(self, place: Place, said: Mapping[str, Any], now: datetime) -> Page:
        failed = said.get("failed")
        if failed is None:
            return page_of(place, said, self._account.slug, now)
        log.warning("long_poll_failed", account=self._account.slug, failed=failed)
        if failed == 1 and (ts := _ts(said)):
            return Page(cursor=replace(place, ts=ts).gaping().text(), more=True)
        self._server = None
        if failed == 2:
            return Page(more=True)
        if failed == 3:
            self._server = await self._opened()  # first: what comes while the gap is read is told there
            return Page(cursor=replace(place, ts=self._server.ts).gaping().text(), more=True)
        raise Broken(UNREADABLE_WORDS)

    async def _opened(self) -> Server:
        try:
            said = await self._api.ask("groups.getLongPollServer", {"group_id": self._account.group})
        except Rejected:
            raise ChannelDown(OFF_WORDS) from None
        given = said if isinstance(said, Mapping) else {}
        server = Server(words(given, "server"), words(given, "key"), _ts(given))
        if not server.address or not server.ts:
            raise Broken(UNREADABLE_WORDS)
        return server

    async def _asked(self, address: str) -> Mapping[str, Any]:
        limits = Limits(
            bytes=POLLED_BYTES, seconds=WAIT_SECONDS + 60, answer_seconds=WAIT_SECONDS + GRACE_SECONDS
        )
        try:
            answer = await self._client.fetch("GET", address, limits=limits)
            require_taken(answer, {}, None)
        except Blocked as error:
            raise ChannelDown(BLOCKED_WORDS.format(why=error.words)) from None
        except Rejected:
            self._server = None
            raise Broken(UNREADABLE_WORDS) from None
        return _object(answer)


def page_of(place: Place, said: Mapping[str, Any], account: str, now: datetime) -> Page:
    """The updates of an answer, and the cursor behind them."""
    updates, ts = said.get("updates"), _ts(said)
    if not isinstance(updates, list) or not ts:
        raise Broken(UNREADABLE_WORDS)
    heard = told(updates, account, now)
    after = place.moved(ts, now)
    return Page(heard.rows, after.text(), typing=heard.typing, errands=heard.errands)


def _ts(said: Mapping[str, Any]) -> str:
    """VK writes it as text, and after a failure as a number."""
    ts = said.get("ts")
    return str(ts) if isinstance(ts, str | int) and not isinstance(ts, bool) else ""


def _object(answer: Answer) -> Mapping[str, Any]:
    try:
        said = answer.json()
    except Malformed:
        said = None
    if not isinstance(said, Mapping):
        raise Broken(UNREADABLE_WORDS)
    return said
