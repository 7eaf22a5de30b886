"""Polling: the cursor moves with the facts or not at all, and trouble makes the pauses grow."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit.aliases import Alias, latest
from gateways.kit.beside import Errand
from gateways.kit.cursors import load_cursor, save_cursor
from gateways.kit.polling import MOST_HELD, Page, Poller, Rhythm
from gateways.kit.spool import SpoolRow
from gateways.kit.typing import ClientTyping
from gateways.kit.unfetched import TooSlow
from shared.contract.envelope import Catalogue
from shared.contract.ids import dialog_id
from shared.contract.inbound import MessageHeard
from shared.db.engine import reading, writing
from shared.db.lease import Lease
from shared.failure import ChannelDown, LeaseLost, Retryable, Unavailable
from tests.integration.kit.heard import NOW, Kept, gateway_database, said
from tests.support.waiting import eventually

QUICK = Rhythm(every_seconds=0.01, first_seconds=0.01, longest_seconds=0.05)


@dataclass
class Provider:
    """Numbered messages, two a page; the cursor is the number of the next. `trouble` comes first."""

    messages: int = 0
    trouble: list[Exception] = field(default_factory=list)
    asked: list[str | None] = field(default_factory=list)
    told: list[Exception | None] = field(default_factory=list)
    beside: list[tuple[str, Any, Any]] = field(default_factory=list)

    async def fetch(self, cursor: str | None) -> Page:
        self.asked.append(cursor)
        if self.trouble:
            raise self.trouble.pop(0)
        start = int(cursor or 0)
        end = min(start + 2, self.messages)
        rows = tuple(said("chat", str(number), f"text {number}") for number in range(start, end))
        return Page(rows, str(end), more=end < self.messages)

    def hear(self, account: str, typing: Sequence[ClientTyping], errands: Sequence[Errand]) -> None:
        if typing or errands:
            self.beside.append((account, typing, errands))

    async def tell(self, error: Exception | None) -> None:
        self.told.append(error)


@asynccontextmanager
async def polling(
    kept: Kept, provider: Provider, lease: Lease | None = None
) -> AsyncIterator[asyncio.Task[None]]:
    held = lease or Lease(kept.engine, "invented.main", "me", 5)
    if lease is None:
        await held.acquire()
    poller = Poller(
        "main",
        "updates",
        provider.fetch,
        kept.acceptance,
        held,
        rhythm=QUICK,
        told=provider.tell,
        beside=provider.hear,
    )
    task: asyncio.Task[None] = asyncio.create_task(poller.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
        await held.release()


async def cursor(kept: Kept) -> str | None:
    async with reading(kept.engine) as conn:
        return await load_cursor(conn, "main", "updates")


async def test_everything_is_fetched_once_and_in_order(database_url: Callable[[str], str]) -> None:
    provider = Provider(messages=5)
    async with gateway_database(database_url("gateway")) as kept:
        async with polling(kept, provider):
            await eventually(lambda: provider.asked.count("5") >= 2)
            provider.messages = 6
            await eventually(lambda: "6" in provider.asked)
        assert provider.asked[:4] == [None, "2", "4", "5"]
        assert [row.fact_id for row in await kept.rows()] == [
            said("chat", str(n), "").fact_id for n in range(6)
        ]
        assert await cursor(kept) == "6"
        again = Provider(messages=6)
        async with polling(kept, again):
            await eventually(lambda: again.asked)
        assert again.asked[0] == "6"
        assert not provider.told


async def test_the_cursor_waits_for_the_facts(database_url: Callable[[str], str]) -> None:
    """Facts that the database refuses leave the cursor where it was; it is fetched again when all is well."""
    async with gateway_database(database_url("gateway")) as kept:
        row = said("chat", "0", "text 0")
        with pytest.raises(Unavailable):
            await kept.acceptance.accept([row], _save_and_fail)
        assert await cursor(kept) is None
        assert not await kept.rows()
        provider = Provider(messages=1)
        async with polling(kept, provider):
            await eventually(lambda: "1" in provider.asked)
        assert [one.fact_id for one in await kept.rows()] == [row.fact_id]
        assert await cursor(kept) == "1"


async def test_facts_that_depend_on_tables_of_the_channels_own_move_with_the_cursor(
    database_url: Callable[[str], str],
) -> None:
    """They are made in the transaction of the cursor: what fails there leaves both as they were."""
    tries: list[int] = []

    async def settle(_conn: AsyncConnection) -> list[SpoolRow]:
        tries.append(len(tries))
        if len(tries) == 1:
            raise Unavailable("planted")
        return [said("chat", "0", "text 0")]

    class Settled(Provider):
        async def fetch(self, cursor: str | None) -> Page:
            self.asked.append(cursor)
            return Page(cursor="1", settle=settle) if cursor is None else Page()

    async with gateway_database(database_url("gateway")) as kept:
        provider = Settled()
        async with polling(kept, provider):
            await eventually(lambda: "1" in provider.asked)
        assert provider.asked[:3] == [None, None, "1"]
        assert [one.fact_id for one in await kept.rows()] == [said("chat", "0", "").fact_id]
        assert await cursor(kept) == "1"


async def test_what_came_beside_facts_follows_them_and_names_are_learned_with_them(
    database_url: Callable[[str], str],
) -> None:
    """A page that the database refuses is told of when it was safe, once."""
    writes = ClientTyping(dialog_id("invented", "main", "chat"))

    async def settle(_conn: AsyncConnection) -> list[SpoolRow]:
        if not provider.trouble:
            provider.trouble.append(Unavailable("planted"))
            raise provider.trouble[0]
        provider.trouble.clear()
        return []

    class Talkative(Provider):
        async def fetch(self, cursor: str | None) -> Page:
            self.asked.append(cursor)
            if cursor is not None:
                return Page()
            beside: dict[str, Any] = {
                "typing": (writes,),
                "errands": ({"answer": 7},),
                "aliases": (Alias("new", "chat"),),
            }
            return Page((said("chat", "0", "text 0"),), "1", settle=settle, **beside)

    async with gateway_database(database_url("gateway")) as kept:
        provider = Talkative()
        async with polling(kept, provider):
            await eventually(lambda: "1" in provider.asked)
        assert provider.asked[:3] == [None, None, "1"]
        assert provider.beside == [("main", (writes,), ({"answer": 7},))]
        async with reading(kept.engine) as conn:
            assert await latest(conn, "main", "chat") == "new"


@pytest.mark.feature("BY11")
async def test_what_is_older_than_the_keys_when_it_is_fetched_is_marked(
    database_url: Callable[[str], str],
) -> None:
    """Late ones within them are not: a client who wrote while we were away is answered as any other."""
    ages = {"old": timedelta(days=31), "late": timedelta(days=29), "new": timedelta(0)}
    rows = [said("chat", name, name, sent_at=NOW - age) for name, age in ages.items()]
    settled = said("chat", "settled", "settled", sent_at=NOW - ages["old"])

    async def settle(_conn: AsyncConnection) -> list[SpoolRow]:
        return [settled]

    class Outage(Provider):
        async def fetch(self, cursor: str | None) -> Page:
            self.asked.append(cursor)
            if cursor is not None:
                return Page()
            return Page((*rows, said("chat", "undated", "x")), "1", settle=settle)

    async with gateway_database(database_url("gateway")) as kept:
        provider = Outage()
        async with polling(kept, provider):
            await eventually(lambda: "1" in provider.asked)
        facts = [Catalogue(MessageHeard).decode(row.body).data for row in await kept.rows()]
    marked = {fact.external_id: fact.backfill for fact in facts if isinstance(fact, MessageHeard)}
    assert marked == {"old": True, "late": False, "new": False, "undated": False, "settled": True}


async def _save_and_fail(conn: AsyncConnection) -> None:
    await save_cursor(conn, "main", "updates", "7")
    raise Unavailable("planted")


async def test_trouble_is_told_and_overcome(database_url: Callable[[str], str]) -> None:
    trouble = [
        Retryable(0.01, "account"),
        ChannelDown("revoked"),
        TooSlow("no answer"),
        Unavailable("broker"),
        KeyError("our bug"),
    ]
    provider = Provider(messages=1, trouble=list(trouble))
    async with gateway_database(database_url("gateway")) as kept, polling(kept, provider):
        await eventually(lambda: "1" in provider.asked)
        assert provider.told == [*trouble, None]
        assert provider.asked[:6] == [None] * 6


async def test_whoever_lost_the_lease_moves_nothing(database_url: Callable[[str], str]) -> None:
    async with gateway_database(database_url("gateway")) as kept:
        lease = Lease(kept.engine, "invented.main", "me", 5)
        await lease.acquire()
        async with writing(kept.engine) as conn:
            await conn.exec_driver_sql("UPDATE leases SET epoch = epoch + 1")
        async with polling(kept, Provider(messages=3), lease) as task:
            with pytest.raises(LeaseLost):
                await task
        assert await cursor(kept) is None
        assert not await kept.rows()


async def test_nothing_is_fetched_while_much_waits_for_the_broker(database_url: Callable[[str], str]) -> None:
    async with gateway_database(database_url("gateway")) as kept:
        await kept.acceptance.accept([said("other", str(number), "x") for number in range(MOST_HELD)])
        provider = Provider(messages=1)
        async with polling(kept, provider):
            with pytest.raises(AssertionError):
                await eventually(lambda: provider.asked, seconds=0.4)


async def test_a_long_poll_can_be_given_up_at_any_moment(database_url: Callable[[str], str]) -> None:
    begun = asyncio.Event()

    async def hang(_cursor: str | None) -> Page:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("never reached")

    async with gateway_database(database_url("gateway")) as kept:
        lease = Lease(kept.engine, "invented.main", "me", 5)
        await lease.acquire()
        task = asyncio.create_task(Poller("main", "updates", hang, kept.acceptance, lease).run())
        await begun.wait()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        await lease.release()


def test_pauses_grow_and_end() -> None:
    rhythm = Rhythm(first_seconds=1, longest_seconds=60)
    for failures, longest in ((1, 1), (2, 2), (5, 16), (7, 60), (5000, 60)):
        pauses = [rhythm.after(TooSlow("x"), failures) for _ in range(50)]
        assert all(longest / 2 <= pause <= longest for pause in pauses)
        assert len(set(pauses)) > 10
    assert 30 <= rhythm.after(ChannelDown("x"), 1) <= 60
    assert 7.5 <= rhythm.after(Retryable(7), 9) <= 8
