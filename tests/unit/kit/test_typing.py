"""Who writes: told often enough to be seen; shown by the owner alone, and only while all is well."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from gateways.kit.channel import Sent
from gateways.kit.condition import Account, Condition, Owned
from gateways.kit.errands import Errands
from gateways.kit.health import WELL, Paused, Stopped
from gateways.kit.typing import Repeats
from gateways.kit.typists import Typists
from shared.clock import SystemClock
from shared.contract.capabilities import Capabilities
from shared.contract.envelope import Envelope
from shared.contract.live import Typing
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.failure import Retryable
from tests.support.waiting import eventually

pytestmark = pytest.mark.feature("MS11")

DIALOG, OTHER = uuid4(), uuid4()


@dataclass
class Watch:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_what_goes_on_is_told_again_after_a_while_and_its_end_at_once() -> None:
    watch = Watch()
    repeats = Repeats(2.0, watch)
    told: list[tuple[float, bool]] = []
    for at, on in (
        (0, True),
        (1, True),
        (1.9, True),
        (2, True),
        (2.5, False),
        (2.6, False),
        (3, True),
        (4, True),
    ):
        watch.seconds = at
        if repeats.news(DIALOG, on=on):
            told.append((at, on))
    assert told == [(0, True), (2, True), (2.5, False), (4, True)]
    assert repeats.news(OTHER, on=False), "another replica may have told its beginning"
    assert repeats.news(OTHER, on=True)


class Shown:
    """`trouble` is raised at the next call."""

    capabilities: ClassVar[Capabilities] = Capabilities(typing_out=True)

    def __init__(self) -> None:
        self.shown: list[tuple[str, bool]] = []
        self.trouble: Exception | None = None

    async def send(self, _message: Envelope[SendMessage]) -> Sent:
        return Sent(())

    async def probe(self) -> None:
        return

    async def typing(self, dialog: DialogRef, *, on: bool) -> None:
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble
        self.shown.append((dialog.chat, on))


class Silent(Shown):
    capabilities: ClassVar[Capabilities] = Capabilities()


@dataclass
class Scene:
    typists: Typists
    channel: Shown
    condition: Condition
    owned: dict[str, Owned]
    watch: Watch = field(default_factory=Watch)

    async def hint(self, chat: str = "c1", **changes: Any) -> None:
        dialog = DialogRef(
            dialog_id=changes.pop("dialog_id", uuid4()),
            channel=changes.pop("channel", "acme"),
            account=changes.pop("account", "main"),
            chat=chat,
        )
        known: dict[str, Any] = {
            "dialog_id": dialog.dialog_id,
            "dialog": dialog,
            "by": "operator",
            "name": "Anna",
        }
        await self.typists.heard(Typing(**(known | changes)).model_dump_json().encode())

    async def shown(self) -> list[tuple[str, bool]]:
        """What was shown, once everything before was done."""
        await self.hint("last", by="operator")
        await eventually(lambda: ("last", True) in self.channel.shown)
        done = [one for one in self.channel.shown if one[0] != "last"]
        self.channel.shown.clear()
        return done


@asynccontextmanager
async def scene(channel: Shown | None = None) -> AsyncIterator[Scene]:
    channel = channel or Shown()
    condition, watch, errands = (
        Condition(Account("acme", "main"), SystemClock()),
        Watch(),
        Errands(in_flight=1),
    )
    owned = {"main": Owned(channel, condition)}
    asked = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        side = [
            group.create_task(condition.probe_always(channel, asked.set)),
            group.create_task(errands.run()),
        ]
        await asked.wait()
        assert condition.health == WELL
        yield Scene(Typists("acme", owned, errands, watch), channel, condition, owned, watch)
        for task in side:
            task.cancel()


async def test_the_owner_shows_what_operators_of_its_accounts_do() -> None:
    async with scene() as made:
        await made.hint("ours")
        await made.hint("theirs", account="other")
        await made.hint("elsewhere", channel="other")
        await made.hint("client", by="client")
        await made.hint("nowhere", dialog=None)
        await made.typists.heard(b"{")
        assert await made.shown() == [("ours", True)]


async def test_nobody_is_told_more_than_once_in_four_seconds_beside_the_end() -> None:
    async with scene() as made:
        for at, on in ((0.0, True), (3.9, True), (4.0, True), (5.0, False), (5.1, False), (6.0, True)):
            made.watch.seconds = at
            await made.hint(f"at {at}", dialog_id=DIALOG, on=on)
        assert await made.shown() == [("at 0.0", True), ("at 4.0", True), ("at 5.0", False)]


async def test_a_stopped_or_throttled_account_shows_nothing() -> None:
    async with scene() as made:
        now = SystemClock().now()
        for sign in (Stopped("revoked"), Paused(now, now.replace(year=now.year + 1))):
            well, made.condition.health = made.condition.health, made.condition.health
            made.condition.hear(sign)
            await made.hint("hidden")
            made.condition.health = well
        assert await made.shown() == []


async def test_failures_are_nobodys_concern_but_a_pause_is_kept() -> None:
    async with scene() as made:
        made.channel.trouble = RuntimeError("a bug")
        await made.hint("broken")
        assert await made.shown() == []
        made.channel.trouble = Retryable(30, "account")
        await made.hint("throttled")
        await eventually(lambda: made.channel.trouble is None)
        await made.hint("too soon")
        made.watch.seconds = 31
        assert await made.shown() == []


async def test_a_channel_that_does_not_announce_it_is_not_asked() -> None:
    async with scene(Silent()) as made:
        await made.hint("hidden")
        made.owned["main"] = Owned(Shown(), made.condition)
        await made.hint("hidden too late")
        await asyncio.sleep(0)
        assert made.channel.shown == []
