"""The gateway as a process, on a real broker: both ways of listening, and what goes wrong on the way."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import pytest

from shared.contract.content import Content, File, Image, Text
from shared.contract.outbound import EditMessage
from tests.integration.files.pictures import encoded, four_colours
from tests.integration.vk.stage import ANNA, stage
from tests.support.provider_faults import AcceptThenReset, Throttle
from tests.support.provider_webhooks import Webhook
from tests.support.vk_provider import CONFIRMATION, SECRET, SEND
from tests.support.waiting import eventually

PICTURE = encoded(four_colours(), "PNG")
BORIS = 7002

pytestmark = [pytest.mark.timeout(120), pytest.mark.feature("CH5")]  # processes of their own


async def test_by_long_poll_both_ways_over_kills(
    emptied_host: str, migrated_url: Callable[[str], str], tmp_path: Path
) -> None:
    async with stage(emptied_host, migrated_url("gateways.vk"), tmp_path, "long_poll") as here:
        vk, router = here.vk, here.router
        vk.writes(ANNA, "before we began")
        async with here.replica() as replica:
            await eventually(lambda: vk.news.asking)
            vk.lose(failed=2)
            photo = {"id": 4, "owner_id": ANNA, "sizes": [{"type": "x", "url": vk.file("cat.png", PICTURE)}]}
            vk.writes(ANNA, "How much?", attachments=[{"type": "photo", "photo": photo}])
            stored = await eventually(lambda: router.of_type("inbound.stored.v1"))
            assert stored[0]["data"]["size_bytes"] == len(PICTURE)
            named = await eventually(lambda: router.of_type("inbound.identity.v1"))
            assert named[0]["data"]["identity"]["name"] == "Анна Выдуманная"

            vk.echoes = True
            vk.provider.script(SEND, Throttle(0.2), AcceptThenReset())
            message = await here.send("Ten roubles")
            await eventually(lambda: router.outcomes(message) == ["sent"], seconds=20)
            assert (vk.shown, len(vk.provider.taken(SEND))) == (["Ten roubles"], 2)

            change = {"dialog": named[0]["data"]["dialog"], "not_after": "2100-01-01T00:00:00Z"}
            edit = {"message_id": message, "content": Content(parts=(Text(text="Eleven"),)), **change}
            await here.give(EditMessage.model_validate(edit))
            await eventually(lambda: vk.shown == ["Eleven"])

            held = asyncio.Event()
            vk.during = held.wait
            killed = await here.send("in the middle")
            await eventually(lambda: len(vk.sent) == 2)
            await replica.kill()
            vk.during = None
            held.set()

        vk.lose(failed=3)
        vk.message(BORIS, "nobody told you")
        async with here.replica():
            await eventually(lambda: router.outcomes(killed) == ["sent"], seconds=20)
            await eventually(lambda: here.heard(BORIS) == ["nobody told you"], seconds=20)
            vk.message(BORIS, "nor this")
            vk.lose(failed=1, ts=len(vk.news.told))
            await eventually(lambda: len(here.heard(BORIS)) == 2, seconds=20)
            for number in range(5):
                vk.writes(ANNA, f"text {number}")
            await eventually(lambda: len(here.heard()) == 7, seconds=20)
    assert vk.shown == ["Eleven", "in the middle"]
    assert here.heard() == ["How much?", "before we began", *(f"text {number}" for number in range(5))]
    assert not any(fact["data"]["origin"] == "external" for fact in router.of_type("inbound.message.v1"))


async def test_by_callback_with_files_and_a_key_that_is_refused(
    emptied_host: str, migrated_url: Callable[[str], str], tmp_path: Path
) -> None:
    async with (
        stage(emptied_host, migrated_url("gateways.vk"), tmp_path, "callback") as here,
        here.replica() as us,
    ):
        vk, router = here.vk, here.router
        (asked,) = await vk.provider.push(Webhook(us.webhook), [{"type": "confirmation", "group_id": 501}])
        assert (asked.status, asked.text) == (200, CONFIRMATION)
        forged = vk.writes(ANNA, "not from VK") | {"secret": SECRET[::-1]}
        (refused,) = await vk.provider.push(Webhook(us.webhook), [forged])
        assert refused.status == 401

        told = [vk.writes(ANNA, f"text {number}") for number in range(20)]
        pushed = await vk.push(us.webhook, told, times=3, order="shuffled", together=True)
        assert {(one.status, one.text) for one in pushed} == {(200, "ok")}
        await eventually(lambda: len(here.heard()) == 20, seconds=20)
        assert sorted(here.heard()) == sorted(one["object"]["message"]["text"] for one in told)

        press = {"user_id": ANNA, "peer_id": ANNA, "event_id": "press1", "payload": {"button": "more"}}
        await vk.push(us.webhook, [vk.update("message_event", press)])
        (answered,) = await eventually(lambda: vk.calls["messages.sendMessageEventAnswer"])
        assert (answered["event_id"], answered["user_id"]) == ("press1", str(ANNA))
        (pressed,) = await eventually(lambda: router.of_type("inbound.press.v1"))
        assert pressed["data"]["payload"] == "more"

        file = File(attachment_id=UUID(int=1), name="cat.png", mime_type="image/png", size_bytes=len(PICTURE))
        await here.blobs.put(str(file.attachment_id), _chunks(PICTURE), limit=10**6)
        vk.refuse("messages.send", 6, 5)
        began = time.monotonic()
        message = await here.send(Content(parts=(Text(text="look"), Image(file=file))))
        await eventually(lambda: router.outcomes(message) == ["sent"], seconds=30)
        assert time.monotonic() - began > 1
        assert vk.uploads == [("photo", "cat.png", PICTURE)]
        (sent,) = vk.sent.values()
        assert (sent["text"], sent["attachment"]) == ("look", "photo-501_41_key")
        await eventually(lambda: here.health()[-1] == "well")
        assert "login_needed" in here.health()
        text = json.dumps(router.facts, ensure_ascii=False)
        assert SECRET not in text


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content
