"""`python -m store parked …`: what was given up on, listed, shown, replayed, discarded.

Commands over AMQP like anybody's, as a console with all rights. Exit codes: 0 done, 1 refused (the words say
why), 2 a wrong command line, 3 no answer: the writer or the broker is away.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from shared.bus.call import AnswerLate, Caller
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.clock import SystemClock, uuid7
from shared.contract.commands import (
    PATIENCE,
    Answer,
    Command,
    DiscardParked,
    ListParked,
    ReplayParked,
    ShowParked,
)
from shared.contract.envelope import wrap
from shared.contract.people import Actor
from shared.failure import Unavailable
from shared.trace import new_trace
from store.settings import StoreSettings

ANSWER_SECONDS: Final = 30.0
REFUSED, AWAY = 1, 3
COLUMNS: Final = ("parked_id", "parked_at", "queue", "reason", "type", "size_bytes")


def main(arguments: Sequence[str], settings: StoreSettings) -> int:
    """Runs one command line; its exit code."""
    chosen = _parser().parse_args(list(arguments))
    try:
        answers = asyncio.run(_carry_out(settings.secret("amqp_url"), chosen))
    except (Unavailable, AnswerLate) as error:
        print(f"no answer: {error}", file=sys.stderr)
        return AWAY
    for answer in answers:
        if answer.refusal is not None:
            language = "ru" if os.environ.get("LANG", "").startswith("ru") else "en"
            print(answer.refusal.words(language), file=sys.stderr)
            return REFUSED
        for line in _lines(chosen, answer.result):
            print(line)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m store parked", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="the answer as JSON")
    verbs = parser.add_subparsers(dest="verb", required=True)
    listing = verbs.add_parser("list", help="what nobody has replayed or discarded, newest first")
    listing.add_argument("--limit", type=int, choices=range(1, 501), default=50, metavar="1..500")
    show = verbs.add_parser("show", help="one with its error and its raw body")
    show.add_argument("id", type=UUID)
    replay = verbs.add_parser("replay", help="back to where they came from")
    replay.add_argument("id", type=UUID, nargs="*")
    replay.add_argument("--all", action="store_true", help="all that nobody has replayed or discarded")
    discard = verbs.add_parser("discard", help="given up for good; the row stays")
    discard.add_argument("id", type=UUID, nargs="+")
    return parser


async def _carry_out(url: str, chosen: argparse.Namespace) -> list[Answer]:
    """The answers; replaying all goes on until nothing is left."""
    async with Broker(url, name="console") as broker:
        caller = Caller(broker, Publisher(broker))
        answers = [await _ask(caller, chosen)]
        while chosen.verb == "replay" and chosen.all and answers[-1].result.get("left"):
            answers.append(await _ask(caller, chosen))
        return answers


async def _ask(caller: Caller, chosen: argparse.Namespace) -> Answer:
    now = SystemClock().now()
    envelope = wrap(
        _command(chosen),
        id=uuid7(now),
        source="console",
        time=now,
        subject="parked",
        traceparent=new_trace(),
    )
    return await caller.call(envelope, timeout=ANSWER_SECONDS)


def _command(chosen: argparse.Namespace) -> Command:
    actor = Actor(kind="console", id=os.environ.get("USER", "console") or "console")
    deadline = SystemClock().now() + PATIENCE
    if chosen.verb == "list":
        return ListParked(actor=actor, deadline=deadline, limit=chosen.limit)
    if chosen.verb == "show":
        return ShowParked(actor=actor, deadline=deadline, parked_id=chosen.id)
    if chosen.verb == "replay":
        if chosen.all == bool(chosen.id):
            raise SystemExit("name what to replay, or say --all")
        return ReplayParked(actor=actor, deadline=deadline, parked_ids=tuple(chosen.id))
    return DiscardParked(actor=actor, deadline=deadline, parked_ids=tuple(chosen.id))


def _lines(chosen: argparse.Namespace, result: dict[str, Any]) -> Iterable[str]:
    if chosen.json:
        return [json.dumps(result, ensure_ascii=False)]
    if chosen.verb == "list":
        return table(result["parked"], result["total"])
    if chosen.verb == "show":
        return _shown(result)
    return [f"{chosen.verb}: {one}" for one in result.get("replayed", result.get("discarded", []))]


def table(rows: Sequence[dict[str, Any]], total: int) -> list[str]:
    """What is parked, a line each, without anybody's words."""
    if not rows:
        return ["nothing is parked"]
    cells = [COLUMNS, *([str(row[name]) for name in COLUMNS] for row in rows)]
    widths = [max(len(line[number]) for line in cells) for number in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    beyond = [f"… and {total - len(rows)} more"] if total > len(rows) else []
    return [*(line.rstrip() for line in lines), *beyond]


def _shown(result: dict[str, Any]) -> Iterable[str]:
    yield from (f"{name}: {value}" for name, value in result["parked"].items() if value is not None)
    yield f"error: {result['error']}"
    yield f"headers: {json.dumps(result['headers'], ensure_ascii=False)}"
    yield "body:" if result["whole"] else "body (its beginning):"
    yield result["body"]
