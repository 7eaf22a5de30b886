"""Sent means known: each end of a try, in its order, reported once."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from gateways.kit import journal
from gateways.kit.journal import Entry
from gateways.kit.retrying import Repeatable, Troubling
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer, Delivery
from shared.bus.outgoing import Outgoing
from shared.clock import uuid7
from shared.contract.ids import dialog_id
from shared.db.engine import open_engine, writing
from shared.db.types import to_micros
from shared.failure import ChannelDown, Rejected, Retryable, Unavailable, Unconfirmed
from shared.topology import OUTBOUND, account_queue, outbound_key
from tests.integration.kit.scripted import Deduplicating, Paced, PacedByAccount, Scripted, gateway
from tests.support.waiting import eventually
from tests.support.webchat import Router


def health(router: Router) -> list[str]:
    return [fact["data"]["state"] for fact in router.of_type("inbound.health.v1")]


def tells(router: Router) -> list[tuple[str, str | None]]:
    """The account's health with its reason."""
    return [
        (fact["data"]["state"], fact["data"].get("reason")) for fact in router.of_type("inbound.health.v1")
    ]


def report(router: Router, message_id: UUID) -> dict[str, object]:
    [fact] = [
        fact["data"]
        for fact in router.of_type("inbound.delivery.v1")
        if fact["data"]["message_id"] == str(message_id)
    ]
    return dict(fact)


async def test_every_end_is_reported_and_the_next_goes_on(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Scripted()
    channel.script["rejected"].append(Rejected("blocked", "The client does not want to hear from us."))
    channel.script["unknown"].append(Unconfirmed("The provider hung up."))
    channel.script["ours"].append(Unavailable("our database"))
    async with gateway(amqp_url, mailbox_url, channel):
        await eventually(lambda: health(router) == ["well"])
        texts = ("first", "rejected", "unknown", "ours", "last")
        sent = {text: await router.send("v1", text) for text in texts}
        await eventually(lambda: all(router.outcomes(one) for one in sent.values()))
    assert channel.tries == ["first", "rejected", "unknown", "ours", "ours", "last"]
    assert {text: router.outcomes(one) for text, one in sent.items()} == {
        "first": ["sent"],
        "rejected": ["failed"],
        "unknown": ["unconfirmed"],
        "ours": ["sent"],
        "last": ["sent"],
    }
    assert report(router, sent["first"])["external_id"] == "provider-first"
    assert report(router, sent["rejected"])["code"] == "blocked"
    assert report(router, sent["unknown"])["words"] == "The provider hung up."


async def test_a_dialog_that_must_wait_holds_up_nobody_else(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Scripted()
    channel.script["later"].append(Retryable(2.0, "dialog"))
    async with gateway(amqp_url, mailbox_url, channel):
        await eventually(lambda: health(router))
        await router.send("v1", "later")
        behind = await router.send("v1", "behind it")
        other = await router.send("v2", "other dialog")
        await eventually(lambda: router.outcomes(other) == ["sent"], seconds=1.9)
        assert router.outcomes(behind) == []
        await eventually(lambda: router.outcomes(behind) == ["sent"])
    assert [text for text in channel.tries if text != "other dialog"] == ["later", "later", "behind it"]


async def test_an_account_that_must_wait_sends_nothing(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Scripted()
    channel.script["throttled"].append(Retryable(1.5, "account"))
    async with gateway(amqp_url, mailbox_url, channel):
        await eventually(lambda: health(router))
        await router.send("v1", "throttled")
        await eventually(lambda: channel.tries == ["throttled"])
        other = await router.send("v2", "other dialog")
        await eventually(lambda: health(router) == ["well", "throttled"], seconds=1.4)
        assert channel.tries == ["throttled"]
        await eventually(lambda: router.outcomes(other) == ["sent"])
        await eventually(lambda: health(router) == ["well", "throttled", "well"])
    assert sorted(channel.tries[1:]) == ["other dialog", "throttled"]
    told = router.of_type("inbound.health.v1")[1]["data"]
    assert datetime.fromisoformat(told["until"]) > datetime.fromisoformat(told["at"])


@pytest.mark.feature("BY10")
async def test_a_provider_in_trouble_is_no_throttle_and_is_told_of_at_the_third_time(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Scripted()
    channel.script["first"] += [Troubling(0.1, "The provider cannot be reached.", "account")] * 3
    async with gateway(amqp_url, mailbox_url, channel):
        await eventually(lambda: health(router))
        message = await router.send("v1", "first")
        await eventually(lambda: router.outcomes(message) == ["sent"])
        await eventually(lambda: health(router) == ["well", "degraded", "well"])
    assert channel.tries == ["first"] * 4
    assert router.of_type("inbound.health.v1")[1]["data"]["reason"] == "The provider cannot be reached."


async def test_a_channel_that_is_down_says_so_and_comes_back(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Scripted()
    channel.script["revoked"].append(ChannelDown("the token was revoked"))
    async with gateway(amqp_url, mailbox_url, channel):
        await eventually(lambda: health(router))
        message = await router.send("v1", "revoked")
        await eventually(lambda: router.outcomes(message) == ["sent"])
        await eventually(lambda: health(router) == ["well", "down", "well"])
    assert router.of_type("inbound.health.v1")[1]["data"]["reason"] == "the token was revoked"


@pytest.mark.feature("BY10")
async def test_who_has_to_log_in_is_told_so_and_nothing_is_sent_until_then(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Scripted()
    channel.probes.append(ChannelDown("login_needed: signed out elsewhere"))
    async with gateway(amqp_url, mailbox_url, channel):
        await eventually(lambda: router.of_type("inbound.account.v1"))
        message = await router.send("v1", "waits")
        await eventually(lambda: router.outcomes(message) == ["sent"])
        await eventually(lambda: len(health(router)) == 2)
    assert tells(router) == [("login_needed", "signed out elsewhere"), ("well", None)]
    assert channel.tries == ["waits"]


@pytest.mark.parametrize("kind", [Paced, PacedByAccount])
async def test_an_account_keeps_to_its_pace(
    kind: type[Scripted], amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = kind()
    async with gateway(amqp_url, mailbox_url, channel):
        await eventually(lambda: health(router) == ["well"])
        sent = [await router.send(f"v{number}", f"{number}") for number in range(4)]
        await eventually(lambda: all(router.outcomes(one) == ["sent"] for one in sent))
    # three pauses of half a second; without a pace all four are with the channel in one turn
    assert channel.times[-1] - channel.times[0] > 1.0


async def test_our_own_bug_ends_after_five_tries(amqp_url: str, mailbox_url: str, router: Router) -> None:
    channel = Deduplicating()
    channel.script["bug"].extend(ZeroDivisionError() for _ in range(9))
    async with gateway(amqp_url, mailbox_url, channel):
        await eventually(lambda: health(router))
        bug, after = await router.send("v1", "bug"), await router.send("v1", "after")
        await eventually(lambda: router.outcomes(after) == ["sent"], seconds=20)
    assert channel.tries == ["bug"] * 5 + ["after"]
    assert report(router, bug)["state"] == "failed"


async def test_what_is_too_late_is_never_sent(amqp_url: str, mailbox_url: str, router: Router) -> None:
    channel = Scripted()
    async with gateway(amqp_url, mailbox_url, channel):
        await eventually(lambda: health(router))
        late, good = await router.send("v1", "late", seconds=-1), await router.send("v1", "good")
        await eventually(lambda: router.outcomes(good) == ["sent"])
    assert channel.tries == ["good"]
    assert report(router, late) | {"state": "failed", "code": "expired"} == report(router, late)


async def test_what_may_be_there_already_is_never_said_to_be_too_late(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Deduplicating()
    channel.script["in doubt"].append(Repeatable(1.5, "no answer"))
    async with gateway(amqp_url, mailbox_url, channel):
        await eventually(lambda: health(router))
        message = await router.send("v1", "in doubt", seconds=1)
        await eventually(lambda: router.outcomes(message) == ["unconfirmed"])
    assert channel.tries == ["in doubt"]


async def test_what_is_too_late_is_told_while_the_account_is_down(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Scripted()
    channel.probes += [ChannelDown("revoked")] * 9
    async with gateway(amqp_url, mailbox_url, channel):
        await eventually(lambda: health(router) == ["down"])
        waits, late = await router.send("v1", "waits"), await router.send("v1", "late", seconds=-1)
        await eventually(lambda: router.outcomes(late) == ["failed"])
        assert report(router, late)["code"] == "expired"
        assert router.outcomes(waits) == []
    assert channel.tries == []


@pytest.mark.parametrize(("channel", "end"), [(Scripted(), "unconfirmed"), (Deduplicating(), "sent")])
async def test_what_a_dead_owner_left_in_sending(
    amqp_url: str, mailbox_url: str, router: Router, channel: Scripted, end: str
) -> None:
    first = Scripted()
    async with gateway(amqp_url, mailbox_url, first):
        await eventually(lambda: health(router))
    message = await router.send("v1", "in doubt")
    engine = open_engine(mailbox_url)
    async with writing(engine) as conn:
        # the dead owner's last transaction: taken, and marked before the call
        body = (await _take_raw(amqp_url)).body
        now = to_micros(datetime.now(UTC))
        entry = Entry(message, "main", dialog_id("webchat", "main", "v1"), False, body, now + 10**9)
        await journal.add(conn, [entry], now)
        await journal.mark_sending(conn, [entry])
    await engine.dispose()
    channel.tries.clear()
    async with gateway(amqp_url, mailbox_url, channel):
        after = await router.send("v1", "after")
        await eventually(lambda: router.outcomes(after) == ["sent"])
    assert router.outcomes(message) == [end]
    assert channel.tries == (["in doubt", "after"] if end == "sent" else ["after"])


async def test_bytes_that_are_no_message_are_parked_and_a_repeat_changes_nothing(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Scripted()
    async with gateway(amqp_url, mailbox_url, channel):
        await eventually(lambda: health(router))
        poison = Outgoing(
            OUTBOUND, outbound_key("webchat", "main"), b"{", str(uuid7()), "outbound.message.v1"
        )
        await router.publisher.publish(poison)
        identity = uuid7()
        for _ in range(3):
            await router.send("v1", "once", message_id=identity)
        last = await router.send("v1", "last")
        await eventually(lambda: router.outcomes(last) == ["sent"])
    assert channel.tries == ["once", "last"]
    assert router.outcomes(identity) == ["sent"]


async def _take_raw(amqp_url: str) -> Delivery:
    """Takes one delivery from the account's queue and acknowledges it, as an owner that died then."""
    async with Broker(amqp_url, name="dead-owner") as broker:
        consumer = Consumer(broker, [account_queue("webchat", "main").name])
        [delivery] = await consumer.next_batch()
        await consumer.settle([delivery])
        await consumer.pause()
    return delivery
