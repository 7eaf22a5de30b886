"""The templates of an account (MS7): asked for every ten minutes, and when Meta says that one changed.

GET /v24.0/102290129340398/message_templates?limit=100 → {"data": [{…}], "paging": {"cursors": {"after": …}}}

What was told stands in the cursor, `<how often> <digest>`: it is told again when it is something else, and a
list that comes back after another is news too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit.health import LOGIN_NEEDED
from gateways.kit.polling import Page, Rhythm, Source
from gateways.kit.spool import SpoolRow
from gateways.kit.transactions import Transactions
from gateways.whatsapp_cloud.accounts import WhatsappCloudAccount
from gateways.whatsapp_cloud.graph import Graph
from gateways.whatsapp_cloud.people import CHANNEL
from gateways.whatsapp_cloud.tables import templates
from gateways.whatsapp_cloud.templates import Listed, Shape, key, listed, shape_of
from shared.clock import Clock
from shared.contract.content import Template
from shared.contract.envelope import wrap
from shared.contract.ids import dialog_id, fact_id
from shared.contract.inbound import TemplatesKnown, fact_word
from shared.db.dialect import upsert
from shared.db.engine import reading
from shared.failure import ChannelDown, Rejected
from shared.log import get_logger
from shared.topology import inbound_key

log = get_logger()

EVERY_SECONDS: Final = 600.0
LOOK_SECONDS: Final = 2.0
"""Between two looks whether Meta said that something changed, to whichever replica."""
MOST_PAGES: Final = 60
FIELDS: Final = "name,language,status,category,components"


class Catalogue:
    """One account's; `probe` is asked too when its health is in doubt."""

    def __init__(
        self,
        account: WhatsappCloudAccount,
        graph: Graph,
        transactions: Transactions,
        clock: Clock,
        probe: Callable[[], Awaitable[None]],
    ) -> None:
        self._account = account
        self._graph = graph
        self._transactions = transactions
        self._clock = clock
        self._probe = probe
        self._asked = False

    def source(self) -> Source:
        return Source("templates", self.fetch, Rhythm(first_seconds=2.0))

    async def fetch(self, cursor: str | None) -> Page:
        """What the account has now, as soon as it is time to ask."""
        asked, self._asked = self._asked, False
        if asked:
            await self._due()
            await self._probe()
        now = self._clock.now()
        try:
            found = listed(await self._all(), self._account.slug)
        except (Rejected, ChannelDown) as error:  # a token may send and not list: no reason to stop
            if isinstance(error, ChannelDown) and error.reason.startswith(LOGIN_NEEDED):
                raise
            log.warning("templates_not_told", account=self._account.slug, reason=str(error))
            self._asked = True
            return Page()
        self._asked = True
        count, digest = _parts(cursor)
        if found.digest == digest:
            return Page()
        row = _told(found, self._account.slug, count + 1, now)
        settle = self._settling(found)
        return Page((row,), f"{count + 1} {found.digest}", settle=settle)

    async def shape(self, template: Template) -> Shape | None:
        """Where the places of a template are; none where the account's list does not hold it."""
        async with reading(self._transactions.engine) as conn:
            query = sa.select(templates.c.shapes).where(templates.c.account == self._account.slug)
            shapes: dict[str, Any] | None = (await conn.execute(query)).scalar_one_or_none()
        return shape_of((shapes or {}).get(key(template.name, template.language)))

    async def outdate(self) -> None:
        """Something changed: whoever owns the account asks soon."""
        async with self._transactions.writing() as conn:
            await conn.execute(sa.update(templates).where(self._mine).values(stale=True))

    @property
    def _mine(self) -> sa.ColumnElement[bool]:
        return templates.c.account == self._account.slug

    async def _due(self) -> None:
        """Returns when it is time to ask again; what was said to have changed is asked for from here on."""
        until = asyncio.get_running_loop().time() + EVERY_SECONDS
        while asyncio.get_running_loop().time() < until:
            await asyncio.sleep(LOOK_SECONDS)
            async with reading(self._transactions.engine) as conn:
                query = sa.select(templates.c.stale).where(self._mine)
                stale: bool | None = (await conn.execute(query)).scalar_one_or_none()
            if stale:
                break
        async with self._transactions.writing() as conn:
            await conn.execute(sa.update(templates).where(self._mine).values(stale=False))

    async def _all(self) -> list[Any]:
        """All that Meta tells, by pages; its own addresses of these hold the token and are not used."""
        found: list[Any] = []
        query = {"fields": FIELDS, "limit": "100"}
        for _ in range(MOST_PAGES):
            told = await self._graph.look(f"{self._account.business_id}/message_templates", **query)
            data, paging = told.get("data"), told.get("paging")
            found += data if isinstance(data, list) else []
            paging = paging if isinstance(paging, dict) else {}
            after = (paging.get("cursors") or {}).get("after")
            if not paging.get("next") or not isinstance(after, str):
                return found
            query["after"] = after
        log.warning("templates_cut", account=self._account.slug, told=len(found))
        return found

    def _settling(self, found: Listed) -> Callable[[AsyncConnection], Awaitable[Sequence[SpoolRow]]]:
        async def settle(conn: AsyncConnection) -> Sequence[SpoolRow]:
            row = {"account": self._account.slug, "shapes": dict(found.shapes), "stale": False}
            await conn.execute(upsert(conn, templates), row)
            return ()

        return settle


def _parts(cursor: str | None) -> tuple[int, str]:
    count, _, digest = (cursor or "0 ").partition(" ")
    return int(count), digest


def _told(found: Listed, account: str, count: int, at: datetime) -> SpoolRow:
    """The snapshot as a fact of the account."""
    fact = TemplatesKnown(channel=CHANNEL, account=account, templates=found.known, at=at)
    identity = fact_id("templates", f"{CHANNEL}.{account}", f"{count} {found.digest}")
    envelope = wrap(
        fact,
        id=identity,
        source=f"{CHANNEL}/{account}",
        time=at,
        subject=f"account:{CHANNEL}.{account}",
        traceparent=None,
    )
    routing_key = inbound_key(fact_word(fact), CHANNEL, account)
    place = dialog_id(CHANNEL, account, "templates")
    return SpoolRow(identity, place, account, routing_key, fact.TYPE, envelope.encode())
