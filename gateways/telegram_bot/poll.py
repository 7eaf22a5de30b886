"""One long poll: what it brought. Pure.

[{"update_id": 10001, "message": {…}}, …] → their facts, and 10002 as the next offset
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from gateways.kit.polling import Page
from gateways.kit.spool import SpoolRow
from gateways.kit.unreadable import readable
from gateways.telegram_bot import parse
from gateways.telegram_bot.facts import Ear, Heard, together
from gateways.telegram_bot.names import Names

WAIT_SECONDS: Final = 25
"""How long Telegram may keep us waiting for something new."""
MOST: Final = 100
"""Updates that come at once."""


def page(updates: Sequence[Any], account: str, known: Mapping[str, str], at: datetime) -> Page:
    """The facts, and the offset behind them; an update that cannot be read is kept, and passed.

    `known`: canonical names of the chats that have another one; what an update teaches holds for the next.
    """
    told: list[Heard] = []
    before = Ear(account, at, Names(known))

    def read(update: Any) -> Sequence[SpoolRow]:
        told.append(parse.heard(update, before.knowing(together(told).aliases)))
        return told[-1].rows

    rows = readable(parse.CHANNEL, account, updates, read, at=at)
    heard = together(told)
    numbers = [one["update_id"] for one in updates if _numbered(one)]
    return Page(
        tuple(rows),
        str(max(numbers) + 1) if numbers else None,
        more=len(updates) >= MOST,
        aliases=heard.aliases,
        errands=heard.errands,
    )


def _numbered(update: Any) -> bool:
    return isinstance(update, dict) and type(update.get("update_id")) is int
