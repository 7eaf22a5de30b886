"""The talk in the widget: quotes, edits, deletions, ticks, typing, and its end, as the visitor sees them."""

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from shared.clock import uuid7
from shared.contract.content import text_content
from shared.contract.outbound import CloseChat, DeleteMessage, EditMessage, MarkRead
from tests.acceptance.widget.mall import IN_THE_MALL, Shop, say, transcript
from tests.support.waiting import eventually

pytestmark = [IN_THE_MALL, pytest.mark.timeout(90)]


@pytest_asyncio.fixture(loop_scope="session")
async def page(site: Shop) -> Page:
    """A visitor who has said one thing."""
    window = await site.visit()
    await say(window.page, "Is the Heron there?")
    return window.page


@pytest.mark.feature("MS2")
async def test_quotes_both_ways(site: Shop, page: Page) -> None:
    [heard] = await site.messages()
    await site.answer("It is", quoted_external_id=heard["external_id"])
    await expect(page.get_by_test_id("quoted")).to_contain_text("Is the Heron there?")
    await page.get_by_test_id("message").last.hover()
    await page.get_by_test_id("quote").last.click()
    await expect(page.get_by_test_id("answering")).to_contain_text("It is")
    await expect(page.get_by_test_id("composer")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("answering")).to_have_count(0)
    await page.get_by_test_id("quote").last.click()
    await say(page, "Good")
    await expect(page.get_by_test_id("answering")).to_have_count(0)
    quoted = (await site.messages(2))[1]["content"]["quote"]
    assert quoted["external_id"] == await page.get_by_test_id("message").nth(1).get_attribute("data-seq")
    await page.reload()
    await expect(page.get_by_test_id("quoted")).to_have_count(2)
    await page.get_by_test_id("quoted").last.click()
    await expect(page.get_by_test_id("message").nth(1)).to_be_focused()


@pytest.mark.feature("MS10")
async def test_edits_and_deletions_of_ours(site: Shop, page: Page) -> None:
    first = await site.answer("Threee are left")
    second = await site.answer("For another client")
    await expect(page.get_by_test_id("message")).to_have_count(3)
    seq = [await page.get_by_test_id("message").nth(at).get_attribute("data-seq") for at in (1, 2)]
    await site.give(
        EditMessage, message_id=first, external_ids=(str(seq[0]),), content=text_content("Three are left")
    )
    await site.give(DeleteMessage, message_id=second, external_ids=(str(seq[1]),))
    expected = ["Is the Heron there?", "Three are left", "Message deleted"]
    await expect(page.get_by_test_id("message-text")).to_have_text(expected)
    await expect(page.get_by_test_id("message").nth(1)).to_contain_text("edited")
    await page.reload()
    await expect(page.get_by_test_id("message-text")).to_have_text(expected)


@pytest.mark.feature("MS9")
async def test_ticks(site: Shop, page: Page) -> None:
    tick = page.get_by_test_id("message").first
    await expect(tick).to_have_attribute("data-tick", "delivered")
    await expect(page.get_by_test_id("tick")).to_have_attribute("aria-label", "Delivered")
    await page.reload()
    await expect(tick).to_have_attribute("data-tick", "delivered")
    [heard] = await site.messages()
    await site.give(MarkRead, external_id=heard["external_id"])
    await expect(tick).to_have_attribute("data-tick", "read")
    await expect(page.get_by_test_id("tick")).to_have_attribute("aria-label", "Read")
    await page.reload()
    await expect(tick).to_have_attribute("data-tick", "read")
    await site.answer("Yes")
    await eventually(lambda: "read" in {fact["state"] for fact in site.facts("receipt")}, seconds=20)


@pytest.mark.feature("MS11")
async def test_typing_of_an_operator(site: Shop, page: Page) -> None:
    await site.types()
    await expect(page.get_by_test_id("typing")).to_contain_text("Anna is writing…")
    await site.answer("Yes")
    await expect(page.get_by_test_id("typing")).to_have_count(0)
    await expect(page.get_by_test_id("author")).to_have_text("AAnna")


@pytest.mark.feature("LC8")
async def test_the_visitor_ends_the_chat_after_a_question(site: Shop, page: Page) -> None:
    await page.get_by_test_id("end").click()
    await expect(page.get_by_test_id("stay")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("question")).to_have_count(0)
    assert site.facts("closing") == []
    await page.get_by_test_id("end").click()
    await page.get_by_test_id("end-really").click()
    await expect(page.get_by_test_id("ending")).to_have_text("You ended the chat.")
    await expect(page.get_by_test_id("end")).to_have_count(0)
    await eventually(lambda: site.facts("closing"), seconds=20)
    await page.reload()
    await expect(page.get_by_test_id("ending")).to_have_text("You ended the chat.")
    await expect(page.get_by_test_id("end")).to_have_count(0)
    await say(page, "One thing more")
    await expect(page.get_by_test_id("end")).to_be_visible()


@pytest.mark.feature("LC8")
async def test_our_end_of_the_chat(site: Shop, page: Page) -> None:
    await site.give(CloseChat, conversation_id=uuid7())
    await expect(page.get_by_test_id("ending")).to_have_text("The chat is ended.")
    assert await transcript(page) == ["Is the Heron there?"]
