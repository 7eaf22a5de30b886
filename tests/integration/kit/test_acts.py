"""Everything that the router asks of an account: in the dialog's order, done once, and told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gateways.kit.retrying import Repeatable
from shared.bus.outgoing import Outgoing
from shared.clock import uuid7
from shared.contract.content import text_content
from shared.contract.envelope import wrap
from shared.contract.ids import dialog_id
from shared.contract.outbound import (
    Act,
    CloseChat,
    DeleteMessage,
    EditMessage,
    MarkRead,
    React,
    WithdrawMessage,
)
from shared.contract.people import DialogRef
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed
from shared.topology import OUTBOUND, outbound_key
from tests.integration.kit.scripted import Able, Deduplicating, Scripted, gateway
from tests.support.waiting import eventually
from tests.support.webchat import Router

CONVERSATION = uuid7()


async def ask(router: Router, act: type[Act], visitor: str = "v1", **fields: Any) -> None:
    """Gives the account an act, as the router does."""
    ref = DialogRef(
        dialog_id=dialog_id("webchat", "main", visitor), channel="webchat", account="main", chat=visitor
    )
    now = datetime.now(UTC)
    data = act(dialog=ref, not_after=now + timedelta(hours=1), **fields)
    said = wrap(data, id=uuid7(), source="router", time=now, subject=str(ref.dialog_id))
    key = outbound_key("webchat", "main")
    await router.publisher.publish(Outgoing(OUTBOUND, key, said.encode(), str(said.id), act.TYPE))


async def declared(router: Router) -> None:
    """The account has its queue."""
    await eventually(lambda: router.of_type("inbound.account.v1"))


def deliveries(router: Router, message_id: UUID) -> list[tuple[str, str | None]]:
    return [
        (fact["data"]["state"], fact["data"].get("code"))
        for fact in router.of_type("inbound.delivery.v1")
        if fact["data"]["message_id"] == str(message_id)
    ]


def told(router: Router, type_: str) -> Callable[[], list[dict[str, Any]]]:
    return lambda: [fact["data"] for fact in router.of_type(type_)]


async def test_every_act_is_done_in_its_order(amqp_url: str, mailbox_url: str, router: Router) -> None:
    channel = Able()
    async with gateway(amqp_url, mailbox_url, channel):
        await declared(router)
        first = await router.send("v1", "first")
        await ask(router, MarkRead, external_id="theirs")
        await ask(router, EditMessage, message_id=first, content=text_content("better"))
        await ask(router, React, external_id="theirs", emoji=("👍",))
        second = await router.send("v1", "second")
        await ask(router, DeleteMessage, message_id=second)
        await ask(router, CloseChat, conversation_id=CONVERSATION)
        await eventually(lambda: len(channel.done) == 7)
        await eventually(told(router, "inbound.deletion.v1"))
    assert channel.done == [
        ("send", "first"),
        ("mark_read", "theirs"),
        ("edit", (("provider-first",), "better")),
        ("react", ("theirs", ("👍",))),
        ("send", "second"),
        ("delete", ("provider-second",)),
        ("close_chat", CONVERSATION),
    ]
    [edit] = told(router, "inbound.edit.v1")()
    assert (edit["external_id"], edit["content"]["parts"][0]["text"]) == ("provider-first", "better")
    [deletion] = told(router, "inbound.deletion.v1")()
    assert deletion["external_id"] == "provider-second"
    assert deliveries(router, first) == deliveries(router, second) == [("sent", None)]


async def test_an_act_that_went_wrong_is_done_again_and_given_up_at_last(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Able()
    channel.script["edit"].extend([Retryable(0.1, "dialog"), Unconfirmed("hung up"), ZeroDivisionError()])
    channel.script["delete"].extend(Unconfirmed("hung up") for _ in range(5))
    channel.script["mark_read"].append(Rejected("gone", "It is gone."))
    async with gateway(amqp_url, mailbox_url, channel):
        await declared(router)
        message = await router.send("v1", "hello")
        await ask(router, EditMessage, message_id=message, content=text_content("better"))
        await ask(router, DeleteMessage, message_id=message)
        await ask(router, MarkRead, external_id="theirs")
        after = await router.send("v1", "after")
        await eventually(lambda: router.outcomes(after) == ["sent"], seconds=20)
    assert channel.tries == ["hello", *["edit"] * 4, *["delete"] * 5, "mark_read", "after"]
    assert len(router.of_type("inbound.edit.v1")) == 1
    assert router.of_type("inbound.deletion.v1") == []
    assert deliveries(router, message) == [("sent", None), ("sent", "unconfirmed")]


async def test_what_cannot_be_changed_is_refused_with_words_and_the_channel_hears_nothing(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel, unknown = Able(), uuid7()
    channel.script["theirs"].append(Retryable(30, "dialog"))
    channel.script["refused"].append(Rejected("blocked", "No."))
    async with gateway(amqp_url, mailbox_url, channel):
        await declared(router)
        refused = await router.send("v1", "refused")
        another = await router.send("v2", "another dialog")
        kept = await router.send("v3", "theirs")
        await eventually(lambda: router.outcomes(another) and "theirs" in channel.tries)
        await ask(router, WithdrawMessage, message_id=kept)
        for message in (refused, another, unknown):
            await ask(router, EditMessage, message_id=message, content=text_content("better"))
        await eventually(lambda: deliveries(router, unknown))
    assert deliveries(router, refused) == [("failed", "blocked"), ("queued", "message_not_sent")]
    assert deliveries(router, unknown) == [("queued", "message_not_sent")]
    assert deliveries(router, another) == [("sent", None), ("queued", "message_not_sent")]
    assert deliveries(router, kept) == []
    assert sorted(channel.tries) == ["another dialog", "refused", "theirs"]


async def test_a_channel_that_cannot_is_not_asked(amqp_url: str, mailbox_url: str, router: Router) -> None:
    channel = Scripted()
    async with gateway(amqp_url, mailbox_url, channel):
        await declared(router)
        message = await router.send("v1", "hello")
        await ask(router, DeleteMessage, message_id=message)
        await ask(router, CloseChat, conversation_id=CONVERSATION)
        after = await router.send("v1", "after")
        await eventually(lambda: router.outcomes(after) == ["sent"])
    assert channel.tries == ["hello", "after"]
    assert deliveries(router, message) == [("sent", None), ("sent", "not_possible")]


@pytest.mark.feature("MS9")
async def test_what_still_waits_is_taken_back_and_never_sent(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Able()
    channel.probes.append(ChannelDown("no token"))
    channel.script["blocked"].append(Retryable(1.5, "dialog"))
    async with gateway(amqp_url, mailbox_url, channel):
        await declared(router)
        blocked = await router.send("v1", "blocked")
        await eventually(lambda: channel.tries == ["blocked"])
        regretted = await router.send("v1", "regretted")
        await ask(router, WithdrawMessage, message_id=regretted)
        await eventually(lambda: deliveries(router, regretted) == [("failed", "withdrawn")], seconds=1.2)
        await ask(router, WithdrawMessage, message_id=blocked)
        await eventually(lambda: deliveries(router, blocked) == [("failed", "withdrawn")])
        last = await router.send("v1", "last")
        await eventually(lambda: router.outcomes(last) == ["sent"])
    assert channel.done == [("send", "last")]
    assert channel.tries == ["blocked", "last"]


@pytest.mark.feature("MS9")
async def test_what_may_be_there_already_is_not_taken_back_as_if_it_were_not(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Deduplicating()
    channel.script["in doubt"].append(Repeatable(1.0, "no answer"))
    async with gateway(amqp_url, mailbox_url, channel):
        await declared(router)
        message = await router.send("v1", "in doubt")
        await eventually(lambda: channel.tries == ["in doubt"])
        await ask(router, WithdrawMessage, message_id=message)
        await eventually(lambda: ("sent", "too_late") in deliveries(router, message))
    assert channel.tries == ["in doubt"] * 2


@pytest.mark.feature("MS9")
async def test_an_account_that_is_down_still_takes_back(
    amqp_url: str, mailbox_url: str, router: Router
) -> None:
    channel = Able()
    channel.probes.extend(ChannelDown("no token") for _ in range(9))
    async with gateway(amqp_url, mailbox_url, channel):
        await declared(router)
        regretted = await router.send("v1", "regretted")
        await ask(router, WithdrawMessage, message_id=regretted)
        await eventually(lambda: deliveries(router, regretted) == [("failed", "withdrawn")])
    assert channel.tries == []


@pytest.mark.feature("MS9")
async def test_too_late_is_said(amqp_url: str, mailbox_url: str, router: Router) -> None:
    channel = Able()
    channel.hold.clear()
    async with gateway(amqp_url, mailbox_url, channel):
        await declared(router)
        message = await router.send("v1", "gone")
        await eventually(lambda: channel.tries == ["gone"])
        await ask(router, WithdrawMessage, message_id=message)
        other = await router.send("v2", "other")
        await eventually(lambda: channel.tries == ["gone", "other"])
        assert deliveries(router, message) == []
        channel.hold.set()
        await eventually(lambda: deliveries(router, message) == [("sent", None), ("sent", "too_late")])
        await ask(router, WithdrawMessage, message_id=message)
        await ask(router, WithdrawMessage, message_id=uuid7())
        after = await router.send("v1", "after")
        await eventually(lambda: router.outcomes(after) == ["sent"])
    assert router.outcomes(other) == ["sent"]
    assert deliveries(router, message) == [("sent", None), ("sent", "too_late")]
