"""BY12: what could not be handled is in a table with its raw bytes, and goes back where it came from."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pamqp.commands import Basic
from pydantic import SecretStr

from shared.bus.outgoing import Outgoing
from shared.clock import FixedClock
from shared.contract.commands import (
    Answer,
    Command,
    DiscardParked,
    ListParked,
    ReplayParked,
    ShowParked,
)
from shared.contract.envelope import wrap
from shared.contract.people import Actor
from shared.topology import EVENTS, INBOUND, PARKING, STORE_EVENTS
from store import command_line
from store.settings import StoreSettings
from store.waiting import PATIENCE
from tests.integration.store.shop import Json, Shop, writer
from tests.support.waiting import eventually
from tests.unit.store.story import Story, account, operator

ANNA, BOSS = UUID(int=1), UUID(int=2)
CONSOLE = Actor(kind="console", id="root")


async def ask(shop: Shop, kind: type[Command], actor: Actor = CONSOLE, **said: Any) -> Answer:
    command = kind(actor=actor, deadline=datetime.now(UTC) + 2 * PATIENCE, **said)
    at = datetime.now(UTC)
    return await shop.caller.call(
        wrap(command, id=uuid4(), source="test", time=at, subject="parked"), timeout=20
    )


async def listed(shop: Shop) -> list[Json]:
    found: list[Json] = (await ask(shop, ListParked)).result["parked"]
    return found


async def some(shop: Shop, number: int = 1) -> list[Json]:
    """What is parked, once there are so many."""

    async def there() -> list[Json]:
        found = await listed(shop)
        assert len(found) == number, found
        return found

    return await eventually(there, seconds=20)


@pytest.mark.feature("BY12")
@pytest.mark.parametrize("raw", [b"\xff\x00 not JSON", b'{"specversion": "9.0", "type": "x"}', b"[]", b""])
async def test_bytes_that_say_nothing_are_kept_as_they_came(shop: Shop, raw: bytes) -> None:
    await shop.publisher.publish(Outgoing(EVENTS, "message.received.v1", raw, "m-1", "message.received.v1"))
    (row,) = await some(shop)
    assert (row["queue"], row["reason"]) == (STORE_EVENTS.name, "undecodable")
    assert (row["exchange"], row["routing_key"], row["message_id"]) == (EVENTS, "message.received.v1", "m-1")
    assert row["size_bytes"] == len(raw)
    shown = await ask(shop, ShowParked, parked_id=row["parked_id"])
    assert shown.result["body"] == raw.decode("utf-8", "backslashreplace")
    assert shown.result["error"]


@pytest.mark.feature("BY12")
async def test_replay_sends_the_raw_message_back_where_it_came_from(shop: Shop) -> None:
    story = Story()
    await shop.publish(operator(ANNA), account("site"), story.opened())
    told = story.heard("at last")
    headers: dict[str, str | int | bytes] = {
        "x-queue": STORE_EVENTS.name,
        "x-reason": "failed",
        "x-error": "a bug, mended since",
        "x-exchange": EVENTS,
        "x-routing-key": told.type,
        "x-message-id": str(told.id),
        "x-type": told.type,
    }
    parked_id = str(uuid4())
    copy = Outgoing(PARKING, STORE_EVENTS.name, told.encode(), parked_id, told.type, headers=headers)
    await shop.publisher.publish(copy)
    await shop.publisher.publish(copy)
    (row,) = await some(shop)
    assert row["parked_id"] == parked_id
    answer = await ask(shop, ReplayParked, parked_ids=(parked_id,))
    assert answer.result == {"replayed": [parked_id], "left": 0}
    path = f"/v1/conversations/{story.conversation_id}/history"
    await eventually(lambda: _has_lines(shop, path, 2))
    assert await listed(shop) == []
    again = await ask(shop, ReplayParked)
    assert again.result == {"replayed": [], "left": 0}
    await shop.publish(operator(BOSS, "boss", role="administrator"))
    await shop.caught_up()
    kept = (await shop.get("/v1/parked", BOSS))["items"]
    assert [one["parked_id"] for one in kept] == [parked_id]
    assert kept[0]["replayed_at"] is not None
    rows = [one for one in await shop.rows(0, 1000) if one["entity"] == "parked"]
    assert [one["what"] for one in rows] == ["parked", "replayed"]
    assert {one["after"]["right"] for one in rows} == {"parked.manage"}
    assert rows[-1]["state"] == kept[0]


async def _has_lines(shop: Shop, path: str, number: int) -> bool:
    return len((await shop.get(path, ANNA))["items"]) == number


@pytest.mark.feature("BY12")
async def test_what_the_broker_gave_up_on_goes_straight_back_to_its_queue(shop: Shop) -> None:
    """A queue with a limit of one delivery, whose consumer dies with the message in its hands."""
    channel = await (await shop.broker.consume_link.connection()).channel()
    queue = "poisoned.v1"
    arguments: dict[str, Any] = {
        "x-queue-type": "quorum",
        "x-delivery-limit": 1,
        "x-dead-letter-exchange": PARKING,
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    await channel.queue_declare(queue, durable=True, arguments=arguments)
    await channel.queue_bind(queue, INBOUND, "message.webchat.poison")
    body = "слова клиента".encode()
    await shop.publisher.publish(
        Outgoing(INBOUND, "message.webchat.poison", body, "m-7", "inbound.message.v1")
    )

    async def died() -> bool:
        got = await channel.basic_get(queue)
        if isinstance(got.delivery, Basic.GetOk) and got.delivery.delivery_tag:
            await channel.basic_reject(got.delivery.delivery_tag, requeue=True)
        return bool(await listed(shop))

    await eventually(died)
    (row,) = [one for one in await listed(shop) if one["queue"] == queue]
    assert (row["reason"], row["exchange"], row["message_id"]) == ("delivery_limit", INBOUND, "m-7")
    await ask(shop, ReplayParked, parked_ids=(row["parked_id"],))

    async def returned() -> bytes | None:
        got = await channel.basic_get(queue, no_ack=True)
        return got.body or None

    assert await eventually(returned) == body


@pytest.mark.feature("BY12")
async def test_discarding_keeps_the_row_and_rights_are_asked(shop: Shop) -> None:
    await shop.publish(operator(ANNA), operator(BOSS, "boss", role="administrator"))
    await shop.publisher.publish(Outgoing(EVENTS, "a.b.v1", b"?", "m", "a.b.v1"))
    (row,) = await some(shop)
    ids = (row["parked_id"],)
    for actor in (
        Actor(kind="operator", id=str(ANNA)),
        Actor(kind="service", id="bot"),
        Actor(kind="operator", id="x"),
    ):
        refused = await ask(shop, DiscardParked, actor, parked_ids=ids)
        assert refused.refusal is not None
        assert refused.refusal.code == "no_right"
    missing = await ask(shop, DiscardParked, parked_ids=(*ids, str(uuid4())))
    assert missing.refusal is not None
    assert missing.refusal.code == "parked_not_found"
    assert len(await listed(shop)) == 1
    done = await ask(shop, DiscardParked, Actor(kind="operator", id=str(BOSS)), parked_ids=ids)
    assert done.result == {"discarded": list(ids)}
    assert await listed(shop) == []
    (kept,) = (await shop.get("/v1/parked", BOSS))["items"]
    assert kept["discarded_at"] is not None
    whole = await shop.get(f"/v1/parked/{ids[0]}", BOSS)
    assert whole["payload"] is None
    await shop.get("/v1/parked", ANNA, status=403)


@pytest.mark.feature("BY12")
async def test_the_page_shows_a_payload_without_anybodys_words(shop: Shop) -> None:
    story = Story()
    told = story.heard("my secret words")
    boss = operator(BOSS, "boss", role="administrator")
    await shop.publish(boss)
    body = told.encode().replace(b'"version":1', b'"version":"one"')
    await shop.publisher.publish(Outgoing(EVENTS, told.type, body, str(told.id), told.type))
    (row,) = await some(shop)
    whole = await shop.get(f"/v1/parked/{row['parked_id']}", BOSS)
    assert whole["payload"]["type"] == told.type
    assert "secret words" not in json.dumps([whole, row])


async def test_a_receipt_whose_message_never_comes_is_parked_after_a_day(
    amqp_url: str, idle_shop: Shop
) -> None:
    shop, story = idle_shop, Story()
    clock = FixedClock(datetime.now(UTC))
    async with writer(amqp_url, shop.engine, clock=clock):
        await shop.publish(operator(ANNA), account("site"), story.opened())
        lost = story.edited("m1", "corrected")
        await shop.publish(lost)
        await shop.caught_up()
        clock.advance(PATIENCE + timedelta(minutes=1))
        (row,) = await some(shop)
        assert (row["reason"], row["message_id"]) == ("target_missing", str(lost.id))
        await shop.publish(story.heard("original"))
        await shop.caught_up()
        await ask(shop, ReplayParked, parked_ids=(row["parked_id"],))
        path = f"/v1/conversations/{story.conversation_id}/history"

        async def corrected() -> bool:
            last = (await shop.get(path, ANNA))["items"][-1]
            return bool(last["content"]["parts"][0]["text"] == "corrected")

        await eventually(corrected)


async def test_an_unknown_command_is_refused(shop: Shop) -> None:
    command = ListParked(actor=CONSOLE, deadline=datetime.now(UTC) + timedelta(seconds=20))
    asked = wrap(command, id=uuid4(), source="test", time=datetime.now(UTC), subject="parked")
    strange = asked.model_copy(update={"type": "parked.burn.v1"})
    answer = await shop.caller.call(strange, timeout=20)
    assert answer.refusal is not None
    assert answer.refusal.code == "unknown_command"


@pytest.mark.feature("BY12")
async def test_the_console_lists_shows_replays_and_discards(
    shop: Shop, amqp_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = StoreSettings(amqp_url=SecretStr(amqp_url))

    async def console(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = await asyncio.to_thread(command_line.main, list(words), settings)
        out = capsys.readouterr().out
        return code, "\n".join(line for line in out.splitlines() if not line.startswith("{")) + "\n"

    assert await console("list") == (0, "nothing is parked\n")
    for name in ("m-1", "m-2"):
        await shop.publisher.publish(Outgoing(EVENTS, "a.b.v1", b'["private"', name, "a.b.v1"))
    rows = await some(shop, 2)
    code, out = await console("list")
    assert code == 0
    assert out.splitlines()[0].split() == ["parked_id", "parked_at", "queue", "reason", "type", "size_bytes"]
    assert all(row["parked_id"] in out for row in rows)
    assert "private" not in out
    code, out = await console("show", rows[0]["parked_id"])
    assert out.rstrip().endswith('["private"')
    assert await console("discard", rows[0]["parked_id"]) == (0, f"discard: {rows[0]['parked_id']}\n")
    assert await console("replay", "--all") == (0, f"replay: {rows[1]['parked_id']}\n")
    assert (await console("show", str(uuid4())))[0] == command_line.REFUSED
    (again,) = await some(shop)  # still nobody can read it: the same row is open again
    assert again["parked_id"] == rows[1]["parked_id"]
    assert again["version"] == 3
    assert again["replayed_at"] is None
