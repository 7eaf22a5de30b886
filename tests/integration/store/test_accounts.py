"""What the router tells of accounts, operators and statuses is told on, whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.contract.capabilities import Capabilities
from shared.contract.events import AccountChanged, AccountTemplates, StatusesChanged
from shared.contract.inbound import KnownTemplate
from shared.contract.statuses import STANDARD, StatusRow
from tests.integration.store.shop import Shop
from tests.support.waiting import eventually
from tests.unit.store.story import START, Story, account, envelope, operator

ANNA, BORIS = UUID(int=1), UUID(int=2)


@pytest.mark.feature("CH16")
async def test_capabilities_and_health_of_an_account(shop: Shop) -> None:
    event = AccountChanged(
        channel="webchat", account="site", name="Site", capabilities=Capabilities(images=True, file_bytes=7),
        connected=True, health="throttled", health_reason="too much at once",
        health_until=START + timedelta(minutes=1), version=1, cause=uuid4(),
    )  # fmt: skip
    await shop.publish(operator(ANNA), envelope(event, "account:webchat.site"))
    await shop.caught_up()
    (told,) = (await shop.get("/v1/accounts", ANNA))["items"]
    assert told["capabilities"]["images"] is True
    assert told["capabilities"]["file_bytes"] == 7
    assert told["capabilities"]["voice"] is False
    assert (told["health"], told["health_reason"]) == ("throttled", "too much at once")
    assert told["health_until"] == "2026-03-01T09:01:00Z"
    well = event.model_copy(
        update={"version": 2, "health": "well", "health_reason": None, "health_until": None}
    )
    await shop.publish(envelope(well, "account:webchat.site"))
    await shop.caught_up()
    news = ("account", 2)
    (row,) = await eventually(lambda: [row for row in shop.heard if (row["entity"], row["version"]) == news])
    assert (row["state"]["health"], row["state"]["health_reason"]) == ("well", None)


@pytest.mark.feature("OP1", "LC13")
async def test_statuses_and_settings_are_passed_on_whole(shop: Shop) -> None:
    wish = StatusRow(slug="lunch", name="Lunch", name_ru="Обед", takes=True)
    table = StatusesChanged(statuses=(*STANDARD, wish), version=2, cause=uuid4())
    older = StatusesChanged(statuses=STANDARD, version=1, cause=uuid4())
    at_lunch = operator(
        ANNA, status="lunch", status_since=START, limit=5, status_on_sign_in="available",
        status_on_sign_out="off_work", version=2,
    )  # fmt: skip
    settings: dict[str, Any] = {
        "close_others": False, "category_required": True, "close_after_minutes": 60, "reopens": "last",
        "distribution": "least_loaded", "handover": "appoint", "offer_seconds": 20, "max_wait_seconds": 90,
        "wait_ends": "taken", "categories": ["Доставка", "Refund"],
    }  # fmt: skip
    before = await shop.get("/v1/statuses")
    assert [one["slug"] for one in before["statuses"]] == [row.slug for row in STANDARD]
    await shop.publish(
        envelope(table, "statuses"), envelope(older, "statuses"), operator(ANNA), at_lunch,
        account("site"), account("site", version=2, **settings),
    )  # fmt: skip
    await shop.caught_up()
    statuses = await shop.get("/v1/statuses", ANNA)
    assert [one["slug"] for one in statuses["statuses"]][-1] == "lunch"
    assert (statuses["version"], statuses["statuses"][-1]["takes"]) == (2, True)
    (anna,) = (await shop.get("/v1/operators", ANNA))["items"]
    assert (anna["status"], anna["limit"], anna["status_on_sign_out"]) == ("lunch", 5, "off_work")
    assert anna["status_since"] == "2026-03-01T09:00:00Z"
    (site,) = (await shop.get("/v1/accounts", ANNA))["items"]
    assert {name: site[name] for name in settings} == settings
    rows = [row for row in await shop.rows(0, 100) if row["entity"] == "statuses"]
    assert [(row["id"], row["version"]) for row in rows] == [("statuses", 2)]
    assert rows[0]["state"] == {name: statuses[name] for name in ("statuses", "version")}


@pytest.mark.feature("MS7")
async def test_templates_of_an_account_and_until_when_words_go(shop: Shop) -> None:
    order = KnownTemplate(name="order", language="ru", text="Ждём, {{1}}", parameters=1, buttons=("Да",))
    said: dict[str, Any] = {"channel": "webchat", "account": "site", "cause": uuid4()}
    newer = AccountTemplates(**said, templates=(order,), at=START, version=2)
    older = AccountTemplates(**said, templates=(), at=START, version=1)
    story = Story()
    opened = story.opened()
    assert story.state is not None
    story.state = story.state.model_copy(update={"free_text_until": START + timedelta(hours=24)})
    await shop.publish(
        operator(ANNA), operator(BORIS, "boris", accounts=()), account("site"),
        envelope(newer, "account:webchat.site"), envelope(older, "account:webchat.site"),
        opened, story.heard("Здравствуйте"),
    )  # fmt: skip
    await shop.caught_up()
    told = await shop.get("/v1/accounts/webchat.site/templates", ANNA)
    assert (told["account"], told["version"], told["at"]) == ("webchat.site", 2, "2026-03-01T09:00:00Z")
    assert [KnownTemplate.model_validate(one) for one in told["templates"]] == [order]
    hidden = await shop.get("/v1/accounts/webchat.site/templates", BORIS, status=404)
    assert hidden["code"] == "not_found"
    seen = await shop.get(f"/v1/conversations/{story.conversation_id}", ANNA)
    assert seen["free_text_until"] == "2026-03-02T09:00:00Z"
    rows = [row for row in await shop.rows(0, 100) if row["entity"] == "conversation"]
    assert rows[-1]["state"]["free_text_until"] == "2026-03-02T09:00:00Z"
