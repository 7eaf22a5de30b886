"""BY9: the live connection cut anywhere; what is shown afterwards equals a fresh snapshot.

Two operators of different access watch while conversations open, are taken, answered, read and closed. Each
watches four times: once undisturbed; once cut after every frame; twice cut at random bytes, at either of two
desks. The undisturbed one is the witness: the others must have been told exactly the same rows.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.clock import uuid7
from tests.support.live_client import LiveClient
from tests.support.proxy import Proxy
from tests.support.stack import Signer, Stack
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

SEED = 20260131
RANDOM_CUTS = 200
MOST_BYTES = 4000
VISITORS = 10
ACTS = 80
ACTS_BETWEEN_LOOKS = 40
LONGEST_LOOK_SECONDS = 120.0
"""Whoever is cut after every frame takes two connections for a row, and the machine is shared."""


@dataclass
class Watch:
    """One operator's screens: the undisturbed witness, the one cut after frames, those cut at bytes."""

    signer: Signer
    witness: LiveClient
    framed: LiveClient
    bytewise: list[LiveClient]
    proxies: list[Proxy]
    frame_cuts: list[int] = field(default_factory=lambda: [0])

    @property
    def screens(self) -> list[LiveClient]:
        return [self.witness, self.framed, *self.bytewise]

    @property
    def byte_cuts(self) -> int:
        return sum(proxy.cuts for proxy in self.proxies)


@asynccontextmanager
async def watching(stack: Stack, signer: Signer, rng: random.Random) -> AsyncIterator[Watch]:
    """Opens all screens of an operator."""
    desks = stack.urls("desk")
    async with AsyncExitStack() as opened:
        frame_cuts = [0]
        framed_proxy = await opened.enter_async_context(Proxy(_port(desks[0])))
        fresh = itertools.cycle([True, False])
        state = {"after_hello": next(fresh)}

        def cut_after(frame: dict[str, Any]) -> bool:
            """After a hello every other time, after everything else always."""
            if frame["t"] == "hello" and not state["after_hello"]:
                return False
            state["after_hello"] = next(fresh)
            frame_cuts[0] += framed_proxy.reset()
            return True

        def screen(**how: Any) -> LiveClient:
            return LiveClient(desks[0], signer.login, signer.password, **how)

        witness = await opened.enter_async_context(screen())
        framed = await opened.enter_async_context(screen(live=framed_proxy.url, cut_after=cut_after))
        proxies, bytewise = [], []
        for desk in desks:
            proxy = RandomCuts(_port(desk), rng)
            proxies.append(await opened.enter_async_context(proxy))
            client = screen(live=proxy.url, origin=desk)
            bytewise.append(await opened.enter_async_context(client))
        yield Watch(signer, witness, framed, bytewise, list(proxies), frame_cuts)


class RandomCuts(Proxy):
    """Each connection is cut at another byte."""

    def __init__(self, target: int, rng: random.Random) -> None:
        self._rng = rng
        super().__init__(target)

    @property
    def cut_after(self) -> int | None:
        return self._rng.randrange(1, MOST_BYTES)

    @cut_after.setter
    def cut_after(self, _: int | None) -> None:
        """Drawn anew each time."""


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


class Story:
    """Random acts of visitors and operators, one after another, from a seed."""

    def __init__(self, stack: Stack, hands: list[LiveClient], rng: random.Random) -> None:
        self.stack, self.hands, self.rng = stack, hands, rng
        self.visitors: list[Visitor] = []
        self.done: dict[str, int] = {}

    async def act(self, group: asyncio.TaskGroup) -> asyncio.Task[None] | None:
        """One act; the task of a visitor who came with it."""
        if len(self.visitors) < VISITORS and self.rng.random() < 0.2:
            return await self._come(group)
        name = self.rng.choice(["write", "write", "accept", "reply", "reply", "read", "unread", "close"])
        if name == "write":
            if self.visitors:
                await self.rng.choice(self.visitors).say(f"message {sum(self.done.values())}")
                self._count("write")
            return None
        await self._operate(name, self.rng.choice(self.hands))
        return None

    async def _come(self, group: asyncio.TaskGroup) -> asyncio.Task[None]:
        visitor = self.stack.visitor(self.rng.choice(self.stack.sites))
        running = group.create_task(visitor.run())
        self.visitors.append(visitor)
        await visitor.say("good day")
        self._count("come")
        return running

    async def _operate(self, name: str, hand: LiveClient) -> None:
        page = await hand.call("GET", "/api/conversations?folder=all&limit=100")
        if not page["items"]:
            return
        one = self.rng.choice(page["items"])
        body: dict[str, Any] = {"id": str(uuid7())}
        if name == "read":
            body["up_to"] = one["last_position"]
        if name == "reply":
            body["text"] = f"answer {sum(self.done.values())}"
        verb = "messages" if name == "reply" else name
        try:
            await hand.call("POST", f"/api/conversations/{one['conversation_id']}/{verb}", body)
            self._count(name)
        except (RuntimeError, LookupError):
            self._count("refused")

    def _count(self, name: str) -> None:
        self.done[name] = self.done.get(name, 0) + 1


async def look(watches: list[Watch]) -> None:
    """Every screen equals a fresh snapshot, at a moment at which nothing changes."""
    async with asyncio.timeout(LONGEST_LOOK_SECONDS):
        while True:
            seq = (await watches[0].witness.call("GET", "/api/folders"))["seq"]
            for watch in watches:
                for screen in watch.screens:
                    await screen.settled(seq, LONGEST_LOOK_SECONDS)
            fresh = [(await watch.witness.snapshot()).shown() for watch in watches]
            if (await watches[0].witness.call("GET", "/api/folders"))["seq"] == seq:
                break
    for watch, expected in zip(watches, fresh, strict=True):
        for screen in watch.screens:
            assert screen.model.shown() == expected


def told(screen: LiveClient, after: int) -> list[tuple[int, str, bool]]:
    """Which rows a screen was told, and whether with their state."""
    return [(one["seq"], one["id"], one["state"] is None) for one in screen.deltas if one["seq"] > after]


@pytest.mark.feature("BY9", "AD2", "LC1", "LC3", "LC4", "LC6", "LC7", "LC12")
@pytest.mark.timeout(300)
async def test_a_connection_cut_anywhere_shows_what_a_fresh_snapshot_shows(
    amqp_url: str, database_url: Callable[[str], str]
) -> None:
    rng, cuts = random.Random(SEED), random.Random(SEED)  # when something is cut changes no act
    async with Stack(amqp_url, database_url, warm=True) as stack:
        await stack.start("desk", replica=2)
        anna, boris = await asyncio.gather(
            stack.add_operator("anna", role="administrator"),
            stack.add_operator("boris", accounts=["webchat.main"], without=["others.read"]),
        )
        async with watching(stack, anna, cuts) as hers, watching(stack, boris, cuts) as his:
            watches = [hers, his]
            story = Story(stack, [hers.witness, his.witness], rng)
            async with asyncio.TaskGroup() as group:
                running = []
                for number in itertools.count(1):
                    if (come := await story.act(group)) is not None:
                        running.append(come)
                    if number % ACTS_BETWEEN_LOOKS == 0:
                        await look(watches)
                        cut_enough = min(hers.byte_cuts, his.byte_cuts) >= RANDOM_CUTS
                        if number >= ACTS and cut_enough and something_hidden(his):
                            break
                for visitor in running:
                    visitor.cancel()
            await look(watches)
            _evidence(story, watches)
            for watch in watches:
                began = max(screen.began_at for screen in watch.screens)
                for screen in watch.screens:
                    assert screen.resyncs == []
                    assert told(screen, began) == told(watch.witness, began)
            assert_nothing_leaked(his, hers)
            await access_changes(stack, watches)
        assert not stack.complaints(), stack.complaints()


def something_hidden(watch: Watch) -> bool:
    """Whether something went out of their sight: until then the story goes on."""
    return any(delta["state"] is None for delta in watch.witness.deltas)


def _evidence(story: Story, watches: list[Watch]) -> None:
    print(f"seed {SEED}; acts {story.done}")
    for watch in watches:
        rows = len(watch.witness.deltas)
        print(f"{watch.signer.login}: {rows} rows, {watch.frame_cuts[0]} cuts after frames,", end=" ")
        print(f"{watch.byte_cuts} at bytes, {sum(s.connections for s in watch.screens)} connections")
        assert watch.frame_cuts[0] >= rows, "every frame was followed by a cut"
        assert watch.byte_cuts >= RANDOM_CUTS
    for name in ("come", "write", "accept", "reply", "read", "close"):
        assert story.done.get(name), f"the story has no {name}"


def assert_nothing_leaked(limited: Watch, whole: Watch) -> None:
    """The limited operator was told no state of another account, nor of a conversation of somebody else."""
    me, gone = str(limited.signer.operator_id), 0
    accounts = {
        one.state["dialog_id"]: one.state["account"]
        for one in whole.witness.model.conversations.values()
        if one.state is not None
    }
    for screen in limited.screens:
        for delta in screen.deltas:
            state = delta["state"]
            gone += state is None
            if state is not None and delta["entity"] == "conversation":
                assert state["account"] == "webchat.main"
                assert state["assignee"] in (None, me)
            if state is not None and delta["entity"] == "message":
                assert accounts[state["dialog_id"]] == "webchat.main"
    assert gone, "something went out of sight on the way"


async def access_changes(stack: Stack, watches: list[Watch]) -> None:
    """Other accounts for the limited operator: every screen of theirs starts afresh and is right again."""
    limited = watches[1]
    await stack.say("router", "operators", "change", limited.signer.login, "--accounts", "webchat.other")
    await eventually(lambda: all(screen.resyncs for screen in limited.screens), seconds=30)
    await look(watches)
    shown = limited.witness.model.shown()
    assert {one["state"]["account"] for one in shown.values()} <= {"webchat.other"}
