"""What VK does not say by itself: what we missed, and what people are called."""

import json
from datetime import timedelta
from typing import Any

import pytest

from gateways.vk.api import Api
from gateways.vk.gap import AWAY, Gaps
from gateways.vk.people import LATER
from tests.integration.vk.desk import NOW, Desk, account

pytestmark = pytest.mark.feature("CH5")


async def test_names_are_asked_for_and_told_once(kept: Desk) -> None:
    """Of two people and a chat, one of whom VK does not know."""
    names = next(one for one in kept.channel.sources() if one.name == "names")
    for person in (7001, 9999, -501):
        await kept.channel.run({"meet": {"chat": "2000000005", "person": person}})
    page = await names.fetch(None)
    told = sorted((row.type, json.loads(row.body)["data"].get("title")) for row in page.rows)
    assert told == [("inbound.identity.v1", None), ("inbound.members.v1", "Chat 2000000005")]
    async with kept.channel._means.transactions.writing() as conn:
        assert page.settle is not None
        await page.settle(conn)
    kept.clock.advance(LATER)
    assert [(await names.fetch(None)).rows, kept.vk.calls["users.get"][-1]["user_ids"]] == [(), "9999"]


@pytest.mark.feature("BY11")
async def test_what_our_absence_cost_is_read_from_the_histories(kept: Desk) -> None:
    """Of a community that VK calls: after a short absence VK calls again, after a long one it may not."""
    seconds = int(NOW.timestamp())
    kept.vk.message(7001, "long before", date=seconds - 90_000)
    kept.vk.message(7001, "while we were away", date=seconds + 100)
    kept.vk.message(7002, "he too", date=seconds + 200)
    kept.vk.message(7003, "long before", date=seconds - 90_000)
    gaps = Gaps("main", Api(account(kept.vk.url), kept.channel._means.client), kept.clock)
    cursor = (await gaps.after_absence(None)).cursor
    kept.clock.advance(AWAY)
    assert not (await gaps.after_absence(cursor)).more
    kept.clock.advance(timedelta(days=40))
    facts: list[Any] = []
    while (page := await gaps.after_absence(cursor)).more:
        cursor = page.cursor
        facts += [json.loads(row.body)["data"] for row in page.rows]
        assert len(page.errands) == len(page.rows)
    told = [(fact["content"]["parts"][0]["text"], fact["backfill"]) for fact in facts]
    assert sorted(told) == [("he too", True), ("while we were away", True)]
