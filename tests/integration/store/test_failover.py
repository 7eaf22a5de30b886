"""Two writers and one database: whatever happens to the active one, the feed has no gap and nothing twice."""

from __future__ import annotations

import itertools
from contextlib import AsyncExitStack
from functools import partial
from uuid import UUID

import pytest

from tests.integration.store.shop import Json, Shop, Writer, writer
from tests.support.waiting import eventually
from tests.unit.store.story import Story, account, operator

ANNA = UUID(int=1)
DIALOGS, ROUNDS = 8, 25
EXPECTED = 2 + 2 * DIALOGS * (1 + ROUNDS)
"""Rows of the feed: operator, account; two for each event of a conversation."""


@pytest.mark.feature("BY2", "BY9")
async def test_the_feed_is_gapless_and_each_message_is_there_once(amqp_url: str, idle_shop: Shop) -> None:
    shop = idle_shop
    stories = [Story(visitor=f"v{number}") for number in range(DIALOGS)]
    async with AsyncExitStack() as stack:
        names = itertools.count()

        async def begin() -> Writer:
            return await stack.enter_async_context(writer(amqp_url, shop.engine, f"writer {next(names)}"))

        writers = [await begin(), await begin()]
        await shop.publish(operator(ANNA), account("site"), *(story.opened() for story in stories))
        for turn in range(ROUNDS):
            await shop.publish(*(story.heard(f"{story.visitor} {turn}") for story in stories))
            if turn % 8 == 4:
                await shop.settled(2 + 2 * DIALOGS * (turn - 3))
                active = await eventually(partial(_active, writers))
                await active.kill()
                writers = [*(one for one in writers if one is not active), await begin()]
        await shop.settled(EXPECTED)
        rows = await _whole_feed(shop)
    assert next(names) == 2 + 3  # three were killed
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) == EXPECTED
    messages = [row["id"] for row in rows if row["entity"] == "message" and row["what"] == "received"]
    assert len(messages) == len(set(messages)) == DIALOGS * ROUNDS
    for story in stories:
        path = f"/v1/conversations/{story.conversation_id}/history"
        lines = (await shop.get(path, ANNA, limit=200))["items"][1:]
        said = [line["content"]["parts"][0]["text"] for line in lines]
        assert said == [f"{story.visitor} {turn}" for turn in range(ROUNDS)]
    assert [row["seq"] for row in shop.heard] == sorted(row["seq"] for row in shop.heard)


async def test_the_head_is_repeated_though_nothing_happens(shop: Shop) -> None:
    await shop.publish(operator(ANNA))
    await shop.settled(1)
    seen = len(shop.heads)
    await eventually(lambda: shop.heads[seen:].count(1) >= 2)
    assert [(row["seq"], row["entity"]) for row in shop.heard] == [(1, "operator")]


def _active(writers: list[Writer]) -> Writer:
    held = [one for one in writers if one.lease.held]
    assert held, "nobody is active"
    return held[0]


async def _whole_feed(shop: Shop) -> list[Json]:
    rows: list[Json] = []
    while True:
        page = await shop.get("/v1/feed", after=len(rows), limit=100)
        rows += page["items"]
        assert page["oldest"] == 1
        if len(rows) >= page["head"]:
            return rows
