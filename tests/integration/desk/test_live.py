"""The live connection (BY9): rows without a hole or a repeat, each judged by who may see it now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from shared.contract.feed import Sight
from tests.integration.desk.browser import Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_router import ScriptedRouter
from tests.integration.desk.scripted_store import ScriptedStore
from tests.support.waiting import eventually

Start = Callable[..., Awaitable[Workplace]]


async def test_deltas_come_in_order_and_from_where_the_page_stands(
    desk: Workplace, store: ScriptedStore
) -> None:
    anna = store.add(Person("anna"))
    ids = [store.put_conversation() for _ in range(3)]
    async with await desk.signed_in(anna) as browser:
        access = (await browser.get("/api/me")).body["access"]
        socket = await browser.connect(seq=1, access=access)
        hello = await socket.next("hello")
        assert (hello["seq"], hello["access"]) == (1, access)
        ids.append(store.put_conversation())
        deltas = await socket.deltas(3)
        assert [(one["seq"], one["id"]) for one in deltas] == [(n + 1, str(ids[n])) for n in (1, 2, 3)]
        assert deltas[-1]["state"]["status"] == "new"
        assert (await socket.next("head"))["seq"] == 4
        await socket.socket.send_json({"t": "ping"})
        assert await socket.next("pong")


@pytest.mark.feature("BY9")
async def test_a_lost_hint_is_fetched(desk: Workplace, store: ScriptedStore) -> None:
    anna = store.add(Person("anna"))
    async with await desk.signed_in(anna) as browser:
        socket = await browser.connect()
        await socket.next("hello")
        store.put_conversation(hint=False)
        store.put_conversation(hint=False)
        store.put_conversation()
        assert [one["seq"] for one in await socket.deltas(3)] == [1, 2, 3]
        store.put_conversation(hint=False)
        store.say_head()
        assert (await socket.next("delta"))["seq"] == 4
        store.put_conversation(hint=False)
        assert (await socket.next("delta", seconds=15))["seq"] == 5, "silence is asked about"
        assert (await socket.saw("late"))["late"] is True


@pytest.mark.feature("BY9", "AD2")
async def test_what_leaves_ones_sight_is_told_as_gone(desk: Workplace, store: ScriptedStore) -> None:
    anna = store.add(Person("anna", without=("others.read",)))
    boris = store.add(Person("boris"))
    async with await desk.signed_in(anna) as browser:
        socket = await browser.connect()
        await socket.next("hello")
        foreign = store.put_conversation("webchat.other")
        mine = store.put_conversation()
        store.put_conversation(assignee=boris.operator_id, id_=mine)
        store.put_conversation(assignee=boris.operator_id, id_=mine)
        store.put_conversation(id_=mine)
        first, second, third = await socket.deltas(3)
        assert first["state"]["status"] == "new"
        assert (second["state"], second["id"]) == (None, str(mine))
        assert third["seq"] == 5, "what changes out of sight is not told"
        assert third["state"]["assignee"] is None
        assert str(foreign) not in {first["id"], second["id"], third["id"]}


async def test_rows_for_one_right_are_for_those_who_have_it(desk: Workplace, store: ScriptedStore) -> None:
    anna, root = store.add(Person("anna")), store.add(Person("root", "administrator"))
    async with await desk.signed_in(anna) as hers, await desk.signed_in(root) as theirs:
        she, they = await hers.connect(), await theirs.connect()
        await she.next("hello")
        await they.next("hello")
        store.say("parked", "p1", after=Sight(right="parked.manage"))
        store.say("operator", "someone", state={"name": "x"})
        assert (await they.next("delta"))["entity"] == "parked"
        assert (await she.next("delta"))["entity"] == "operator"


@pytest.mark.feature("AD2")
async def test_other_access_asks_for_a_fresh_snapshot(desk: Workplace, store: ScriptedStore) -> None:
    anna = store.add(Person("anna"))
    async with await desk.signed_in(anna) as browser:
        before = (await browser.get("/api/me")).body["access"]
        socket = await browser.connect()
        await socket.next("hello")
        store.change_access(anna, accounts=("webchat.other",))
        resync = await socket.next("resync")
        assert resync["reason"] == "access"
        store.put_conversation("webchat.main")
        theirs = store.put_conversation("webchat.other")
        me = (await browser.get("/api/me")).body
        assert me["access"] == resync["access"] != before
        await socket.socket.send_json({"t": "resume", "seq": store.head - 2, "access": me["access"]})
        await socket.next("hello")
        assert (await socket.next("delta"))["id"] == str(theirs)
        late = await browser.connect(seq=store.head, access=before)
        assert (await late.next("resync"))["reason"] == "access"


async def test_a_cursor_that_is_gone_or_ahead_asks_for_a_fresh_snapshot(
    start_desk: Start, router: ScriptedRouter, store: ScriptedStore
) -> None:
    anna = store.add(Person("anna"))
    for _ in range(700):
        store.say("operator", "someone", hint=False)
    store.oldest = 500
    desk = await start_desk(feed_rows=256)
    await desk.ready()
    async with await desk.signed_in(anna) as browser:
        access = (await browser.get("/api/me")).body["access"]
        expired = await browser.connect(seq=100, access=access)
        assert (await expired.next("resync"))["reason"] == "expired"
        ahead = await browser.connect(seq=701, access=access)
        assert (await ahead.next("resync"))["reason"] == "ahead"
        kept = await browser.connect(seq=499, access=access)
        await kept.next("hello")
        assert [one["seq"] for one in await kept.deltas(201)] == list(range(500, 701))


async def test_more_than_the_ring_holds_comes_from_the_store(
    start_desk: Start, router: ScriptedRouter, store: ScriptedStore
) -> None:
    anna = store.add(Person("anna"))
    desk = await start_desk(feed_rows=256)
    await desk.ready()
    async with await desk.signed_in(anna) as browser:
        access = (await browser.get("/api/me")).body["access"]
        watching = await browser.connect(seq=0, access=access)
        await watching.next("hello")
        for _ in range(1000):
            store.say("operator", "someone")
        assert [one["seq"] for one in await watching.deltas(1000)] == list(range(1, 1001))
        late = await browser.connect(seq=3, access=access)
        await late.next("hello")
        assert [one["seq"] for one in await late.deltas(997)] == list(range(4, 1001))


async def test_a_store_that_went_back_in_time_starts_everybody_anew(
    desk: Workplace, store: ScriptedStore
) -> None:
    anna = store.add(Person("anna"))
    async with await desk.signed_in(anna) as browser:
        socket = await browser.connect()
        await socket.next("hello")
        for _ in range(5):
            store.put_conversation()
        await socket.deltas(5)
        del store.rows[2:]
        assert (await socket.next("resync", seconds=15))["reason"] == "ahead"


async def test_counters_follow_what_is_seen_at_most_once_a_second(
    desk: Workplace, store: ScriptedStore
) -> None:
    anna = store.add(Person("anna"))
    async with await desk.signed_in(anna) as browser:
        one, two = await browser.connect(), await browser.connect()
        await one.next("hello")
        await two.next("hello")
        for _ in range(20):
            store.put_conversation()

        async def counted() -> bool:
            return bool((await one.next("counters"))["folders"][0]["total"] == 20)

        await eventually(counted)
        assert (await two.next("counters"))["seq"] > 0
        assert store.asked.count("/v1/folders") <= 3
        store.put_conversation("webchat.other")
        await one.next("head")
        assert store.asked.count("/v1/folders") <= 3, "what is out of sight counts for nothing"


async def test_the_store_being_away_is_told_and_survived(desk: Workplace, store: ScriptedStore) -> None:
    anna = store.add(Person("anna"))
    async with await desk.signed_in(anna) as browser:
        socket = await browser.connect()
        await socket.next("hello")
        store.down = True
        assert (await socket.saw("late", seconds=15))["late"] is True
        assert (await browser.get("/api/folders")).status == 503
        assert (await browser.get("/api/me")).status == 503
        store.put_conversation(hint=False)
        store.down = False
        assert (await socket.next("delta", seconds=15))["seq"] == 1
