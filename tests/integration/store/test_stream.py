"""A stream of events goes in, answers over HTTP come out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from shared.bus.listener import Listener
from shared.contract.envelope import Catalogue, Data, Envelope
from shared.contract.events import ActRecorded, ContactFacts, RequestReceived
from shared.contract.people import Actor, Identity
from shared.db.engine import reading
from shared.topology import EVENTS
from store.tables import requests
from tests.integration.store.shop import Shop
from tests.support.waiting import eventually
from tests.unit.store.story import START, Story, account, envelope, operator

ANNA, BORIS = UUID(int=1), UUID(int=2)


@pytest.mark.feature("LC1", "LC12", "LC14")
async def test_a_conversation_is_listed_counted_and_read(shop: Shop) -> None:
    story = Story()
    await shop.publish(operator(ANNA), account("site"), story.opened(), story.heard("Good day"))
    await shop.settled(5)
    page = await shop.get("/v1/conversations", ANNA, folder="new")
    (shown,) = page["items"]
    assert shown["conversation_id"] == str(story.conversation_id)
    assert (shown["client_name"], shown["client_number"], shown["last_text"]) == ("Vera", 1, "Good day")
    assert page["next"] is None
    told = await shop.get(f"/v1/conversations/{story.conversation_id}", ANNA)
    assert told.pop("seq") == page["seq"]
    assert told == shown
    lines = await shop.get(f"/v1/conversations/{story.conversation_id}/history", ANNA)
    assert [line["kind"] for line in lines["items"]] == ["conversation.opened", "message"]
    assert lines["more"] is False
    await shop.publish(story.assigned(ANNA), story.queued("Good day to you", ANNA))
    await shop.settled(page["seq"] + 4)
    assert [
        (one["folder"], one["total"], one["unread"], one["waiting"])
        for one in (await shop.get("/v1/folders", ANNA))["folders"]
    ] == [
        ("new", 0, 0, 0),
        ("mine", 1, 1, 0),
        ("group", 0, 0, 0),
        ("others", 0, 0, 0),
        ("all", 1, 1, 0),
        ("closed", 0, 0, 0),
    ]


@pytest.mark.feature("LC2")
async def test_folders_are_counted_for_each_operator(shop: Shop) -> None:
    stories = [Story(visitor=f"v{number}") for number in range(5)]
    told: list[Envelope[Data]] = [operator(ANNA), operator(BORIS, "boris"), account("site")]
    for story in stories:
        told += [story.opened(), story.heard("hello")]
    told += [stories[0].assigned(ANNA), stories[1].assigned(BORIS), stories[2].assigned(BORIS)]
    told += [stories[2].closed(BORIS), stories[1].read(BORIS)]
    await shop.publish(*told)
    await shop.settled(3 + 5 * 3 + 3 * 2 + 2 + 1)
    for who, mine in ((ANNA, [stories[0]]), (BORIS, [stories[1]])):
        folders = {one["folder"]: one for one in (await shop.get("/v1/folders", who))["folders"]}
        totals = {name: one["total"] for name, one in folders.items()}
        assert totals == {"new": 2, "mine": 1, "group": 0, "others": 1, "all": 4, "closed": 1}
        for name, total in totals.items():
            listed = await shop.get("/v1/conversations", who, folder=name)
            assert len(listed["items"]) == total
            if name == "mine":
                assert [one["conversation_id"] for one in listed["items"]] == [str(mine[0].conversation_id)]
        assert (folders["all"]["unread"], folders["all"]["waiting"]) == (3, 4)


async def test_lists_go_on_where_the_page_before_ended(shop: Shop) -> None:
    told: list[Envelope[Data]] = [operator(ANNA), account("site")]
    for number in range(7):
        story = Story(visitor=f"v{number}", now=START + timedelta(minutes=number // 2))
        told += [story.opened(), story.heard("hello")]
    await shop.publish(*told)
    await shop.settled(2 + 7 * 3)
    whole = (await shop.get("/v1/conversations", ANNA, limit=100))["items"]
    paged, after = [], None
    while True:
        page = await shop.get("/v1/conversations", ANNA, limit=3, **({"after": after} if after else {}))
        paged += page["items"]
        after = page["next"]
        if after is None:
            break
    assert paged == whole
    order = [(one["last_message_at"], one["conversation_id"]) for one in whole]
    assert order == sorted(order, reverse=True)
    refused = await shop.get("/v1/conversations", ANNA, status=422, after="nonsense")
    assert refused["code"] == "bad_cursor"


async def test_history_is_paged_both_ways(shop: Shop) -> None:
    story = Story()
    told = [operator(ANNA), account("site"), story.opened(), *(story.heard(str(n)) for n in range(9))]
    await shop.publish(*told)
    await shop.settled(2 + 1 + 9 * 2)
    path = f"/v1/conversations/{story.conversation_id}/history"
    whole = (await shop.get(path, ANNA))["items"]
    assert [line["position"] for line in whole] == sorted(line["position"] for line in whole)
    last = await shop.get(path, ANNA, limit=4)
    assert (last["items"], last["more"]) == (whole[-4:], True)
    before = await shop.get(path, ANNA, limit=4, before=last["items"][0]["position"])
    assert (before["items"], before["more"]) == (whole[-8:-4], True)
    first = await shop.get(path, ANNA, limit=4, before=before["items"][0]["position"])
    assert (first["items"], first["more"]) == (whole[:2], False)
    after = await shop.get(path, ANNA, limit=4, after=whole[1]["position"])
    assert (after["items"], after["more"]) == (whole[2:6], True)


@pytest.mark.feature("BY2")
async def test_what_is_delivered_again_is_kept_once(shop: Shop) -> None:
    story = Story()
    told = [operator(ANNA), account("site"), story.opened(), story.heard("once")]
    await shop.publish(*told, *told)
    other_id = story.repeat(told[-1], message_id=uuid4())
    await shop.publish(other_id, *told, story.heard("twice"))
    await shop.settled(2 + 3 * 2)
    lines = (await shop.get(f"/v1/conversations/{story.conversation_id}/history", ANNA))["items"]
    assert [line["content"]["parts"][0]["text"] for line in lines[1:]] == ["once", "twice"]
    assert (await shop.get("/v1/feed"))["head"] == 2 + 3 * 2


@pytest.mark.feature("MS9", "MS10")
async def test_receipts_and_edits_that_come_first_wait_in_the_table(shop: Shop) -> None:
    story = Story()
    opened, message = story.opened(), story.heard("first words")
    queued = story.queued("yes", ANNA)
    message_id = queued.data.message_id  # type: ignore[attr-defined]
    await shop.publish(operator(ANNA), account("site"), opened)
    await shop.caught_up()
    for one in (
        story.edited("m1", "second words"),
        story.delivery("read", up_to="p1"),
        story.delivery("delivered", external_id="p1"),
        story.delivery("sent", message_id=message_id, external_id="p1"),
    ):
        await shop.publish(one)
    await shop.caught_up()
    await shop.publish(message, queued)
    await shop.caught_up()
    path = f"/v1/conversations/{story.conversation_id}/history"
    lines = {line["entry_id"]: line for line in (await shop.get(path, ANNA))["items"]}
    said = lines[str(message.data.message_id)]  # type: ignore[attr-defined]
    assert said["content"]["parts"][0]["text"] == "second words"
    assert said["original"]["parts"][0]["text"] == "first words"
    assert lines[str(message_id)]["state"] == "read"


@pytest.mark.feature("BY11")
async def test_late_messages_are_put_where_they_belong(shop: Shop) -> None:
    story = Story()
    opened = story.opened()
    messages = [story.heard(str(number)) for number in range(6)]
    late = [2, 1, 4]
    in_time = [one for number, one in enumerate(messages) if number not in late]
    await shop.publish(operator(ANNA), account("site"), opened, *in_time)
    await shop.settled(2 + 1 + 2 * 3)
    await shop.publish(*(messages[number] for number in late))
    await shop.settled(9 + 3)
    same_second = messages[3].data.sent_at  # type: ignore[attr-defined]
    await shop.publish(
        story.heard("beside", sequence=None, external_id="x", sent_at=same_second, backfill=True)
    )
    await shop.settled(12 + 2)
    path = f"/v1/conversations/{story.conversation_id}/history"
    lines = (await shop.get(path, ANNA))["items"][1:]
    assert [line["content"]["parts"][0]["text"] for line in lines] == ["0", "1", "2", "3", "beside", "4", "5"]
    assert [line["late"] for line in lines] == [False, True, True, False, True, True, False]


async def test_a_person_is_told_to_everybody_and_recognised_by_an_alias(shop: Shop) -> None:
    told: list[ContactFacts] = []
    catalogue = Catalogue(ContactFacts)

    async def hear(body: bytes) -> None:
        told.append(catalogue.decode(body, ContactFacts.TYPE).data)  # type: ignore[arg-type]

    listener = Listener(shop.broker, [(EVENTS, ContactFacts.TYPE)], hear)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(listener.run())
        await listener.bound.wait()
        story = Story(name=None)
        await shop.publish(operator(ANNA), account("site"), story.opened(), story.heard("hello"))
        await eventually(lambda: len(told) == 1)
        named = story.client.model_copy(update={"name": "Vera", "aliases": ("v9",)})
        await shop.publish(story.heard("I am Vera", sender=named))
        await eventually(lambda: len(told) == 2)
        other = Story(visitor="v9", name=None)
        await shop.publish(other.opened(), other.heard("me again"))
        person = {(str(told[0].contact_id), "Vera")}

        async def one_person() -> bool:
            shown = (await shop.get("/v1/conversations", ANNA))["items"]
            return len(shown) == 2 and {(one["contact_id"], one["client_name"]) for one in shown} == person

        await eventually(one_person)
        task.cancel()
    assert [(one.version, one.name) for one in told] == [(1, None), (2, "Vera")]
    assert {one.address for one in told[-1].identities} == {"v1", "v9"}


@pytest.mark.feature("BY13")
async def test_two_addresses_turn_out_to_be_one_person(shop: Shop) -> None:
    known, hidden, old = Story(name="Vera"), Story(visitor="hidden-1", name=None), Story(visitor="hidden-1b")
    await shop.publish(
        operator(ANNA), account("site"), known.opened(), known.heard("hello"),
        hidden.opened(), hidden.heard("hello again"), old.opened(),
        old.heard("long ago", sender=Identity(channel="webchat", address="hidden-2", aliases=("hidden-1",))),
        old.closed(ANNA),
    )  # fmt: skip
    await shop.caught_up()
    both = Identity(channel="webchat", address="hidden-1", aliases=("v1",))
    learned = hidden.identity_learned(both)
    await shop.publish(learned, hidden.heard("it is me"), hidden.repeat(learned))
    await shop.caught_up()
    shown = (await shop.get("/v1/conversations", ANNA))["items"]
    shown += (await shop.get("/v1/conversations", ANNA, folder="closed"))["items"]
    assert len(shown) == 3
    assert {(one["client_number"], one["client_name"]) for one in shown} == {(1, "Vera")}
    assert len({one["contact_id"] for one in shown}) == 1
    client = await shop.get(f"/v1/conversations/{hidden.conversation_id}/client", ANNA)
    assert {one["address"] for one in client["identities"]} == {"v1", "hidden-1", "hidden-2"}
    later = Story(visitor="hidden-2", name=None)
    await shop.publish(later.opened(), later.heard("and here"))
    await shop.caught_up()
    found = (await shop.get("/v1/conversations", ANNA, name="ver"))["items"]
    assert str(later.conversation_id) in {one["conversation_id"] for one in found}
    snapshot = {one["conversation_id"]: one for one in (await shop.get("/v1/conversations", ANNA))["items"]}
    latest = {row["id"]: row["state"] for row in await shop.rows(0, 200) if row["entity"] == "conversation"}
    assert {one: latest[one] for one in snapshot} == snapshot


@pytest.mark.feature("EX3")
async def test_a_call_is_a_line_with_its_recording(shop: Shop) -> None:
    story, recording = Story(), uuid4()
    answered = story.call("answered")
    ended = story.call("ended", duration_seconds=61.5, recording_id=recording, recording_type="audio/wav")
    await shop.publish(
        operator(ANNA), account("site"), story.call("ringing"), story.opened(), story.heard("hello"),
        ended, answered,
    )  # fmt: skip
    await shop.caught_up()
    lines = (await shop.get(f"/v1/conversations/{story.conversation_id}/history", ANNA))["items"]
    calls = [line for line in lines if line["kind"] == "call.happened"]
    assert [line["kind"] for line in lines].index("message") > 0
    assert [(one["detail"]["state"], one["detail"]["direction"]) for one in calls] == [("ended", "in")]
    assert calls[0]["detail"]["duration_seconds"] == 61.5
    (part,) = calls[0]["content"]["parts"]
    assert (part["kind"], part["file"]["attachment_id"]) == ("audio", str(recording))
    kept = await shop.get(f"/v1/attachments/{recording}", ANNA)
    assert (kept["state"], kept["mime_type"]) == ("stored", "audio/wav")


@pytest.mark.feature("AD6", "CH2")
async def test_acts_and_requests_are_kept(shop: Shop) -> None:
    boss = operator(BORIS, "boris", role="administrator")
    console = Actor(kind="console", id="root")
    acts = [
        ActRecorded(actor=console, command="operator.add.v1", subject=f"s{n}", accepted=True, at=START)
        for n in range(3)
    ]
    request = RequestReceived(
        channel="webchat", account="site", external_id="r1", phone="+1", received_at=START
    )
    told = [envelope(act, act.subject) for act in acts]
    await shop.publish(operator(ANNA), boss, *told, told[0], envelope(request, "r1"), envelope(request, "r1"))
    await shop.settled(5)
    page = await shop.get("/v1/audit", BORIS, limit=2)
    rest = await shop.get("/v1/audit", BORIS, limit=2, after=page["next"])
    assert {one["subject"] for one in page["items"] + rest["items"]} == {"s0", "s1", "s2"}
    assert (await shop.get("/v1/audit", ANNA, status=403))["code"] == "forbidden"

    async def kept() -> bool:
        async with reading(shop.engine) as conn:
            return len((await conn.execute(select(requests))).all()) == 1

    await eventually(kept)
