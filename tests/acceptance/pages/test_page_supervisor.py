"""What a supervisor does on the page: moves many, closes, adds participants, blocks a client."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.acceptance.pages.place import ON_THE_STREET, Place

pytestmark = [
    ON_THE_STREET,
    pytest.mark.timeout(180),
]
expect.set_options(timeout=20_000)


@pytest.mark.feature("RT6", "RT7", "RT8", "RT12", "RT13", "LC6", "LC16", "UI3")
async def test_a_supervisor_at_work(place: Place) -> None:
    await place.route(category_required=True, categories=("Delivery", "Refund"))
    elsewhere = place.stack.sites[-1].account
    anna = await place.operator("anna", role="supervisor", also=[elsewhere])
    boris = await place.operator("boris")
    first, second = await place.signed_in(anna), await place.signed_in(boris)
    page, theirs = first.page, second.page
    async with place.visiting() as one, place.visiting() as other:
        for visitor, words in ((one, "The first question"), (other, "Another question")):
            await visitor.say(words)
            await theirs.get_by_test_id("folder-new").click()
            await theirs.get_by_test_id("conversation").filter(has_text=words).click()
            await theirs.get_by_test_id("accept").click()
            await expect(theirs.get_by_test_id("thread")).to_have_attribute("data-status", "active")
        await page.get_by_test_id("folder-others").click()
        await found(page, place.site.account, elsewhere)
        await move_all(page, str(boris.operator_id), str(anna.operator_id))
        await expect(page.get_by_test_id("conversation")).to_have_count(2)

        await page.get_by_test_id("conversation").filter(has_text="The first").click()
        await expect(page.get_by_test_id("event").last).to_contain_text("You took the conversation over")
        await page.keyboard.press("Alt+KeyC")
        await expect(page.get_by_test_id("dialog-yes")).to_have_attribute("aria-disabled", "true")
        await page.keyboard.type("Delivery")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("event").last).to_contain_text("category “Delivery”")

        await page.get_by_test_id("conversation").filter(has_text="Another").click()
        await add_participant(page, str(boris.operator_id))
        await expect(theirs.get_by_test_id("event").last).to_contain_text("Anna Person added you")
        await expect(theirs.get_by_test_id("composer-note")).to_contain_text("you take part")
        await declined(page, theirs, str(boris.operator_id))
        await theirs.get_by_test_id("client-show").click()
        await expect(theirs.get_by_test_id("client-addresses")).to_be_visible()
        await page.get_by_test_id("acts").click()
        await page.get_by_test_id("act-block").click()
        await page.get_by_test_id("block-reason").fill("Nothing but advertising")
        await page.get_by_test_id("dialog-yes").click()
        await expect(page.get_by_test_id("dialog-block")).to_have_count(0)
        if not await page.get_by_test_id("client-card").is_visible():
            await page.get_by_test_id("client-show").click()
        await expect(page.get_by_test_id("client-blocked")).to_contain_text("Nothing but advertising")
        await expect(theirs.get_by_test_id("client-blocked")).to_contain_text("Nothing but advertising")
    first.check()
    second.check()


@pytest.mark.feature("OP1", "OP3")
async def test_an_administrator_changes_the_statuses(place: Place) -> None:
    window = await place.signed_in(await place.operator("root", role="administrator"))
    page = window.page
    await open_of_profile(page, "statuses")
    await expect(page.get_by_test_id("status-edit").first).to_contain_text("Available")
    await page.get_by_test_id("status-add").click()
    await page.get_by_test_id("status-en").fill("Lunch")
    await page.get_by_test_id("status-ru").fill("Обед")
    await page.get_by_test_id("allows-calls_out").check()
    await page.get_by_test_id("status-keep").click()
    await page.get_by_test_id("dialog-yes").click()
    await expect(page.get_by_test_id("dialog-statuses")).to_have_count(0)
    await open_of_profile(page, "preferences")
    await page.get_by_test_id("on-sign-in").select_option("available")
    await page.get_by_test_id("on-sign-out").select_option("lunch")
    await page.get_by_test_id("dialog-yes").click()
    await expect(page.get_by_test_id("dialog-preferences")).to_have_count(0)
    await page.get_by_test_id("my-status").click()
    await page.get_by_test_id("status-lunch").click()
    await expect(page.get_by_test_id("my-status")).to_have_attribute("data-available", "false")
    await page.get_by_test_id("language-ru").click()
    await expect(page.get_by_test_id("my-status")).to_have_text("Обед")
    await open_of_profile(page, "colleagues")
    await page.get_by_test_id("person-search").fill(f"root {place.site.slug}")
    await expect(page.get_by_test_id("colleague")).to_contain_text("Обед")
    window.check()


async def open_of_profile(page: Page, name: str) -> None:
    await page.get_by_test_id("my-status").click()
    await page.get_by_test_id(f"open-{name}").click()


async def move_all(page: Page, of: str, to: str) -> None:
    """What one operator has, to another, without asking."""
    await expect(page.get_by_test_id("conversation")).to_have_count(2)
    await page.get_by_test_id("filter").click()
    await page.get_by_test_id("filter-operator").select_option(to)
    await expect(page.get_by_test_id("list-empty")).to_contain_text("Nothing here fits the filter")
    await page.get_by_test_id("filter-operator").select_option(of)
    await page.get_by_test_id("choose-several").click()
    await page.get_by_test_id("choose-all").click()
    await expect(page.get_by_test_id("chosen-count")).to_have_text("2 chosen")
    await page.get_by_test_id("move").click()
    await page.locator(f"[data-testid=choice][data-key='{to}']").click()
    await page.get_by_test_id("dialog-yes").click()
    await expect(page.get_by_test_id("dialog-move")).to_have_count(0)
    await page.get_by_test_id("filter-clear").click()
    await page.get_by_test_id("folder-mine").click()


async def found(page: Page, here: str, elsewhere: str) -> None:
    """By account and by name: lit, in every folder, and cleared at once."""
    rows, account = page.get_by_test_id("conversation"), page.get_by_test_id("account")
    await expect(rows).to_have_count(2)
    await expect(rows.first.get_by_test_id("channel-icon")).to_have_attribute("aria-label", "Web chat")
    ours = page.locator(f"[data-testid=account][data-account='{here}']")
    await expect(ours).to_have_attribute("data-total", "2")
    await expect(ours).to_have_attribute("data-waiting", "2")
    await page.locator(f"[data-testid=account][data-account='{elsewhere}']").click()
    await expect(page.get_by_test_id("list-empty")).to_contain_text("Nothing here fits the filter")
    await page.get_by_test_id("folder-new").click()
    await expect(page.get_by_test_id("filter")).to_have_attribute("data-active", "true")
    await page.get_by_test_id("filter-clear").click()
    await expect(account.first).to_have_attribute("aria-pressed", "false")
    await page.get_by_test_id("folder-others").click()
    await page.get_by_test_id("list-search").fill("nobody is called so")
    await expect(page.get_by_test_id("list-empty")).to_be_visible()
    await page.get_by_test_id("list-search").press("Escape")
    await expect(rows).to_have_count(2)


async def add_participant(page: Page, operator_id: str) -> None:
    await page.get_by_test_id("acts").click()
    await page.get_by_test_id("act-participants").click()
    await page.locator(f"[data-testid=choice][data-key='{operator_id}']").click()
    await page.get_by_test_id("dialog-yes").click()
    await expect(page.get_by_test_id("dialog-participants")).to_have_count(0)


async def declined(page: Page, theirs: Page, operator_id: str) -> None:
    """An offer that is not taken stays where it was, and says why."""
    await page.keyboard.press("Alt+KeyT")
    await page.locator(f"[data-testid=choice][data-key='{operator_id}']").click()
    await page.get_by_test_id("dialog-yes").click()
    await expect(page.get_by_test_id("recall")).to_be_visible()
    await expect(theirs.get_by_test_id("offer-left")).to_contain_text("left")
    await theirs.get_by_test_id("decline").click()
    await theirs.keyboard.type("At lunch")
    await theirs.keyboard.press("Enter")
    await expect(page.get_by_test_id("event").last).to_contain_text("Boris Person declined the offer")
    await expect(page.get_by_test_id("event-comment").last).to_have_text("At lunch")
    await expect(page.get_by_test_id("offer")).to_have_count(0)
