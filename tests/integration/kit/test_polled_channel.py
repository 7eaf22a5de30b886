"""A channel whose provider is asked, as processes: nothing is lost, doubled or out of order."""

import asyncio
import signal
import subprocess
import time

import pytest

from tests.integration.kit.polled import PROBE, SEND, UPDATES, Scene, receipt, said
from tests.support.provider_faults import AcceptThenReset, Fail, Garbage, ResetAfter, Throttle
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.timeout(180),  # processes of their own
    pytest.mark.feature("CH1"),
]


async def test_whatever_the_provider_does_everything_is_heard_once_and_in_order(acme: Scene) -> None:
    """A poll is throttled, fails, is cut, answers garbage, is answered and cut: the cursor waits."""
    faults = (Throttle(0.1), Fail(502), ResetAfter(30), Garbage(), AcceptThenReset())
    acme.provider.script(UPDATES, *faults)
    news = acme.invented.news
    news.tell(said("m1", "one"), {"nobody": "knows this"}, said("m2", "two"))
    async with acme.replica() as replica:
        await eventually(lambda: acme.router.heard("c7") == ["one", "two"], seconds=40)
        assert acme.provider.left(UPDATES) == 0
        for number in range(3, 9):
            news.tell(said(f"m{number}", f"text {number}"))
        await eventually(lambda: len(acme.router.heard("c7")) == 8, seconds=20)
        assert acme.router.heard("c7")[2:] == [f"text {number}" for number in range(3, 9)]
        unreadable = [
            fact["data"]["content"]["parts"][0]["raw"]["text"]
            for fact in acme.router.of_type("inbound.message.v1")
            if fact["data"]["dialog"]["chat"] == "unreadable"
        ]
        assert unreadable == ['{"nobody": "knows this"}']
        assert len(replica.logged("poll_failed")) == len(faults)
        assert len(acme.router.of_type("inbound.message.v1")) == 9


async def test_no_update_is_lost_or_doubled_over_kills(acme: Scene) -> None:
    """Killed after a fetch, after the commit and anywhere: every start goes on where facts were safe."""
    news, texts = acme.invented.news, [f"text {number}" for number in range(40)]
    for number, text in enumerate(texts[:10]):
        news.tell(said(f"m{number}", text))
    async with acme.replica(SWITCHBOARD_FAULT_AT="after_fetch:1") as replica:
        assert await replica.ended() == 137
    async with acme.replica(SWITCHBOARD_FAULT_AT="after_accept_commit:1") as replica:
        assert await replica.ended() == 137
    assert news.furthest == 0
    async with acme.replica() as replica:
        for number, text in enumerate(texts[10:30], 10):
            news.tell(said(f"m{number}", text))
            await asyncio.sleep(0.01)  # a stream of them
        await eventually(lambda: news.furthest > 12)
        await replica.kill()
    async with acme.replica(SWITCHBOARD_FAULT_AT="after_accept_commit:2") as replica:
        for number, text in enumerate(texts[30:], 30):
            news.tell(said(f"m{number}", text))
            await asyncio.sleep(0.01)
        assert await replica.ended() == 137
    async with acme.replica():
        await eventually(lambda: acme.router.heard("c7") == texts, seconds=20)
    assert len({fact["id"] for fact in acme.router.of_type("inbound.message.v1")}) == len(texts)


async def test_one_replica_polls_and_the_standby_takes_over(acme: Scene) -> None:
    """The owner is killed, the next is frozen and wakes up: somebody polls within seconds, two never do."""
    news = acme.invented.news
    async with acme.replica() as first, acme.replica(listens=False) as second:
        news.tell(said("m1", "one"))
        await eventually(lambda: acme.router.heard("c7") == ["one"])
        with pytest.raises(AssertionError):
            await eventually(lambda: news.most_asking > 1, seconds=1)
        assert not second.logged("listening")
        await first.kill()
        began = time.monotonic()
        news.tell(said("m2", "two"))
        await eventually(lambda: acme.router.heard("c7") == ["one", "two"], seconds=10)
        assert second.logged("listening")
        assert time.monotonic() - began < 8


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # on SQLite the system keeps the lock
async def test_who_was_frozen_and_wakes_up_moves_nothing(acme: Scene) -> None:
    news = acme.invented.news
    async with acme.replica() as first, acme.replica(listens=False) as second:
        first.process.send_signal(signal.SIGSTOP)
        news.tell(said("m1", "one"))
        await eventually(lambda: second.logged("listening"), seconds=20)
        news.tell(said("m2", "two"))
        await eventually(lambda: acme.router.heard("c7") == ["one", "two"], seconds=10)
        first.process.send_signal(signal.SIGCONT)
        await eventually(lambda: first.logged("account_given_up"), seconds=10)
        news.tell(said("m3", "three"))
        await eventually(lambda: acme.router.heard("c7") == ["one", "two", "three"])
        assert len(first.logged("listening")) == 1


@pytest.mark.feature("BY10")
async def test_a_provider_that_lets_nobody_in_is_told_and_polled_again_when_well(acme: Scene) -> None:
    acme.provider.script(UPDATES, Fail(401))
    acme.provider.script(PROBE, *[Fail(401)] * 2)
    async with acme.replica() as replica:
        await eventually(lambda: "down" in acme.states() and not acme.provider.left(UPDATES))
        acme.invented.news.tell(said("m1", "one"))
        replica.process.terminate()  # in the long pause before the next poll
        assert await replica.ended(5) == 0
    async with acme.replica():
        await eventually(lambda: acme.router.heard("c7") == ["one"])
        await eventually(lambda: acme.states()[-1] == "well", seconds=30)


async def test_the_stop_does_not_wait_for_a_long_poll(acme: Scene) -> None:
    """What is with the provider is finished, nothing more is asked; the next process knows all of it."""
    answered = asyncio.Event()
    taken = asyncio.Event()

    async def slowly(_name: str) -> None:
        taken.set()
        await answered.wait()

    acme.invented.during, acme.invented.news.longest_seconds = slowly, 25
    async with acme.replica() as replica:
        await eventually(lambda: acme.invented.news.asking)
        message = await acme.send("a long way")
        await taken.wait()
        polls, began = len(acme.provider.seen(UPDATES)), time.monotonic()
        replica.process.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            await replica.ended(1)
        answered.set()
        assert await replica.ended(10) == 0
        assert time.monotonic() - began < 10
        assert len(acme.provider.seen(UPDATES)) == polls
    await eventually(lambda: acme.router.outcomes(message) == ["sent"])


async def test_own_messages_in_a_poll_are_echoes_and_early_receipts_are_matched(acme: Scene) -> None:
    """The poll tells of our message before its send is answered; other dialogs do not wait for that."""
    news, answered = acme.invented.news, asyncio.Event()

    async def tell_first(name: str) -> None:
        news.tell(said(name, "ours", ours=True), receipt(name), said("m1", "another dialog", chat="c8"))
        await answered.wait()

    acme.invented.during = tell_first
    async with acme.replica():
        message = await acme.send("ours")
        await eventually(lambda: acme.router.heard("c8") == ["another dialog"])
        assert not acme.router.of_type("inbound.delivery.v1")
        answered.set()
        await eventually(lambda: acme.router.outcomes(message) == ["sent", "delivered"])
        news.tell(said("e1", "from a telephone", ours=True), receipt("unknown"))
        await eventually(lambda: acme.router.heard("c7"))
        await eventually(lambda: len(acme.router.of_type("inbound.delivery.v1")) == 3)
    assert acme.router.heard("c7") == ["from a telephone"]
    assert [fact["data"]["origin"] for fact in acme.router.of_type("inbound.message.v1")] == [
        "client",
        "external",
    ]
    of_nobody = [fact["data"]["external_id"] for fact in acme.router.of_type("inbound.delivery.v1")]
    assert of_nobody == ["p1", "p1", "unknown"]


async def test_an_echo_of_a_send_that_a_kill_cut_short_is_matched(acme: Scene) -> None:
    """The provider has the message and drops its repeat; nothing of it is taken for somebody else's."""
    taken = asyncio.Event()

    async def never(_name: str) -> None:
        taken.set()
        await asyncio.Event().wait()

    acme.invented.during = never
    async with acme.replica() as replica:
        message = await acme.send("ours")
        await taken.wait()
        await replica.kill()
    acme.invented.during = None
    acme.invented.news.tell(said("p1", "ours", ours=True), receipt("p1"))
    acme.provider.script(PROBE, Fail(503))  # so that the poll comes long before the repeat
    async with acme.replica():
        await eventually(lambda: acme.router.outcomes(message) == ["sent", "delivered"], seconds=40)
    assert acme.invented.texts == ["ours"]
    assert len(acme.provider.taken(SEND)) == 2
    assert not acme.router.of_type("inbound.message.v1")
