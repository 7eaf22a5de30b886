"""The gateway as a process, on a real broker: two bots, one polled and one pushed, and what goes wrong."""

from typing import Any
from uuid import UUID

import pytest

from shared.contract.content import Content, Document, File, Image, Text
from shared.contract.outbound import DeleteMessage, EditMessage, React
from tests.integration.files.pictures import encoded, four_colours
from tests.integration.telegram_bot.scene import Replica, Scene
from tests.support.provider_faults import AcceptThenReset, Fail, Fine, ResetAfter
from tests.support.telegram_bot_provider import AT, chat, later, message, path, person, refused
from tests.support.waiting import eventually

pytestmark = [pytest.mark.timeout(120), pytest.mark.feature("CH3")]  # processes of their own

PICTURE = encoded(four_colours(), "PNG")
SEND = path("sendMessage")
NEW_ID = -1007000000000000


@pytest.mark.feature("BY10")
@pytest.mark.feature("BY11")
async def test_two_bots_hear_and_answer(bots: Scene) -> None:
    """What was told while nobody listened is fetched; what is repeated or late is one fact, in order."""
    polled, pushed, router = bots.polled, bots.pushed, bots.router
    polled.webhook = {"url": "https://elsewhere.example/"}
    polled.tell(message(1, "one"), message(2, "two"))
    polled.files["F1"] = PICTURE
    bots.provider.script(path("getUpdates"), Fail(502, "<html>"), ResetAfter(20))
    async with bots.replica() as replica:
        await eventually(lambda: router.heard("42") == ["one", "two"], seconds=20)
        assert polled.webhook == {}
        await eventually(lambda: pushed.webhook)
        assert pushed.webhook["url"] == "https://chat.shop.example/telegram_bot/pushed"
        assert "message_reaction" in pushed.webhook["allowed_updates"]

        await _a_file_each_way(bots)
        await _pushed(bots, replica)
        await _changed(bots)
        await _pressed(bots)
        await _moved(bots)
        await _for_a_business(bots)
        await _troubled(bots)
        await eventually(lambda: polled.offset == polled.last + 1)


async def _a_file_each_way(bots: Scene) -> None:
    photo = [{"file_id": "F1", "file_unique_id": "u1", "width": 8, "height": 8}]
    bots.polled.tell(message(3, None, photo=photo, caption="look"))
    (stored,) = await eventually(lambda: bots.router.of_type("inbound.stored.v1"))
    assert await _read(bots, stored["data"]["attachment_id"]) == PICTURE
    assert stored["data"]["mime_type"] == "image/png"

    identity = stored["data"]["attachment_id"]
    image = Image(file=File(attachment_id=identity, name="a.png", mime_type="image/png", state="stored"))
    paper = Document(file=File(attachment_id=identity, name="счёт.bin", state="stored"))
    other = File(attachment_id=identity, name="b.png", mime_type="image/png", state="stored")
    content = Content(parts=(Text(text="here"), image, Image(file=other), paper))
    bots.provider.script(path("sendDocument"), later(0.2))
    sent = await bots.send(content, "42")
    await eventually(lambda: bots.router.outcomes(sent) == ["sent"], seconds=20)
    (album,), (document,) = bots.polled.of("sendMediaGroup"), bots.polled.of("sendDocument")
    assert album.files == {"f0": ("a.png", PICTURE), "f1": ("b.png", PICTURE)}
    assert document.files == {"f0": ("счёт.bin", PICTURE)}
    (report,) = bots.router.of_type("inbound.delivery.v1")
    assert len(report["data"]["external_ids"]) == 3


async def _read(bots: Scene, name: str) -> bytes:
    return b"".join([chunk async for chunk in bots.blobs.read(name)])


async def _pushed(bots: Scene, replica: Replica) -> None:
    """A webhook three times over and shuffled; a caller who is not Telegram."""
    events = [message(number, f"text {number}", chat_id=77) for number in range(10, 16)]
    assert await bots.push(replica, message(9, "forged", chat_id=77), secret="x" * 64) == [401]
    statuses = await bots.push(replica, *events, times=3, order="shuffled")
    assert statuses == [200] * 18
    await eventually(lambda: len(bots.router.heard("77")) == 6)
    facts = [
        fact["data"]
        for fact in bots.router.of_type("inbound.message.v1")
        if fact["data"]["dialog"]["account"] == "pushed"
    ]
    by_sequence = sorted(facts, key=lambda fact: int(fact["sequence"]))
    assert [fact["content"]["parts"][0]["text"] for fact in by_sequence] == [
        f"text {n}" for n in range(10, 16)
    ]
    answer = await bots.send("answer", "77", "pushed")
    await eventually(lambda: bots.router.outcomes(answer) == ["sent"])
    assert bots.pushed.texts(77) == ["answer"]


async def _changed(bots: Scene) -> None:
    """The client edits and reacts; we edit, react and delete."""
    edited = {**message(1, "one!")["message"], "edit_date": AT + 90}
    reaction = {"chat": chat(42), "message_id": 1, "user": person(42), "date": AT, "old_reaction": []}
    bots.polled.tell(
        {"edited_message": edited},
        {"message_reaction": reaction | {"new_reaction": [{"type": "emoji", "emoji": "👍"}]}},
    )
    (edit,) = await eventually(lambda: bots.router.of_type("inbound.edit.v1"))
    assert (edit["data"]["external_id"], edit["data"]["content"]["parts"][0]["text"]) == ("1", "one!")
    await eventually(lambda: bots.router.of_type("inbound.reaction.v1"))

    sent = await bots.send("tomorow", "42")
    await eventually(lambda: bots.router.outcomes(sent) == ["sent"])
    text = Content(parts=(Text(text="tomorrow"),))
    await bots.act(EditMessage, "42", message_id=sent, content=text)
    await bots.act(React, "42", external_id="1", emoji=("🔥",))
    await bots.act(DeleteMessage, "42", message_id=sent)
    await eventually(lambda: bots.polled.of("deleteMessage"))
    assert [one.fields["text"] for one in bots.polled.of("editMessageText")] == ["tomorrow"]
    assert bots.polled.of("setMessageReaction")[0].fields["reaction"] == [{"type": "emoji", "emoji": "🔥"}]


async def _pressed(bots: Scene) -> None:
    """A press is a fact, and Telegram hears that it was; so it does when an operator writes."""
    query = {"id": "4382", "from": person(42), "chat_instance": "1", "data": "yes"}
    bots.polled.tell({"callback_query": query | {"message": message(501, "Yes?")["message"]}})
    (press,) = await eventually(lambda: bots.router.of_type("inbound.press.v1"))
    assert press["data"]["payload"] == "yes"
    await eventually(lambda: bots.polled.of("answerCallbackQuery"))
    await bots.writes("42")
    (shown,) = await eventually(lambda: bots.polled.of("sendChatAction"))
    assert shown.fields == {"chat_id": 42, "action": "typing"}


async def _moved(bots: Scene) -> None:
    """A group gets another id: told by Telegram, or by its refusal of ours; the dialog stays."""
    old = {"id": -7, "type": "group", "title": "Garden"}
    bots.polled.tell(message(20, "in the old group", chat_id=-7, chat=old))
    await eventually(lambda: bots.router.heard("-7"))
    bots.provider.script(
        SEND, refused(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=NEW_ID)
    )
    sent = await bots.send("hello", "-7")
    await eventually(lambda: bots.router.outcomes(sent) == ["sent"])
    assert bots.polled.texts(NEW_ID) == ["hello"]
    bots.polled.tell(message(3, "in the new one", chat_id=NEW_ID))
    await eventually(lambda: bots.router.heard("-7") == ["in the old group", "in the new one"])
    named = [fact["data"]["external_id"] for fact in bots.router.of_type("inbound.message.v1")][-1]
    assert named == f"{NEW_ID}:3"


async def _for_a_business(bots: Scene) -> None:
    """A client of a business is answered through its newest connection."""
    for name in ("BC1", "BC2"):
        connection = {"id": name, "user": person(777), "user_chat_id": 777, "date": AT, "is_enabled": True}
        asked = message(900 + int(name[-1]), name, chat_id=55)["message"] | {"business_connection_id": name}
        bots.polled.tell({"business_connection": connection}, {"business_message": asked})
        await eventually(lambda: name in bots.router.heard("business:777:55"))  # noqa: B023  # awaited here
        sent = await bots.send(f"through {name}", "business:777:55")
        await _ended(bots, sent, "sent")
        await _echoed(bots, sent)
    through = [one.fields for one in bots.polled.of("sendMessage") if one.fields["chat_id"] == 55]
    assert [one["business_connection_id"] for one in through] == ["BC1", "BC2"]


async def _echoed(bots: Scene, sent: UUID) -> None:
    """What was sent through a business comes back, and is no news; what its owner wrote is."""
    reports = [fact["data"] for fact in bots.router.of_type("inbound.delivery.v1")]
    (number,) = [int(one["external_id"]) for one in reports if one["message_id"] == str(sent)]
    owner = {"from": person(777), "business_connection_id": "BC1"}
    for told in (message(number, "an echo", 55)["message"], message(number + 5000, "by hand", 55)["message"]):
        bots.polled.tell({"business_message": told | owner})
    heard = await eventually(
        lambda: [one for one in _external(bots) if one["external_id"] == str(number + 5000)]
    )
    assert heard[0]["dialog"]["chat"] == "business:777:55"
    assert str(number) not in [one["external_id"] for one in _external(bots)]


def _external(bots: Scene) -> list[dict[str, Any]]:
    told = [fact["data"] for fact in bots.router.of_type("inbound.message.v1")]
    return [one for one in told if one.get("origin") == "external"]


async def _troubled(bots: Scene) -> None:
    """Later means once, then; what was taken and not answered is not repeated; no token, no sending."""
    begun = len(bots.provider.seen(SEND))
    blocked = refused(403, "Forbidden: bot was blocked by the user")
    bots.provider.script(SEND, later(0.3), Fine(), AcceptThenReset(), blocked, refused(401, "Unauthorized"))
    wanted = {"later": "sent", "nobody knows": "unconfirmed", "no": "failed", "healed": "sent"}
    for text, state in wanted.items():
        sent = await bots.send(text, "43")
        await _ended(bots, sent, state)
    first, second, *_ = bots.provider.seen(SEND)[begun:]
    assert second.at - first.at >= 0.3
    assert bots.states("polled")[-2:] == ["login_needed", "well"]
    assert bots.polled.texts(43) == ["later", "nobody knows", "healed"]
    assert bots.provider.left(SEND) == 0


async def _ended(bots: Scene, sent: UUID, state: str) -> None:
    await eventually(lambda: bots.router.outcomes(sent) == [state], seconds=20)
