"""Every kind of part, state of a file and trouble of a channel as the workplace shows it: the answers of the
services are dressed on their way to the page, so that what no channel of ours says yet is seen as well."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, Route, expect

from tests.acceptance.pages.place import ON_THE_STREET, Place

pytestmark = [ON_THE_STREET, pytest.mark.timeout(150)]
expect.set_options(timeout=20_000)


def file(name: str, state: str, **more: Any) -> dict[str, Any]:
    return {"attachment_id": str(uuid4()), "name": name, "mime_type": "image/png", "state": state, **more}


PARTS: tuple[dict[str, Any], ...] = (
    {"kind": "image", "file": file("a.png", "pending")},
    {"kind": "image", "file": file("b.png", "failed", words="слишком велик")},
    {"kind": "video", "file": file("c.mp4", "expired")},
    {"kind": "sticker", "emoji": "🐈"},
    {"kind": "location", "latitude": 56.8389, "longitude": 60.6057, "title": "Офис", "address": "ул. Ленина"},
    {"kind": "contact", "name": "Иван", "phones": ["+7 900 123-45-67"], "emails": ["ivan@example.com"]},
    {"kind": "unsupported", "words": "a poll"},
    {"kind": "hologram", "raw": {"a": 1}},
)


async def dressed(page: Page, pattern: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Answers under `pattern` come changed."""

    async def dress(route: Route) -> None:
        answer = await route.fetch()
        body = await answer.json()
        for item in body.get("items", []):
            change(item)
        await route.fulfill(response=answer, body=json.dumps(body))

    await page.route(pattern, dress)


def holding_everything(line: dict[str, Any]) -> None:
    if line["kind"] == "message" and line["direction"] == "in":
        line["content"] = {"parts": [{"kind": "text", "text": "Вот"}, *PARTS]}
    elif line["kind"] == "message":
        line |= {"state": "failed", "words": "Клиент запретил сообщения"}


def throttled(account: dict[str, Any]) -> None:
    account |= {"health": "throttled", "health_reason": "429"}


@pytest.mark.feature("MS1", "MS9", "UI5", "UI7")
@pytest.mark.parametrize(
    "looks", [{"dark": True, "width": 390, "height": 844}, {"width": 1440, "height": 900}]
)
async def test_every_kind_is_shown(place: Place, looks: dict[str, Any]) -> None:
    window = await place.signed_in(await place.operator(), language="ru", **looks)
    page = window.page
    async with place.visiting() as visitor:
        await visitor.say("Вот")
        await page.get_by_test_id("conversation").click()
        await page.get_by_test_id("reply").fill("Спасибо")
        await page.keyboard.press("Enter")
        await expect(page.locator("[data-side=out][data-state=sent]")).to_have_count(1)
        await dressed(page, "**/api/accounts", throttled)
        await dressed(page, "**/history?*", holding_everything)
        await page.reload()
        await everything_is_said(page)
        if looks["width"] < 1000:
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            await page.get_by_test_id("client-show").click()
            await expect(page.get_by_test_id("client-name")).to_have_text("Гость")
            await page.keyboard.press("Escape")
            await expect(page.get_by_test_id("client-show")).to_be_focused()
        assert await window.inaccessible() == []
        await page.unroute_all()
        await page.get_by_test_id("send-again").click()
        await expect(page.locator("[data-side=out]")).to_have_count(2)
        await expect(page.locator("[data-side=out]").last).to_have_attribute("data-state", "sent")
    window.check()


async def everything_is_said(page: Page) -> None:
    files = page.get_by_test_id("file")
    await expect(files).to_contain_text(
        ["Ещё принимается", "Не удалось принять: слишком велик", "Больше не хранится: срок вышел"]
    )
    await expect(page.get_by_test_id("sticker")).to_contain_text("🐈")
    await expect(page.get_by_test_id("location")).to_contain_text("Офис, ул. Ленина")
    await expect(page.get_by_test_id("contact").get_by_role("link").first).to_have_attribute(
        "href", "tel:+79001234567"
    )
    await expect(page.get_by_test_id("unsupported")).to_have_count(2)
    await expect(page.get_by_test_id("unsupported").first).to_contain_text("опрос")
    await expect(page.get_by_test_id("message-fate")).to_contain_text(
        "Не доставлено: Клиент запретил сообщения"
    )
    channel = page.get_by_test_id("channel")
    await expect(channel).to_have_attribute("data-health", "throttled")
    await expect(channel).to_contain_text("ограничен провайдером")
