"""The gateway of MAX as a process, on a real broker: both transports, and what goes wrong on the way."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from gateways.max.channel import CONNECTOR
from shared.clock import uuid7
from shared.contract.content import Content, Document, File, Text
from shared.contract.outbound import DeleteMessage, EditMessage
from tests.integration.files.pictures import encoded, four_colours
from tests.integration.max.bot import Bot, Replica, bot
from tests.support.max_provider import (
    ANSWERS,
    MESSAGES,
    SUBSCRIPTIONS,
    created,
    event,
    message,
    person,
)
from tests.support.provider_faults import AcceptThenReset, Fail, Throttle
from tests.support.quiet_ports import give_back, quiet_ports
from tests.support.waiting import eventually

pytestmark = [pytest.mark.timeout(120), pytest.mark.feature("CH13")]  # processes of their own

PICTURE = encoded(four_colours(), "PNG")
HEARD = "inbound.message.v1"


@pytest.fixture
def port() -> Iterator[int]:
    ports = quiet_ports(1)
    yield ports[0]
    give_back(ports)


def now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def texts(scene: Bot, chat: str = "182") -> list[str]:
    return scene.router.heard(chat)


@pytest.mark.feature("MS1", "BY10", "BY11")
async def test_by_webhook(
    emptied_host: str, migrated_url: Callable[[str], str], tmp_path: Path, port: int
) -> None:
    database = migrated_url(CONNECTOR.package)
    async with bot(emptied_host, database, tmp_path, port, check_seconds=0.2, gap_seconds=1.5) as scene:
        async with scene.replica() as replica:
            await hears_everything_once(scene)
            await answers_what_comes(scene)
            await sends_through_trouble(scene)
            await is_subscribed_again(scene, replica)
        await finds_what_it_missed(scene)


async def hears_everything_once(scene: Bot) -> None:
    """Three times, shuffled; a file; a press that is answered."""
    fake = scene.fake
    await eventually(lambda: fake.subscriptions)
    ((_, subscribed),) = fake.subscriptions.items()
    assert "message_created" in subscribed["update_types"]
    updates = [created(f"слово {n}", f"mid.{n}", seq=n, at=now_ms()) for n in range(1, 21)]
    pushed = await fake.push(updates, times=3, order="shuffled")
    assert all(one.ok for one in pushed)
    await eventually(lambda: len(texts(scene)) == 20)
    assert {fact["sequence"]: fact["external_id"] for fact in scene.facts(HEARD)} == {
        n: f"mid.{n}" for n in range(1, 21)
    }
    at = {"type": "image", "payload": {"url": fake.file("a.png", PICTURE), "token": "t", "photo_id": 1}}
    video = {"type": "video", "payload": {"url": "https://player.example/1", "token": "t1"}}
    fake.files["video"] = b"\0\0\0\x18ftypmp42" + bytes(100)
    press = {"callback_id": "f9cb", "payload": "yes", "user": person(101), "timestamp": now_ms()}
    gone = {"update_type": "message_callback", "timestamp": now_ms(), "callback": press, "message": None}
    await fake.push([created("вот", "mid.30", at=now_ms(), attachments=[at, video])])
    await fake.push([gone])
    await eventually(lambda: len(scene.facts("inbound.stored.v1")) == 2)
    assert {one["mime_type"] for one in scene.facts("inbound.stored.v1")} == {"image/png", "video/mp4"}
    (pressed,) = await eventually(lambda: scene.facts("inbound.press.v1"))
    assert pressed["dialog"]["chat"] == "182", "the person's chat is known by the first message"
    (answer,) = await eventually(lambda: fake.asked("POST", ANSWERS))
    assert answer.query["callback_id"] == "f9cb"
    assert answer.json() == {"notification": "✓"}


async def answers_what_comes(scene: Bot) -> None:
    """A long text in parts, a file that MAX takes its time for, an edit, a deletion."""
    fake = scene.fake
    fake.not_ready = 1
    attachment = uuid7()
    await scene.blobs.put(str(attachment), chunks(b"%PDF-1.4 invented"), limit=100)
    file = File(attachment_id=attachment, name="bill.pdf", mime_type="application/pdf", state="stored")
    sent = await scene.send(Content(parts=(Text(text="счёт " * 1000), Document(file=file))))
    await outcome(scene, sent, "sent")
    assert [len(text) for text in fake.texts("182")] == [4000, 1000]
    assert fake.sent[-1]["attachments"] == [{"type": "file", "payload": {"token": "put-1"}}]
    assert fake.put == [("bill.pdf", b"%PDF-1.4 invented")]
    names = tuple(one["mid"] for one in fake.sent)
    content = Content(parts=(Text(text="иначе"),))
    await scene.act(EditMessage, "182", message_id=sent, external_ids=names[:1], content=content)
    await scene.act(DeleteMessage, "182", message_id=sent, external_ids=names)
    await eventually(lambda: len(fake.asked("DELETE", MESSAGES)) == 2)
    (edited,) = fake.asked("PUT", MESSAGES)
    assert (edited.query["message_id"], edited.json()["text"]) == (names[0], "иначе")


async def sends_through_trouble(scene: Bot) -> None:
    """Throttled, cut off, its token revoked: each message is sent once, or nobody knows and says so."""
    fake, provider = scene.fake, scene.fake.provider
    provider.script(MESSAGES, Throttle(0.2))
    await outcome(scene, await scene.send("подождёт", "300"), "sent")
    provider.script(MESSAGES, AcceptThenReset())
    await outcome(scene, await scene.send("дальше", "301"), "unconfirmed")
    provider.script(MESSAGES, Fail(401, {"code": "verify.token", "message": "Invalid access_token"}))
    held = await scene.send("после отзыва", "302")
    await eventually(lambda: "login_needed" in [one["state"] for one in scene.facts("inbound.health.v1")])
    await outcome(scene, held, "sent")
    assert [one["state"] for one in scene.facts("inbound.health.v1")][-1] == "well"
    assert {chat: len(fake.texts(chat)) for chat in ("300", "301", "302")} == {"300": 1, "301": 1, "302": 1}
    assert provider.left(MESSAGES) == 0


async def is_subscribed_again(scene: Bot, replica: Replica) -> None:
    """MAX gave us up: it is asked to call again, and a stranger's call is not believed."""
    fake = scene.fake
    before = len(replica.logged("webhook_subscribed"))
    fake.subscriptions.clear()
    await eventually(lambda: fake.subscriptions)
    await eventually(lambda: len(replica.logged("webhook_subscribed")) > before)
    assert replica.logged("webhook_subscribed")[-1]["renewed"] is True
    ((_, subscribed),) = fake.subscriptions.items()
    secret, subscribed["secret"] = subscribed["secret"], "not-the-secret-that-was-given"
    (refused,) = await fake.push([created("чужое", "mid.66")])
    assert refused.status == 401
    subscribed["secret"] = secret


async def finds_what_it_missed(scene: Bot) -> None:
    """While we were away a client wrote, and MAX stopped to repeat it."""
    fake = scene.fake
    known = {fact["external_id"] for fact in scene.facts(HEARD)}
    fake.histories[182] = [
        *(message(f"без вас {n}", f"mid.9{n}", seq=90 + n, at=now_ms() + n) for n in range(3)),
        message("давно", "mid.old", seq=1, at=now_ms() - 10 * 24 * 3600 * 1000),
    ]
    await asyncio.sleep(1.6)  # the gap that is looked for
    async with scene.replica() as replica:
        late = await eventually(
            lambda: [one for one in scene.facts(HEARD) if one["external_id"] not in known and one["backfill"]]
        )
        await eventually(lambda: len([one for one in scene.facts(HEARD) if one["backfill"]]) == 3)
        await eventually(lambda: replica.logged("gap_found"))
    assert "mid.old" not in {fact["external_id"] for fact in scene.facts(HEARD)}
    assert late[0]["content"]["parts"][0]["text"] == "без вас 0"


async def test_by_polling(emptied_host: str, migrated_url: Callable[[str], str], tmp_path: Path) -> None:
    """The webhook of before is removed; nothing is lost or doubled over a kill; a group tells its title."""
    async with bot(emptied_host, migrated_url(CONNECTOR.package), tmp_path) as scene:
        fake = scene.fake
        fake.subscriptions["https://gone.example/max"] = {"update_types": None}
        fake.chats[-7] = {"chat_id": -7, "type": "chat", "title": "Жильцы", "members": [person(5), person(6)]}
        fake.tell(*(created(f"слово {n}", f"mid.{n}", seq=n) for n in (2, 1, 2)), event("bot_added", -7))
        async with scene.replica(FAULT_AT="after_fetch:1") as replica:
            assert await replica.ended() == 137
        async with scene.replica():
            await eventually(lambda: len(texts(scene)) == 2)
            fake.tell(
                {"nobody": "knows this"},
                created("слово 3", "mid.3", seq=3),
                created("слово 3", "mid.3", seq=3),
            )
            await eventually(lambda: len(texts(scene)) == 3)
            assert not fake.subscriptions
            sent = await scene.send("Здравствуйте")
            await outcome(scene, sent, "sent")
            (members,) = await eventually(lambda: scene.facts("inbound.members.v1"))
        assert members["title"] == "Жильцы"
        assert [one["address"] for one in members["joined"]] == ["5", "6"]
        assert texts(scene) == ["слово 2", "слово 1", "слово 3"]
        assert fake.texts("182") == ["Здравствуйте"]
        assert not fake.asked("POST", SUBSCRIPTIONS)


async def outcome(scene: Bot, sent: UUID, state: str) -> None:
    await eventually(lambda: scene.router.outcomes(sent) == [state], seconds=20)


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content
