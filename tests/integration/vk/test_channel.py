"""The sending side by itself: what VK drops as a repeat, what it answers, what it does not answer at all."""

import io
import wave
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateways.kit.retrying import Repeatable
from gateways.vk.dialogs import dialog_of
from gateways.vk.pieces import REPEATS
from shared.contract.content import Content, Document, File, Text, Voice
from shared.contract.envelope import wrap
from shared.contract.outbound import EditMessage, MarkRead
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed
from tests.integration.vk.desk import NOW, Desk
from tests.support.provider_faults import AcceptThenReset, Fail, Garbage, ResetAfter
from tests.support.vk_provider import SEND

pytestmark = pytest.mark.feature("CH5")


@pytest.mark.parametrize("fault", [AcceptThenReset(), ResetAfter(5), Garbage(), Fail(502)])
async def test_what_nobody_knows_is_sent_again_within_the_hour_and_seen_once(desk: Desk, fault: Any) -> None:
    desk.vk.provider.script(SEND, fault)
    with pytest.raises(Repeatable):
        await desk.send("Ten")
    desk.clock.advance(REPEATS - timedelta(seconds=1))
    assert await desk.send("Ten") == ("1",)
    assert desk.vk.shown == ["Ten"]
    assert len({values["random_id"] for values in desk.vk.calls["messages.send"]}) == 1


async def test_after_the_hour_nobody_asks_again(desk: Desk) -> None:
    desk.vk.provider.script(SEND, AcceptThenReset())
    with pytest.raises(Repeatable):
        await desk.send("Ten")
    desk.clock.advance(REPEATS)
    with pytest.raises(Unconfirmed) as ended:
        await desk.send("Ten")
    assert not isinstance(ended.value, Repeatable)
    assert len(desk.vk.provider.seen(SEND)) == 1


async def test_what_vk_did_not_take_has_all_the_time(desk: Desk) -> None:
    """Flooded for longer than VK remembers repeats: it was never begun there."""
    for _ in range(3):
        desk.vk.refuse("messages.send", 9)
        with pytest.raises(Retryable):
            await desk.send("Ten")
        desk.clock.advance(REPEATS)
    assert await desk.send("Ten") == ("1",)


async def test_a_piece_that_is_there_is_not_sent_again(desk: Desk) -> None:
    """The second of two waits for longer than VK remembers the first."""
    text = "a" * 4096 + "b"
    desk.vk.during = _once(lambda: desk.vk.refuse("messages.send", 9))
    with pytest.raises(Repeatable):
        await desk.send(text)
    desk.clock.advance(REPEATS * 2)
    assert await desk.send(text) == ("1", "2")
    assert desk.vk.shown == ["a" * 4096, "b"]
    assert len(desk.vk.calls["messages.send"]) == 2


async def test_a_refused_piece_says_how_much_is_there(kept: Desk) -> None:
    kept.vk.during = _once(lambda: kept.vk.refuse("messages.send", 901))
    with pytest.raises(Rejected, match="Of 2 parts 1 were sent before"):
        await kept.send("a" * 4096 + "b")


async def test_a_change_keeps_what_the_message_carries(desk: Desk) -> None:
    file = File(attachment_id=UUID(int=3), name="bill.pdf", mime_type="application/pdf", size_bytes=4)
    await desk.blobs.put(str(file.attachment_id), _chunks(b"%PDF"), limit=100)
    sent = await desk.send(Content(parts=(Text(text="Ten"), Document(file=file))))
    assert desk.vk.uploads == [("doc", "bill.pdf", b"%PDF")]
    content = Content(parts=(Text(text="Eleven"),))
    act = EditMessage(
        dialog=dialog_of("main", 7001),
        not_after=NOW,
        message_id=UUID(int=7),
        external_ids=sent,
        content=content,
    )
    await desk.channel.edit(wrap(act, id=UUID(int=8), source="router", time=NOW, subject="vk"))
    (changed,) = desk.vk.sent.values()
    assert (changed["text"], changed["attachment"]) == ("Eleven", "doc-501_51")


async def test_what_is_not_permitted_is_the_message_or_the_key(kept: Desk) -> None:
    kept.vk.refuse("messages.send", 7)
    with pytest.raises(Rejected):
        await kept.send("Ten")
    kept.vk.refuse("messages.send", 7)
    kept.vk.refuse("messages.getConversations", 15)
    with pytest.raises(ChannelDown, match="login_needed"):
        await kept.send("Ten")


async def test_a_recording_that_nobody_can_convert_is_told(kept: Desk) -> None:
    file = File(attachment_id=UUID(int=3), name="v.webm", mime_type="audio/webm", size_bytes=4)
    await kept.blobs.put(str(file.attachment_id), _chunks(b"none"), limit=100)
    with pytest.raises(Rejected) as refused:
        await kept.send(Content(parts=(Voice(file=file),)))
    assert refused.value.code.startswith("voice_")
    assert not kept.vk.uploads


async def test_a_recording_goes_as_vk_plays_it(kept: Desk) -> None:
    source = io.BytesIO()
    with wave.open(source, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(8000))
    file = File(attachment_id=UUID(int=3), name="v.wav", mime_type="audio/wav", size_bytes=1)
    await kept.blobs.put(str(file.attachment_id), _chunks(source.getvalue()), limit=10**6)
    assert await kept.send(Content(parts=(Text(text="listen"), Voice(file=file)))) == ("1", "2")
    ((kind, _, recording),) = kept.vk.uploads
    assert (kind, recording[:4]) == ("audio_message", b"OggS")
    assert [one["attachment"] for one in kept.vk.sent.values()] == ["", "doc-501_51"]


async def test_a_number_that_vk_did_not_say_is_asked_for(kept: Desk) -> None:
    kept.vk.numbers = False
    assert await kept.send("Ten") == ("1",)


@pytest.mark.parametrize("code", [15, 29, 5])
async def test_what_was_sent_is_not_forgotten_because_its_number_is_not_told(kept: Desk, code: int) -> None:
    kept.vk.numbers = False
    kept.vk.refuse("messages.getById", code)
    with pytest.raises(Repeatable):
        await kept.send("Ten")
    kept.clock.advance(REPEATS)
    with pytest.raises(Unconfirmed):
        await kept.send("Ten")
    assert len(kept.vk.calls["messages.send"]) == 1


async def test_what_is_done_beside_messages(kept: Desk) -> None:
    dialog, calls = dialog_of("main", 7001), kept.vk.calls
    await kept.channel.typing(dialog, on=True)
    await kept.channel.typing(dialog, on=False)
    assert [one["type"] for one in calls["messages.setActivity"]] == ["typing"]
    for name in ("12", "message_deny e6"):
        act = MarkRead(dialog=dialog, not_after=NOW, external_id=name)
        await kept.channel.mark_read(wrap(act, id=UUID(int=8), source="router", time=NOW, subject="vk"))
    assert [one["up_to_cmid"] for one in calls["messages.markAsRead"]] == ["12"]


def _once(act: Callable[[], None]) -> Callable[[], Any]:
    done = False

    async def during() -> None:
        nonlocal done
        if not done:
            act()
        done = True

    return during


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content
