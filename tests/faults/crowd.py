"""Visitors and operators who talk in many dialogs at once, as the widget and the page do it.

Both sides say things at their own pace, whatever happens; what is not acknowledged is repeated under its
id. An operator's reply follows the answer to the one before; a visitor does not wait. On purpose frames and
commands are said twice, and now and then a conversation is closed, reopened by its visitor, and accepted by
two at once.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from shared.clock import uuid7
from shared.contract.ids import dialog_id
from tests.faults.ledger import Ledger, Said
from tests.support.operator import Operator, Refused
from tests.support.visitor import Visitor

REPEATED_FRAMES = 0.1
"""The part of visitors' messages whose frame is sent twice."""
REPEATED_COMMANDS = 0.1
LOBBY_SECONDS = 0.5


@dataclass(slots=True)
class Contest:
    """Two operators accepted one conversation at once; `winners` were told that they have it."""

    dialog: int
    conversation: str
    winners: list[str]
    losers: list[str]


@dataclass(slots=True)
class Tally:
    """What the crowd did besides talking."""

    repeated_frames: int = 0
    repeated_commands: int = 0
    expired: int = 0
    contests: list[Contest] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    """Answers that no story explains."""
    refusals: Counter[str] = field(default_factory=Counter)


class Pace:
    """When one speaker speaks: `seconds` apart from a random moment on, what is late at once.

    At least `times` times, and for as long as it is not `over`.
    """

    def __init__(self, chance: random.Random, seconds: float, times: int, over: Callable[[], bool]) -> None:
        self._seconds = seconds
        self._next = time.monotonic() + chance.uniform(0, seconds)
        self._left = times
        self._over = over

    async def turn(self) -> bool:
        """Waits for the next moment; false when there is none any more."""
        await asyncio.sleep(self._next - time.monotonic())
        self._next += self._seconds
        self._left -= 1
        return self._left >= 0 or not self._over()


class Guest:
    """One visitor of the site, in one dialog."""

    def __init__(
        self, number: int, visitor: Visitor, ledger: Ledger, tally: Tally, chance: random.Random
    ) -> None:
        self.number = number
        self.visitor = visitor
        self._ledger = ledger
        self._tally = tally
        self._chance = chance

    @property
    def dialog_id(self) -> str:
        made: UUID = dialog_id("webchat", "main", self.visitor.visitor)
        return str(made)

    async def talk(self, pace: Pace) -> None:
        while await pace.turn():
            self.say()

    def say(self) -> Said:
        """Sends, without waiting for the acknowledgement."""
        said = self._ledger.offer(self.number, "client")
        cid = str(uuid7())
        future = self.visitor.post(said.text, cid=cid)
        future.add_done_callback(lambda done: self._told(said, done.result()))
        if self._chance.random() < REPEATED_FRAMES:
            delay = self._chance.choice((0.0, 0.3, 3.0))
            asyncio.get_running_loop().call_later(delay, self._repeat, cid, said.text)
        return said

    def cut(self) -> bool:
        """The socket is lost without a word; whether there was one."""
        there = self.visitor.welcomed.is_set()
        if there:
            self.visitor.socket.cut()
        return there

    def _repeat(self, cid: str, text: str) -> None:
        """The same again, as another tab of the browser may send it: until it is acknowledged too."""
        self.visitor.post(text, cid=cid)
        self._tally.repeated_frames += 1

    def _told(self, said: Said, frame: dict[str, Any]) -> None:
        if frame["t"] == "ack":
            self._ledger.accepted(said, frame["seq"])
        else:
            self._ledger.refused(said, frame["code"])
            self._tally.surprises.append(f"a visitor's message was refused: {frame}")


class Lobby:
    """Which conversations are new: one look for all who wait for one."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._waiting: dict[tuple[str, int], asyncio.Future[str]] = {}
        self._wanted = asyncio.Event()

    async def newcomer(self, dialog: str, reopened: int) -> str:
        """The conversation of this dialog, new after it was reopened so many times."""
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[dialog, reopened] = future
        self._wanted.set()
        return await future

    async def run(self) -> None:
        while True:
            await self._wanted.wait()
            for state in await self._operator.conversations("new"):
                future = self._waiting.pop((state["dialog_id"], state["reopened"]), None)
                if future is not None:
                    future.set_result(state["conversation_id"])
            if not self._waiting:
                self._wanted.clear()
            await asyncio.sleep(LOBBY_SECONDS)


class Desk:
    """The operators' side of one dialog."""

    def __init__(
        self, guest: Guest, pair: Sequence[Operator], lobby: Lobby, ledger: Ledger, tally: Tally,
        chance: random.Random,
    ) -> None:  # fmt: skip
        self.number = guest.number
        self.conversation = ""
        self._guest = guest
        self._pair = pair
        self._holder = pair[0]
        self._lives = 0
        self._lobby = lobby
        self._ledger = ledger
        self._tally = tally
        self._chance = chance

    async def take(self) -> None:
        """Both accept the conversation at once: one has it."""
        await self._guest.visitor.welcomed.wait()
        conversation = await self._lobby.newcomer(self._guest.dialog_id, self._lives)
        self._lives += 1
        told = await asyncio.gather(*(self._accept(one, conversation) for one in self._pair))
        winners = [one for one, has in zip(self._pair, told, strict=True) if has]
        losers = [one for one, has in zip(self._pair, told, strict=True) if not has]
        self._tally.contests.append(
            Contest(self.number, conversation, [one.login for one in winners], [one.login for one in losers])
        )
        self._holder = winners[0] if winners else self._pair[0]
        self.conversation = conversation

    async def answer(self, pace: Pace, *, reopen_at: float | None) -> None:
        """Replies at its pace; at `reopen_at` closes, and goes on with what the visitor opens then."""
        while await pace.turn():
            if reopen_at is not None and time.monotonic() > reopen_at:
                reopen_at = None
                await self._close()
                self._guest.say()  # opens it again, unless an earlier word of theirs has
                await self.take()
            await self.reply()

    async def reply(self) -> Said:
        said = self._ledger.offer(self.number, "operator")
        act = uuid7()
        twice = self._chance.random() < REPEATED_COMMANDS
        self._tally.repeated_commands += twice
        tries = [self._say(said, act) for _ in range(2 if twice else 1)]
        refused = [why for why in await asyncio.gather(*tries) if why]
        if len(refused) == len(tries):
            self._ledger.refused(said, refused[0])
            self._tally.surprises.append(f"a reply was refused: {refused[0]}")
        else:
            self._ledger.accepted(said, said.n)
            if refused:
                self._tally.surprises.append(f"one of two equal replies was refused: {refused[0]}")
        return said

    async def _say(self, said: Said, act: Any) -> str:
        """Empty, or why it was refused."""
        while True:
            try:
                await self._holder.reply(self.conversation, said.text, act)
            except Refused as refusal:
                self._tally.refusals[refusal.code] += 1
                if refusal.code != "expired":
                    return str(refusal)
                self._tally.expired += 1  # it was not done, and the same act may be asked for again
                continue
            return ""

    async def _accept(self, operator: Operator, conversation: str) -> bool:
        act = uuid7()
        while True:
            try:
                await operator.accept(conversation, act)
            except Refused as refusal:
                self._tally.refusals[refusal.code] += 1
                if refusal.code == "expired":
                    self._tally.expired += 1
                    continue
                if refusal.code != "assigned_to_other":
                    self._tally.surprises.append(f"accept: {refusal}")
                return False
            return True

    async def _close(self) -> None:
        act = uuid7()
        while True:
            try:
                await self._holder.write(f"/api/conversations/{self.conversation}/close", act)
            except Refused as refusal:
                self._tally.refusals[refusal.code] += 1
                if refusal.code == "expired":
                    self._tally.expired += 1
                    continue
                self._tally.surprises.append(f"close: {refusal}")
            return
