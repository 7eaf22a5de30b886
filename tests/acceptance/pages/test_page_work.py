"""A conversation lives on the page: taken, handed over, returned, closed; notes, templates, drafts."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, WebSocketRoute, expect

from tests.acceptance.pages.place import ON_THE_STREET, Place, reply
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

pytestmark = [ON_THE_STREET, pytest.mark.timeout(180)]
expect.set_options(timeout=20_000)

MOST_TABS = 60


def heard(visitor: Visitor) -> list[str]:
    """What the operators said, as the visitor got it."""
    return [entry["text"] for entry in visitor.received if entry.get("from") == "operator"]


def events(page: Page, kind: str) -> Locator:
    return page.locator(f"[data-testid=event][data-kind='conversation.{kind}']")


def silent(socket: WebSocketRoute) -> None:
    """A live connection that says nothing: the page knows only what it reads."""
    assert "/api/live" in socket.url


async def focused(page: Page) -> str:
    """The test id of what has the focus."""
    return str(await page.evaluate("document.activeElement?.dataset.testid ?? ''"))


async def tab_to(page: Page, name: str) -> None:
    """Tab until the focus is there."""
    for _ in range(MOST_TABS):
        if await focused(page) == name:
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab, but {await focused(page)} is")


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def open_first(page: Page) -> None:
    """By keyboard: the first conversation of the list."""
    await expect(page.get_by_test_id("conversation").first).to_be_visible()
    await press(page, "Alt+KeyL", "Enter")
    await expect(page.get_by_test_id("message").first).to_be_visible()


@pytest.mark.feature("LC3", "LC4", "LC5", "LC6", "LC14", "RT6", "OP6", "BY6", "UI2", "UI5")
async def test_by_keyboard_alone(place: Place) -> None:
    anna, boris = await place.operator("anna"), await place.operator("boris")
    first, second = await place.signed_in(anna), await place.signed_in(boris)
    async with place.visiting() as visitor:
        await visitor.say("Is anybody there?")
        page = first.page
        await open_first(page)
        await press(page, "Alt+KeyA")
        await expect(page.get_by_test_id("folder-mine")).to_have_attribute("aria-current", "page")
        await page.keyboard.type("Good day!")
        await press(page, "Enter")
        await eventually(lambda: heard(visitor) == ["Good day!"], seconds=20)

        await press(page, "Alt+KeyT")
        await expect(page.get_by_test_id("person-search")).to_be_focused()
        await page.keyboard.type(f"boris {place.site.slug}")
        await expect(page.get_by_test_id("choice")).to_have_count(1)
        await press(page, "Enter")
        await expect(page.get_by_test_id("comment")).to_be_focused()
        await page.keyboard.type("You know lamps better")
        await press(page, "Enter")
        await expect(page.get_by_test_id("offer")).to_contain_text("Offered to Boris Person")
        await expect(page.get_by_test_id("reply")).to_be_focused()

        page = second.page
        await tab_to(page, "folder-mine")
        await press(page, "Enter")
        await open_first(page)
        await expect(page.get_by_test_id("offer-comment")).to_have_text("You know lamps better")
        await press(page, "Alt+KeyA")
        await expect(page.get_by_test_id("offer")).to_have_count(0)
        await expect(page.get_by_test_id("reply")).to_be_focused()
        await expect(events(page, "assigned").last).to_contain_text(
            "You accepted the conversation from Anna Person"
        )
        await expect(first.page.get_by_test_id("assignee")).to_contain_text("Boris Person")

        await press(page, "Alt+KeyB")
        await expect(page.get_by_test_id("comment")).to_be_focused()
        await page.keyboard.type("My day is over")
        await press(page, "Enter")
        await expect(events(page, "returned")).to_contain_text("You returned the conversation to New")
        await expect(page.get_by_test_id("event-comment").last).to_have_text("My day is over")

        page = first.page
        await expect(page.get_by_test_id("accept")).to_be_visible()
        await press(page, "Alt+KeyA")
        await expect(page.get_by_test_id("accept")).to_have_count(0)
        await press(page, "Alt+KeyM", "End", "Escape")
        assert await focused(page) == "acts"
        await press(page, "Alt+KeyC")
        await expect(events(page, "closed")).to_contain_text("You closed the conversation")
    first.check()
    second.check()


@pytest.mark.feature("MS6", "MS13", "LC20")
async def test_notes_and_templates(place: Place) -> None:
    anna, boris = await place.operator("anna"), await place.operator("boris")
    first, second = await place.signed_in(anna), await place.signed_in(boris)
    page = first.page
    async with place.visiting() as visitor:
        await visitor.say("When does it come?")
        await open_first(page)
        await press(page, "Alt+KeyN")
        await page.keyboard.type("Ask the warehouse")
        await press(page, "Enter")
        await expect(page.get_by_test_id("note-text")).to_have_text("Ask the warehouse")
        await expect(page.get_by_test_id("note-field")).to_have_value("")
        await open_first(second.page)
        await expect(second.page.get_by_test_id("note")).to_contain_text("Anna Person")
        await expect(second.page.get_by_test_id("note-remove")).to_have_count(0)
        await page.get_by_test_id("note-remove").click()
        await page.get_by_test_id("note-remove-yes").click()
        await expect(second.page.get_by_test_id("note-text")).to_have_text("The note was deleted")

        await page.get_by_test_id("mode-reply").click()
        await page.get_by_test_id("reply").press("/")
        await page.keyboard.type("xyzzy")
        await expect(page.get_by_test_id("template-none")).to_have_text("No template has these words.")
        await page.get_by_test_id("template-manage").click()
        await page.get_by_test_id("template-add").click()
        await page.keyboard.type("Delivery")
        await press(page, "Tab")
        await page.keyboard.type("It comes tomorrow.")
        await page.get_by_test_id("template-hotkey").select_option("2")
        await page.get_by_test_id("template-save").click()
        await expect(page.get_by_test_id("template-edit").first).to_contain_text("Delivery")
        await press(page, "Escape")
        field = page.get_by_test_id("reply")
        await field.press("/")
        await page.keyboard.type("tomor")
        await expect(page.get_by_test_id("template")).to_have_count(1)
        await press(page, "Enter")
        await expect(field).to_have_value("It comes tomorrow.")
        await expect(field).to_be_focused()
        await field.fill("Dear Sir! ")
        await press(page, "Alt+Digit2", "Enter")
        await eventually(lambda: heard(visitor) == ["Dear Sir! It comes tomorrow."], seconds=20)

        await suggested(page)
        await press(page, "Alt+KeyM")
        await page.get_by_test_id("act-describe").click()
        await page.keyboard.type("Where the lamp is")
        await press(page, "Enter")
        await expect(second.page.get_by_test_id("description")).to_have_text("Where the lamp is")
    first.check()
    second.check()


async def suggested(page: Page) -> None:
    """While one writes, what goes on with it is offered, and nothing else is changed by that."""
    field, offered = page.get_by_test_id("reply"), page.get_by_test_id("suggestion")
    await page.keyboard.type("Well: de")
    await expect(offered.first).to_contain_text("It comes tomorrow.")  # one's own, whatever others have
    await expect(offered.first).to_contain_text("Mine")
    await expect(field).to_have_attribute("aria-controls", await listbox(page))
    await press(page, "ArrowDown")
    await expect(offered.first).to_have_attribute("aria-selected", "true")
    await expect(field).to_have_attribute("aria-activedescendant", f"{await listbox(page)}-0")
    await press(page, "Enter")
    await expect(field).to_have_value("Well: It comes tomorrow.")
    await expect(offered).to_have_count(0)
    await field.fill("")
    await page.keyboard.type("de")
    await press(page, "Escape")
    await page.keyboard.type("l")
    await expect(field).to_have_value("del")
    await expect(offered).to_have_count(0)
    await field.fill("")
    await page.keyboard.type("it co")
    await expect(offered).to_have_count(1)
    await press(page, "Tab")
    await expect(field).to_have_value("It comes tomorrow.")
    await field.fill("")
    await page.get_by_test_id("my-status").click()
    await page.get_by_test_id("open-preferences").click()
    await page.get_by_test_id("suggest").uncheck()
    await page.get_by_test_id("dialog-yes").click()
    await expect(page.get_by_test_id("dialog-preferences")).to_have_count(0)
    await page.reload()
    await field.fill("de")
    await field.press("l")
    await expect(field).to_have_value("del")
    await expect(offered).to_have_count(0)
    await field.fill("")


async def listbox(page: Page) -> str:
    return await page.get_by_test_id("suggestions").get_by_role("listbox").get_attribute("id") or ""


@pytest.mark.feature("BY14", "UI8", "OP1", "OP5")
async def test_nobody_answers_twice_and_drafts_travel(place: Place) -> None:
    anna, boris = await place.operator("anna", role="supervisor"), await place.operator("boris")
    late, quick = await place.signed_in(anna), await place.signed_in(boris)
    page = late.page
    async with place.visiting() as visitor:
        await visitor.say("Red or green?")
        await open_first(page)
        await reply(page, "One moment")
        await eventually(lambda: heard(visitor) == ["One moment"], seconds=20)
        await page.route_web_socket("**/api/live*", silent)
        await page.reload()
        await expect(page.get_by_test_id("message-text")).to_have_text(["Red or green?", "One moment"])
        async with page.expect_response(lambda answer: "/api/drafts/" in answer.url):
            await page.get_by_test_id("reply").fill("We have red ones")
        elsewhere = await place.signed_in(anna)
        await elsewhere.page.get_by_test_id("folder-mine").click()
        await open_first(elsewhere.page)
        await expect(elsewhere.page.get_by_test_id("reply")).to_have_value("We have red ones")
        await visitor.say("Green it is")
        await expect(elsewhere.page.get_by_test_id("message-text")).to_have_count(3)

        await page.get_by_test_id("reply").press("Enter")
        await expect(page.get_by_test_id("moved-on-line")).to_contain_text("Green it is")
        await expect(page.get_by_test_id("reply")).to_have_value("We have red ones")
        assert heard(visitor) == ["One moment"]
        await page.get_by_test_id("send-anyway").click()
        await eventually(lambda: heard(visitor) == ["One moment", "We have red ones"], seconds=20)
        await expect(page.get_by_test_id("moved-on")).to_have_count(0)

        await quick.page.get_by_test_id("my-status").click()
        await quick.page.get_by_test_id("status-break").click()
        await expect(quick.page.get_by_test_id("my-status")).to_have_attribute("data-status", "break")
        await press(elsewhere.page, "Alt+KeyT")
        await elsewhere.page.keyboard.type(f"boris {place.site.slug}")
        choice = elsewhere.page.get_by_test_id("choice")
        await expect(choice).to_have_attribute("aria-disabled", "true")
        await expect(choice).to_contain_text("takes no transfers: Break")
        await expect(choice.locator(".dot")).to_have_class("dot is-open")
    for window in (late, quick, elsewhere):
        window.check()
