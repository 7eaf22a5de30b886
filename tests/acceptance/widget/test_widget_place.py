"""The widget as a guest of a page: its style, its form, its sound, its tabs, and its one name."""

import hashlib
import hmac

import pytest
from playwright.async_api import Page, expect

from tests.acceptance.widget.mall import IN_THE_MALL, Mall, Shop, say
from tests.support.waiting import eventually

pytestmark = [
    IN_THE_MALL,
    pytest.mark.timeout(90),
    pytest.mark.feature("CH1"),
]

LOOKS = """() => {
  const host = document.querySelector("switchboard-chat");
  const of = (selector) => {
    const found = selector ? host.shadowRoot.querySelector(selector) : host;
    const style = getComputedStyle(found);
    const box = found.getBoundingClientRect();
    const { width, height, right, bottom } = box;
    const from = selector === "" ? [] : [width, height, innerWidth - right, innerHeight - bottom];
    const named = ["display", "position", "fontSize", "fontFamily", "color", "backgroundColor", "opacity",
      "visibility", "transform", "filter", "letterSpacing", "textTransform", "direction", "zIndex"];
    return [...named.map((name) => style[name]), ...from.map(Math.round)].join(" | ");
  };
  return ["", ".panel", "h2", "textarea", ".composer .main", ".bubble", ".text", ".who"].map(of);
}"""
HEARD = """() => {
  window.heard = [];
  for (const name of ["open", "close", "message", "unread"])
    Switchboard.on(name, (told) => heard.push([name, told]));
}"""
SOUNDS = """() => {
  const real = OscillatorNode.prototype.start;
  window.sounds = 0;
  OscillatorNode.prototype.start = function (when) { window.sounds += 1; return real.call(this, when); };
}"""


async def settled(page: Page) -> list[str]:
    """How the chat looks once nothing moves."""
    await page.get_by_test_id("panel").evaluate(
        "one => Promise.all(one.getAnimations().map((each) => each.finished))"
    )
    return list(await page.evaluate(LOOKS))


async def test_hostile_style_of_the_page_changes_nothing(mall: Mall) -> None:
    async with mall.shop() as site:
        looks: list[list[str]] = []
        for path in ("/", "/hostile"):
            window = await site.visit(path)
            if not looks:
                await say(window.page, "One")
                await site.answer("Two")
            else:
                await say(window.page, "One")
                await site.answer_to((await site.messages(2))[1]["dialog"]["chat"], "Two")
            await expect(window.page.get_by_test_id("message")).to_have_count(2)
            looks.append(await settled(window.page))
        assert looks[0] == looks[1]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["ru", "en"])
async def test_nothing_is_closed_to_anybody(mall: Mall, *, dark: bool, language: str) -> None:
    async with mall.shop('ask = ["name", "email"]') as site:
        window = await site.visit(dark=dark, language=language, opened=False)
        page = window.page
        assert await window.inaccessible() == []
        await page.get_by_test_id("bubble").press("Enter")
        await expect(page.get_by_test_id("introduction")).to_be_visible()
        await settle(page)
        assert await window.inaccessible() == []
        await page.get_by_role("checkbox").check()
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("composer")).to_be_focused()
        await say(page, "https://shop.example")
        await site.answer("Yes")
        await expect(page.get_by_test_id("message")).to_have_count(2)
        await page.get_by_test_id("quote").last.focus()
        await page.keyboard.press("Enter")
        await page.get_by_test_id("emoji").click()
        await page.get_by_test_id("end").click()
        await expect(page.get_by_test_id("question")).to_be_visible()
        await settle(page)
        assert await window.inaccessible() == []


async def settle(page: Page) -> None:
    await page.get_by_test_id("panel").evaluate(
        "one => Promise.all(one.getAnimations().map((each) => each.finished))"
    )


async def test_the_form_asks_what_the_site_wants(mall: Mall) -> None:
    asked = (
        'title = "Northwind"',
        'greeting = "Who are you?"',
        'ask = ["name", "phone"]',
        'required = ["name"]',
    )
    async with mall.shop(*asked) as site:
        page = (await site.visit()).page
        form = page.get_by_test_id("introduction")
        await expect(form).to_contain_text("Who are you?")
        await expect(page.get_by_test_id("composer")).to_have_count(0)
        await expect(form.get_by_label("Name")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(form).to_be_visible()
        await form.get_by_label("Name").fill("Anna Petrova")
        await form.get_by_label("Phone").fill("+7 999 123-45-67")
        await page.get_by_role("button", name="Begin the chat").click()
        await expect(form).to_be_visible()
        await page.get_by_role("checkbox").check()
        await page.get_by_role("button", name="Begin the chat").click()
        await expect(page.get_by_test_id("composer")).to_be_focused()
        await say(page, "Hello")
        await eventually(lambda: [one for one in site.facts("visit") if one.get("identity")], seconds=20)
        told = next(one for one in site.facts("visit") if one.get("identity"))
        assert (told["identity"]["name"], told["identity"]["phone"]) == ("Anna Petrova", "+79991234567")
        assert told["consent"] is True
        await page.reload()
        await expect(page.get_by_test_id("message")).to_have_count(1)
        await expect(form).to_have_count(0)


async def test_the_name_on_the_page(mall: Mall) -> None:
    secret = "the word of the site for its own users"
    (mall.folder / "identity.secret").write_text(secret)
    lines = ('identity_secret_file = "identity.secret"',)
    async with mall.shop(*lines) as site:
        page = (await site.visit(opened=False)).page
        await page.evaluate(HEARD)
        user = {"id": "42", "hash": hmac.digest(secret.encode(), b"42", "sha256").hex(), "name": "Anna"}
        assert user["hash"] == hmac.new(secret.encode(), b"42", hashlib.sha256).hexdigest()
        await page.evaluate("user => Switchboard.identify(user)", user)
        await page.evaluate("Switchboard.open()")
        await expect(page.get_by_test_id("status")).to_have_attribute("data-state", "online")
        await say(page, "Hello")
        await page.evaluate("Switchboard.fields({plan: 'yearly', seats: 3})")
        await page.evaluate("Switchboard.event('cart', {items: 2})")
        await eventually(lambda: fields(site).get("event:cart"), seconds=20)
        assert fields(site)["plan"] == "yearly"
        assert fields(site)["event:cart"] == '{"items":"2"}'
        identities = [one["sender"] for one in site.facts("message")]
        identities += [one["identity"] for one in site.facts("visit") if one.get("identity")]
        assert any(one.get("verified") and one["name"] == "Anna" for one in identities)
        await page.evaluate("Switchboard.close()")
        await site.answer("Good day")
        await expect(page.get_by_test_id("unread")).to_have_text("1")
        heard = await page.evaluate("heard")
        assert [name for name, _ in heard if name in ("open", "close")] == ["open", "close"]
        assert ["message", {"from": "operator", "text": "Good day", "name": "Anna"}] in heard
        assert ["unread", 1] in heard
        await page.evaluate("Switchboard.remove()")
        await expect(page.get_by_test_id("bubble")).to_have_count(0)
        assert await page.evaluate(
            "['Switchboard' in window, document.querySelector('switchboard-chat')]"
        ) == [
            False,
            None,
        ]


def fields(site: Shop) -> dict[str, str]:
    return {name: value for one in site.facts("visit") for name, value in one.get("fields", {}).items()}


async def test_another_person_begins_a_chat_of_their_own(mall: Mall) -> None:
    async with mall.shop() as site:
        page = (await site.visit()).page
        await page.evaluate("Switchboard.identify({id: 'a', hash: 'x'})")
        await say(page, "of a")
        await page.evaluate("Switchboard.identify({id: 'b', hash: 'x'})")
        await expect(page.get_by_test_id("message")).to_have_count(0)
        await say(page, "of b")
        assert len({one["dialog"]["chat"] for one in await site.messages(2)}) == 2


async def test_sound_of_what_is_not_seen(mall: Mall) -> None:
    async with mall.shop() as site:
        page = (await site.visit()).page
        await page.evaluate(SOUNDS)
        await say(page, "Hello")
        await site.answer("seen at once")
        await expect(page.get_by_test_id("message")).to_have_count(2)
        assert await page.evaluate("sounds") == 0
        await page.get_by_test_id("close").click()
        await site.answer("not seen")
        await eventually(lambda: page.evaluate("sounds > 0"), seconds=10)
        await page.get_by_test_id("bubble").click()
        await page.get_by_test_id("sound").click()
        await expect(page.get_by_test_id("sound")).to_have_attribute("aria-pressed", "false")
        await page.get_by_test_id("close").click()
        before = await page.evaluate("sounds")
        await site.answer("silent")
        await expect(page.get_by_test_id("unread")).to_have_text("1")
        assert await page.evaluate("sounds") == before


async def test_what_one_tab_read_is_read_in_the_other(mall: Mall) -> None:
    async with mall.shop() as site:
        page = (await site.visit()).page
        await say(page, "Hello")
        await page.get_by_test_id("close").click()
        other = await page.context.new_page()
        await other.goto(f"{site.address}/delivery")
        await site.answer("Good day")
        for tab in (page, other):
            await expect(tab.get_by_test_id("unread")).to_have_text("1")
        await other.get_by_test_id("bubble").click()
        for tab in (page, other):
            await expect(tab.get_by_test_id("unread")).to_have_count(0)


async def test_pages_of_an_application_without_loads(mall: Mall) -> None:
    async with mall.shop() as site:
        page = (await site.visit()).page
        await say(page, "Hello")
        await page.evaluate("history.pushState({}, '', '/basket?utm_source=mail')")
        await eventually(
            lambda: [
                one for one in site.facts("visit") if (one.get("visit") or {}).get("url", "").endswith("mail")
            ],
            seconds=20,
        )
