"""What VK did not tell us, read from the histories of the dialogs that changed meanwhile (BY11).

    a gap ─▶ messages.getConversations ─▶ the dialogs with something newer ─▶ messages.getHistory of each

A fact has one id for ever, so what was heard after all is heard once. What is older than the deduplication
keys is marked by the kit, goes to history and opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from gateways.kit.beside import Errand
from gateways.kit.intake import backfilled
from gateways.kit.polling import Page
from gateways.kit.spool import SpoolRow
from gateways.kit.unreadable import readable
from gateways.vk.api import Api
from gateways.vk.dialogs import CHANNEL
from gateways.vk.messages import Notice, message_heard
from gateways.vk.parse import meeting
from gateways.vk.place import Gap, Place, read_place
from gateways.vk.values import Object, inner, inner_list, number
from shared.clock import Clock
from shared.failure import Rejected
from shared.log import get_logger

CONVERSATIONS: Final = 200
MESSAGES: Final = 200
MOST_DIALOGS: Final = 2000
MOST_MESSAGES: Final = 2000
"""Of one dialog."""
LONGEST: Final = timedelta(days=90)
AWAY: Final = timedelta(minutes=10)
"""So long without us, VK may have stopped calling."""

log = get_logger()


class Gaps:
    """Of one community."""

    def __init__(self, account: str, api: Api, clock: Clock) -> None:
        self._account = account
        self._api = api
        self._clock = clock

    async def page(self, place: Place) -> Page:
        """The next step in closing the gap of a place."""
        if place.gap is None:
            return Page()
        now = self._clock.now()
        since = max(place.gap.since, int((now - LONGEST).timestamp()))
        if place.gap.peers is None:
            peers = await self._changed(since)
            log.warning("gap_found", account=self._account, since=since, dialogs=len(peers))
            found = replace(place, at=int(now.timestamp()), gap=Gap(since, peers))
            return Page(cursor=_left(found).text(), more=True)
        peer = place.gap.peers[0]
        messages = await self._history(peer, since)
        rows, errands = told_again(messages, self._account, now)
        rest = replace(place, gap=Gap(since, place.gap.peers[1:]))
        return Page(rows, _left(rest).text(), more=True, errands=errands)

    async def after_absence(self, cursor: str | None) -> Page:
        """For a community that VK calls: the gap that our own absence may have made."""
        now, place = self._clock.now(), read_place(cursor)
        if place is not None and place.gap is not None:
            return await self.page(place)
        if place is not None and int(now.timestamp()) - place.at > AWAY.total_seconds():
            return Page(cursor=place.gaping().text(), more=True)
        return Page(cursor=Place.at_first("", now).text())

    async def _changed(self, since: int) -> tuple[int, ...]:
        """The dialogs with something newer, the latest first."""
        peers: list[int] = []
        while len(peers) < MOST_DIALOGS:
            values = {"count": CONVERSATIONS, "offset": len(peers), "filter": "all"}
            items = _items(await self._api.ask("messages.getConversations", values))
            newer = [one for one in items if (number(inner(one, "last_message"), "date") or 0) >= since]
            peers += [peer for one in newer if (peer := _peer(one)) is not None and peer not in peers]
            if len(newer) < CONVERSATIONS:
                break
        return tuple(peers)

    async def _history(self, peer: int, since: int) -> list[Object]:
        """The messages of a dialog from then on, in their order."""
        messages: list[Object] = []
        while len(messages) < MOST_MESSAGES:
            values = {"peer_id": peer, "count": MESSAGES, "offset": len(messages)}
            try:
                items = _items(await self._api.ask("messages.getHistory", values))
            except Rejected as error:
                log.warning("history_refused", account=self._account, reason=error.code)
                break
            newer = [one for one in items if (number(one, "date") or 0) >= since]
            messages += newer
            if len(newer) < MESSAGES:
                break
        return messages[::-1]


def told_again(
    messages: Sequence[Object], account: str, at: datetime
) -> tuple[tuple[SpoolRow, ...], tuple[Errand, ...]]:
    """Messages of a history as facts; one that cannot be read is kept."""
    errands: list[Errand] = []

    def read(message: Any) -> Sequence[SpoolRow]:
        row = message_heard(message, Notice(account, at))
        errands.append(meeting(message))
        return [backfilled(row)]

    return tuple(readable(CHANNEL, account, list(messages), read, at=at)), tuple(errands)


def _left(place: Place) -> Place:
    """Without a gap once nothing of it is left."""
    return replace(place, gap=None) if place.gap is not None and place.gap.peers == () else place


def _items(said: Any) -> list[Object]:
    return inner_list(said, "items") if isinstance(said, Mapping) else []


def _peer(item: Object) -> int | None:
    return number(inner(inner(item, "conversation"), "peer"), "id")
