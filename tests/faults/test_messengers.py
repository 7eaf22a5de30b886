"""All messengers at once: webhooks three times and shuffled, statuses before their messages, answers cut off,
while gateways, router, store and broker are killed in turn.

Every message of a client stands in the history once and in its order. Every answer that the operator was told
is accepted was read by its client once, or is `unconfirmed`; where the provider drops repeats it is sent.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.faults.bots import Max, Telegram
from tests.faults.messengers import Messenger, Open, Vk, Whatsapp
from tests.faults.oracle import text_of
from tests.faults.storm import seed
from tests.faults.telegraph import Telegraph
from tests.support.session import Session
from tests.support.waiting import eventually

SECONDS = float(os.environ.get("SWITCHBOARD_TEST_STORM_SECONDS") or 60)
CLIENTS = 10
EVERY_SECONDS = 0.3
"""Between two messages of one messenger."""
WINDOW = 20
TIMES = 3
ANSWER_SECONDS = 0.25
RESETS = 2
"""Of each messenger."""
QUIET_SECONDS = 120.0
DONE = ("sent", "delivered", "read", "failed", "unconfirmed")
SENT = ("sent", "delivered", "read")


@dataclass(slots=True)
class Talk:
    """What clients said, by messenger and client, and what the operator wrote, by messenger."""

    said: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    answers: dict[str, list[str]] = field(default_factory=dict)

    def count(self, channel: str) -> int:
        return sum(len(texts) for (of, _), texts in self.said.items() if of == channel)


async def speak(
    telegraph: Telegraph, messenger: Messenger, talk: Talk, over: asyncio.Event, chance: random.Random
) -> None:
    """Clients write in turn; each window is called three times over, in any order."""
    window: list[Any] = []
    started, number = time.monotonic(), 0
    while not over.is_set() or number % WINDOW:
        await asyncio.sleep(max(0.0, started + number * EVERY_SECONDS - time.monotonic()))
        client, turn = number % CLIENTS, number // CLIENTS
        words = f"{messenger.channel} {client} {turn}"
        talk.said.setdefault((messenger.channel, client), []).append(words)
        window.append(messenger.update(client, turn, words, datetime.now(UTC)))
        number += 1
        if len(window) == WINDOW:
            calls = window * TIMES
            chance.shuffle(calls)
            for update in calls:
                telegraph.deliver(messenger, update)
            window.clear()


async def answer(telegraph: Telegraph, talk: Talk, over: asyncio.Event, chance: random.Random) -> None:
    """The operator answers somebody of each messenger in turn; what the desk confirmed is written down."""
    channels = [one.channel for one in telegraph.messengers]
    known: dict[str, str] = {}
    numbers = 0
    while not over.is_set():
        await asyncio.sleep(ANSWER_SECONDS * chance.uniform(0.5, 1.5))
        if len(known) < CLIENTS * len(channels):
            found = await telegraph.operator.conversations("all")
            known = {one["conversation_id"]: one["channel"] for one in found}
        channel = channels[numbers % len(channels)]
        numbers += 1
        if mine := [conversation for conversation, of in known.items() if of == channel]:
            words = f"answer {numbers} of {channel}"
            await telegraph.operator.reply(chance.choice(mine), words)
            talk.answers.setdefault(channel, []).append(words)


async def torment(telegraph: Telegraph, chance: random.Random) -> None:
    """Kills one after another, and answers cut off meanwhile, each in an order by the seed."""

    async def kills() -> None:
        strikes: list[Any] = [telegraph.kill_routers, telegraph.kill_store, telegraph.kill_broker]
        strikes += [lambda one=one: telegraph.kill_gateway(one) for one in telegraph.messengers]
        chance.shuffle(strikes)
        for strike in strikes:
            await asyncio.sleep(chance.uniform(0.5, 1.5))
            await strike()

    async def resets(messenger: Messenger) -> None:
        for _ in range(RESETS):
            await asyncio.sleep(chance.uniform(1, 20))
            await telegraph.accept_then_reset(messenger)

    async with asyncio.TaskGroup() as group:
        group.create_task(kills())
        for messenger in telegraph.messengers:
            group.create_task(resets(messenger))


async def lines(telegraph: Telegraph) -> dict[str, list[dict[str, Any]]]:
    """Every message of every conversation, by messenger, as the operator reads them."""
    found: dict[str, list[dict[str, Any]]] = {one.channel: [] for one in telegraph.messengers}
    for conversation in await telegraph.operator.conversations("all"):
        history = await telegraph.operator.history(conversation["conversation_id"])
        found[conversation["channel"]] += [line for line in history if line["kind"] == "message"]
    return found


def heard(channel: str, talk: Talk, found: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Mistakes in what came in."""
    seen = [text_of(line) for line in found if line["direction"] == "in"]
    times, place = Counter(seen), {words: at for at, words in enumerate(seen)}
    clients = [texts for (of, _), texts in talk.said.items() if of == channel]
    said = {words for texts in clients for words in texts}
    return {
        "lost": [words for words in said if words not in times],
        "duplicated": [words for words in times if times[words] > 1],
        "disordered": [
            f"{later} before {former}"
            for texts in clients
            for former, later in pairwise(texts)
            if former in place and later in place and place[later] < place[former]
        ],
        "unexpected": [words for words in times if words not in said],
    }


def given(messenger: Messenger, talk: Talk, found: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Mistakes in what clients got of our answers, against what the operator was told."""
    states = {text_of(line): line["state"] for line in found if line["direction"] == "out"}
    got = Counter(messenger.shown)
    answers = talk.answers.get(messenger.channel, [])
    return {
        "sent twice": [words for words in got if got[words] > 1],
        "lost answers": [words for words in answers if states.get(words) not in DONE],
        "said to be sent and not there": [
            words for words, state in states.items() if state in SENT and not got[words]
        ],
        "failed": [words for words, state in states.items() if state == "failed"],
        "of unknown fate though repeats are dropped": [
            words for words, state in states.items() if messenger.safe and state == "unconfirmed"
        ],
    }


@pytest.mark.timeout(400)
@pytest.mark.feature("CH3", "CH5", "CH6", "CH13", "CH14", "BY1", "BY2", "MS9")
@pytest.mark.parametrize("database", ["postgresql", "sqlite"], indirect=True)
async def test_messengers_under_kills_and_cuts(servers: Session, database: str, tmp_path: Path) -> None:
    chance = random.Random(number := seed())
    print(f"\nmessengers on {database}, seed {number}")
    messengers = [Telegram(), Vk(), Whatsapp(), Max(), Open()]
    async with Telegraph(servers, database, tmp_path, messengers, number) as telegraph:
        talk, over, began = Talk(), asyncio.Event(), time.monotonic()
        async with asyncio.TaskGroup() as group:
            for messenger in messengers:
                group.create_task(speak(telegraph, messenger, talk, over, chance))
            group.create_task(answer(telegraph, talk, over, chance))
            await torment(telegraph, chance)
            await asyncio.sleep(max(0.0, began + SECONDS - time.monotonic()))
            over.set()
        seconds = time.monotonic() - began
        await telegraph.settled()

        async def quiet() -> dict[str, list[dict[str, Any]]]:
            found = await lines(telegraph)
            for channel, those in found.items():
                came = sum(line["direction"] == "in" for line in those)
                assert came >= talk.count(channel), f"{channel}: {came} of {talk.count(channel)}"
                waiting = [line for line in those if line["direction"] == "out" and line["state"] not in DONE]
                assert not waiting, f"{channel}: {len(waiting)} answers wait"
            return found

        found = await eventually(quiet, seconds=QUIET_SECONDS, every_seconds=1.0)
        mistakes = report(telegraph, talk, found, seconds)
        parked = await telegraph.parked()
        print(f"  parked: {parked}")
        assert not mistakes, mistakes
        assert not telegraph.refused, telegraph.refused[:5]
        assert parked == 0
        judge_faults(telegraph, found)


def report(
    telegraph: Telegraph, talk: Talk, found: Mapping[str, Sequence[Mapping[str, Any]]], seconds: float
) -> dict[str, list[str]]:
    """Prints what happened; the mistakes by messenger and kind."""
    for fault in sorted(telegraph.done, key=lambda one: one.at):
        print(f"  {fault.at:6.1f} s  {fault.what:<6} {fault.target:<16} {fault.evidence}")
    mistakes: dict[str, list[str]] = {}
    for messenger in telegraph.messengers:
        channel, those = messenger.channel, found[messenger.channel]
        states = Counter(line["state"] for line in those if line["direction"] == "out")
        calls = {how: count for (of, how), count in telegraph.calls.items() if of == channel}
        wrong = heard(channel, talk, those) | given(messenger, talk, those)
        print(
            f"  {channel}: n {talk.count(channel)} in, {len(talk.answers.get(channel, []))} out in "
            f"{seconds:.0f} s; calls {calls}; told early {telegraph.told_early[channel]}; {dict(states)}"
        )
        print("    " + ", ".join(f"{title} {len(where)}" for title, where in wrong.items()))
        mistakes |= {f"{channel} {title}": where[:5] for title, where in wrong.items() if where}
    return mistakes


def judge_faults(telegraph: Telegraph, found: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Each planned fault happened, and was felt."""
    kinds = Counter(fault.what for fault in telegraph.done)
    routers = sum(fault.target.startswith("router") for fault in telegraph.done)
    assert kinds == {
        "kill": len(telegraph.messengers) + routers + 2,
        "reset": RESETS * len(telegraph.messengers),
    }
    assert any(how == "no answer" for _, how in telegraph.calls), "no call came while a gateway was away"
    for messenger in telegraph.messengers:
        channel = messenger.channel
        assert bool(telegraph.told_early[channel]) == messenger.early
        unknown = sum(line.get("state") == "unconfirmed" for line in found[channel])
        assert messenger.safe or messenger.early or unknown >= RESETS, f"{channel}: who knows of them?"
