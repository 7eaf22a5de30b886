"""A mailbox that gets 20 mails a second and answers, while everything around it is killed and cut in turn.

Every mail stands in the history once and in its order; every answer that the operator was told is accepted is
with its client once, or is said to be unconfirmed or failed.
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
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.faults.postoffice import PostOffice
from tests.faults.storm import seed
from tests.support.session import Session
from tests.support.waiting import eventually

SECONDS = float(os.environ.get("SWITCHBOARD_TEST_STORM_SECONDS") or 60)
CLIENTS = 20
ANSWER_SECONDS = 0.5
QUIET_SECONDS = 150.0
FINAL = ("sent", "failed", "unconfirmed")


@dataclass(slots=True)
class Post:
    """What was put into the mailbox by client, and what the operator wrote."""

    said: dict[int, list[str]] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)


def mail(client: int, number: int) -> bytes:
    """The `number`th of a client; all of a client's are one thread."""
    made = EmailMessage()
    made["From"] = f"Client {client} <client{client}@mail.example>"
    made["To"] = "support@shop.example"
    made["Subject"] = f"Order {client}" if number == 0 else f"Re: Order {client}"
    made["Date"] = format_datetime(datetime.now(UTC))
    made["Message-ID"] = f"<{client}.{number}@mail.example>"
    if number:
        made["In-Reply-To"] = made["References"] = f"<{client}.0@mail.example>"
    made.set_content(f"mail {client} {number}\n\nЗаказ ещё не пришёл, когда его ждать?\n" + "слово " * 40)
    return made.as_bytes()


async def write(office: PostOffice, post: Post, until: float) -> None:
    """Each client once a second, one after another."""
    started, number = time.monotonic(), 0
    while time.monotonic() < until:
        client, turn = number % CLIENTS, number // CLIENTS
        await asyncio.sleep(max(0.0, started + number / CLIENTS - time.monotonic()))
        await asyncio.to_thread(office.deliver, mail(client, turn))
        post.said.setdefault(client, []).append(f"mail {client} {turn}")
        number += 1


async def answer(office: PostOffice, post: Post, until: float, chance: random.Random) -> None:
    """The operator answers somebody; what the desk confirmed is written down."""
    while time.monotonic() < until:
        await asyncio.sleep(ANSWER_SECONDS * chance.uniform(0.5, 1.5))
        if found := await office.operator.conversations("all"):
            words = f"answer {len(post.answers)}"
            await office.operator.reply(chance.choice(found)["conversation_id"], words)
            post.answers.append(words)


async def torment(office: PostOffice, chance: random.Random) -> None:
    """Each fault in an order by the seed; the gateway twice, so that each replica is struck."""
    faults = [
        office.kill_gateway, office.kill_gateway, office.kill_dovecot, office.kill_smtp, office.kill_broker,
        office.cut_fetch, office.cut_fetch, office.cut_data, office.cut_data, office.swallow_answer,
        office.swallow_answer, office.renumber,
    ]  # fmt: skip
    chance.shuffle(faults)
    for fault in faults:
        await asyncio.sleep(chance.uniform(0.5, 1.5))
        await fault()


async def lines(office: PostOffice) -> list[dict[str, Any]]:
    """Every message of every conversation, as the operator reads them."""
    found = []
    for conversation in await office.operator.conversations("all"):
        history = await office.operator.history(conversation["conversation_id"])
        found += [line for line in history if line["kind"] == "message"]
    return found


def first_words(line: Mapping[str, Any]) -> str:
    text = next(part["text"] for part in line["content"]["parts"] if part["kind"] == "text")
    return str(text).splitlines()[0]


def judged(post: Post, found: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Lost, duplicated and out of order of what came in."""
    seen = [first_words(line) for line in found if line["direction"] == "in"]
    times = Counter(seen)
    said = [words for client in post.said.values() for words in client]
    place = {words: at for at, words in enumerate(seen)}
    disorder = [
        f"{later} before {former}"
        for client in post.said.values()
        for former, later in pairwise(client)
        if former in place and later in place and place[later] < place[former]
    ]
    return {
        "lost": [words for words in said if words not in times],
        "duplicated": [words for words in times if times[words] > 1],
        "out of order": disorder,
        "unexpected": [words for words in times if words not in set(said)],
    }


def given(post: Post, found: Sequence[Mapping[str, Any]], sent: Sequence[bytes]) -> dict[str, list[str]]:
    """What clients got of our answers, against what the operator was told."""
    states = {first_words(line): line["state"] for line in found if line["direction"] == "out"}
    got: Counter[str] = Counter()
    for raw in sent:
        body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
        assert body is not None
        got[body.get_content().splitlines()[0]] += 1
    return {
        "sent twice": [words for words in got if got[words] > 1],
        "lost answers": [words for words in post.answers if states.get(words) not in FINAL],
        "said to be sent and not there": [
            one for one, state in states.items() if state == "sent" and not got[one]
        ],
        "said to have failed and there": [
            one for one, state in states.items() if state == "failed" and got[one]
        ],
    }


@pytest.mark.timeout(500)
@pytest.mark.feature("CH11", "BY1", "MS9")
@pytest.mark.parametrize("database", ["postgresql", "sqlite"], indirect=True)
async def test_a_mailbox_under_kills_and_cuts(servers: Session, database: str, tmp_path: Path) -> None:
    chance = random.Random(number := seed())
    print(f"\nmailbox on {database}, seed {number}")
    async with PostOffice(servers, database, tmp_path) as office:
        post, began = Post(), time.monotonic()
        async with asyncio.TaskGroup() as group:
            tormented = group.create_task(torment(office, chance))
            writing = group.create_task(write(office, post, began + 4 * SECONDS))
            answering = group.create_task(answer(office, post, began + 4 * SECONDS, chance))
            await tormented
            await asyncio.sleep(max(0.0, began + SECONDS - time.monotonic()))
            for task in (writing, answering):
                task.cancel()
        seconds = time.monotonic() - began
        count = sum(len(client) for client in post.said.values())

        async def quiet() -> list[dict[str, Any]]:
            found = await lines(office)
            came = sum(line["direction"] == "in" for line in found)
            waiting = [line for line in found if line["direction"] == "out" and line["state"] not in FINAL]
            assert came >= count, f"{came} of {count} mails"
            assert not waiting, f"{len(waiting)} answers wait"
            return found

        found = await eventually(quiet, seconds=QUIET_SECONDS, every_seconds=1.0)
        mistakes = judged(post, found) | given(post, found, [one.content for one in office.smtp.mails])
        states = Counter(line["state"] for line in found if line["direction"] == "out")
        for fault in office.done:
            print(f"  {fault.at:6.1f} s  {fault.what:<8} {fault.target:<12} {fault.evidence}")
        print(f"  {count} mails in {seconds:.0f} s, {len(post.answers)} answers: {dict(states)}")
        for title, where in mistakes.items():
            print(f"  {title}: {len(where)} {where[:5]}")
        parked = await office.parked()
        print(f"  parked: {parked}")
        assert not any(mistakes.values()), mistakes
        assert parked == 0
        assert len(office.done) == 12
