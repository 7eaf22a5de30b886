"""What messengers bring to the workplace: every kind of content, and a provider's templates when nothing else
goes. `SCREENSHOTS=docs/screenshots` draws the pictures anew, as in test_page_looks.py.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from shared.contract import inbound
from shared.contract.content import (
    Button,
    ContactCard,
    Content,
    Document,
    Forwarded,
    Image,
    Location,
    Pressed,
    Quote,
    Sticker,
    Text,
    Unsupported,
    text_content,
)
from tests.acceptance.pages.messenger import Messenger, messenger
from tests.acceptance.pages.place import ON_THE_STREET, Place
from tests.acceptance.pages.test_page_looks import NARROW, WIDE, Album, album
from tests.acceptance.pages.test_page_media import sound

pytestmark = [ON_THE_STREET, pytest.mark.timeout(180)]
expect.set_options(timeout=20_000)

__all__ = ["album"]

CHAT: Final = "15550100"


@pytest.mark.feature("MS1", "MS2", "MS7", "MS9", "MS10", "LC15", "BY8", "BY10", "EX3")
async def test_everything_of_a_messenger(place: Place, album: Album) -> None:
    async with messenger(place) as shop:
        anna = await place.operator(also=[shop.key])
        await shop.says(
            CHAT, text_content("Hello! Is order 1742 ready?"), ago=timedelta(hours=23, minutes=30)
        )
        light = await place.signed_in(anna, **WIDE)
        page = light.page
        await page.get_by_test_id("conversation").filter(has_text="1742").click()
        await page.get_by_test_id("accept").click()
        window = page.get_by_test_id("window")
        await expect(window).to_have_attribute("data-is", "soon")
        await expect(window).to_contain_text("only 29:")
        await everything_comes(shop)
        await everything_is_shown(page)
        await expect(window).to_have_attribute("data-is", "open")
        await album.look(light, "messenger-light-en")
        dark = await place.signed_in(anna, dark=True, language="ru", **WIDE)
        await dark.page.goto(page.url)
        await expect(dark.page.get_by_test_id("pressed")).to_have_text("Нажато «Да»")
        await album.look(dark, "messenger-dark-ru")
        phone = await place.signed_in(anna, **NARROW)
        await phone.page.goto(page.url)
        await expect(phone.page.get_by_test_id("pressed")).to_be_visible()
        await album.look(phone, "messenger-phone-light-en")
        await page.get_by_test_id("lines").evaluate("box => box.scrollTop = 0")
        await expect(page.get_by_test_id("album")).to_be_in_viewport()
        await album.look(light, "messenger-above-light-en")
        for looked in (light, dark, phone):
            looked.check()


@pytest.mark.feature("MS7", "BY10")
async def test_after_the_window_a_template_goes(place: Place, album: Album) -> None:
    async with messenger(place) as shop:
        anna = await place.operator(also=[shop.key])
        await shop.says(CHAT, text_content("Tell me when it is ready."), ago=timedelta(hours=25))
        light = await place.signed_in(anna, **WIDE)
        page = light.page
        await page.get_by_test_id("conversation").filter(has_text="ready").click()
        await page.get_by_test_id("accept").click()
        await expect(page.get_by_test_id("window")).to_have_attribute("data-is", "over")
        await expect(page.get_by_test_id("reply")).to_have_count(0)
        await shop.is_unwell(
            "throttled", reason="too many at once", until=datetime.now(UTC) + timedelta(hours=1)
        )
        await expect(page.get_by_test_id("channel")).to_have_attribute("data-health", "throttled")
        await expect(page.locator(f"[data-account='{shop.key}']")).to_contain_text("slowed down")
        await page.get_by_test_id("choose-approved").click()
        await expect(page.get_by_test_id("approved-one")).to_have_count(3)
        await album.look(light, "channel-templates-light-en")
        await fill_in(page)
        await album.look(light, "channel-template-light-en")
        dark = await place.signed_in(anna, dark=True, language="ru", **WIDE)
        await dark.page.goto(page.url)
        await dark.page.get_by_test_id("choose-approved").click()
        await dark.page.get_by_test_id("approved-language").select_option("ru")
        await dark.page.get_by_test_id("approved-one").click()
        await album.look(dark, "channel-template-dark-ru")
        await page.keyboard.press("Enter")
        ours = page.locator("[data-side=out]")
        await expect(ours).to_contain_text("Vera, your order is ready. Collect it until Friday.")
        await expect(ours).to_have_attribute("data-state", "queued")
        await expect(page.get_by_test_id("template-name")).to_contain_text("order_ready")
        await shop.says(CHAT, text_content("Thanks!"))
        await expect(page.get_by_test_id("window")).to_have_attribute("data-is", "open")
        await expect(page.get_by_test_id("reply")).to_be_visible()
        for looked in (light, dark):
            looked.check()


async def fill_in(page: Page) -> None:
    """By keyboard: found, chosen, each place filled in."""
    await page.keyboard.type("order ready")
    await expect(page.get_by_test_id("approved-one")).to_have_count(2)
    await page.keyboard.press("Enter")
    blanks = page.get_by_test_id("approved-blank")
    await expect(blanks).to_have_count(3)
    await expect(blanks.nth(1)).to_have_attribute("placeholder", "for example: Vera")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("approved-lack")).to_have_text("Fill in every place first.")
    for words in ("1742", "Vera", "Friday"):
        await page.keyboard.type(words)
        await page.keyboard.press("Tab")
    await expect(page.get_by_test_id("approved-preview")).to_contain_text("Order 1742")
    await blanks.last.focus()


async def everything_comes(shop: Messenger) -> None:
    """A conversation with all that a messenger can bring."""
    shades = ((96, 125, 139), (141, 110, 99), (84, 110, 122))
    for number, shade in enumerate(shades):
        part = Image(file=await shop.picture(f"lamp-{number}.png", shade))
        words = (Text(text="Three of these, please"),) if number == 2 else ()
        await shop.says(CHAT, Content(parts=(part, *words), album_id="a1"))
    place = Location(latitude=59.93428, longitude=30.3351, title="Home", address="Lamp street 5")
    quoted = await shop.says(CHAT, Content(parts=(place,)))
    await shop.says(
        CHAT, Content(parts=(Text(text="Bring them there"),), quote=Quote(external_id=quoted, author="Vera"))
    )
    card = ContactCard(name="Ivan Petrov", phones=("+7 900 123-45-67",))
    passed_on = Forwarded(author="Lamp makers")
    await shop.says(CHAT, Content(parts=(card,), forwarded_from=passed_on))
    moving = await shop.file("AnimatedSticker.tgs", b"\x1f\x8b moving", "application/x-tgsticker")
    await shop.says(CHAT, Content(parts=(Sticker(emoji="🎉", file=moving),)))
    buttons = (Button(kind="reply", label="Да"), Button(kind="reply", label="Нет"))
    ours = Content(parts=(Text(text="Shall we bring them on Friday?"),), buttons=buttons)
    asked = await shop.says(CHAT, ours, origin="external", sender=shop.identity("15559999", name="Lamps"))
    await shop.says(CHAT, Content(parts=(Text(text="Да"),), pressed=Pressed(label="Да"), technical=True))
    dialog = shop.dialog(CHAT)
    client = shop.identity(CHAT)
    await shop.tell(inbound.Reacted(dialog=dialog, external_id=asked, sender=client, emoji=("❤️", "👍")), CHAT)
    poll = Unsupported(raw={"type": "poll", "question": "Which lamp?"}, words="a poll")
    await shop.says(CHAT, Content(parts=(poll,)))
    wrong = await shop.says(CHAT, text_content("Until noon"))
    await shop.tell(
        inbound.MessageEdited(dialog=dialog, external_id=wrong, content=text_content("Until one o’clock")),
        CHAT,
    )
    unwanted = await shop.says(CHAT, text_content("Never mind"))
    await shop.tell(inbound.MessageDeleted(dialog=dialog, external_id=unwanted), CHAT)
    recording = await shop.file("", sound(1), "audio/wav")
    await shop.tell(
        inbound.CallHeard(
            dialog=dialog, external_id=str(uuid4()), direction="in", state="ended", identity=client,
            duration_seconds=61, recording_id=recording.attachment_id, recording_type="audio/wav",
            at=datetime.now(UTC),
        ),
        CHAT,
    )  # fmt: skip
    bill = await shop.file("bill.pdf", b"%PDF-1.4 bill", "application/pdf")
    await shop.says(CHAT, Content(parts=(Document(file=bill), Text(text="And the bill"))))


async def everything_is_shown(page: Page) -> None:
    async def says(test_id: str, words: str) -> None:
        await expect(page.get_by_test_id(test_id).last).to_contain_text(words)

    await says("file", "bill.pdf")
    whole = page.get_by_test_id("album")
    await expect(whole).to_have_attribute("data-count", "3")
    await expect(whole).to_contain_text("Three of these")
    await expect(whole.locator("img")).to_have_count(3)
    await says("location", "59.93428, 30.33510")
    await says("quoted", "Vera")
    await says("forwarded", "Forwarded from Lamp makers")
    await says("contact", "Ivan Petrov")
    await says("sticker", "🎉")
    await expect(page.get_by_test_id("file").first).to_contain_text("Animated sticker")
    await says("buttons", "Нет")
    await says("elsewhere", "written in the channel’s own app")
    await says("reactions", "❤️")
    await says("pressed", "Pressed “Да”")
    await expect(page.locator("[data-technical]")).to_have_count(1)
    await says("unsupported", "a poll")
    await page.get_by_test_id("unsupported").locator("summary").click()
    await says("raw", "Which lamp?")
    await page.get_by_test_id("unsupported").locator("summary").click()
    await says("edited", "edited")
    await expect(page.get_by_text("Message deleted")).to_be_visible()
    call = page.locator("[data-kind='call.happened']")
    await expect(call).to_contain_text("A call of the client · 1:01")
    await expect(call.get_by_test_id("audio")).to_be_visible()
