"""Folders of a store in use: how long the counters and the first page of each list take, asked over HTTP.

    python -m tests.bench.folders [--rounds 60]

100,000 dialogs with a conversation each: 90,000 closed, 5,000 new, 5,000 of 50 operators. Asked by one who
sees conversations of others and by one who does not. To reach: 20 ms at p95 on both databases.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import aiohttp
from sqlalchemy import Table, insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.contract.capabilities import Capabilities
from shared.contract.events import Status
from shared.contract.rights import rights_of
from shared.db.dialect import is_sqlite
from shared.db.engine import open_engine, writing
from shared.db.migrate import upgrade
from shared.http.server import HttpServer
from store.api.answers import Folder
from store.api.application import application
from store.contacts import address_id
from store.directory import accounts, operators
from store.tables import contacts, conversations, dialogs, participants
from store.views import AccountView, ConversationView
from tests.bench.figures import percentile
from tests.support.session import Session

DIALOGS: Final = 100_000
NEW: Final = 5_000
TAKEN: Final = 5_000
OPERATORS: Final = tuple(UUID(int=number) for number in range(1, 51))
SEES_ALL, SEES_OWN = OPERATORS[0], OPERATORS[1]
VIEWERS: Final = {SEES_ALL: "sees all", SEES_OWN: "sees their own"}
ACCOUNTS: Final = tuple(f"webchat.site{number}" for number in range(5))
FOLDERS: Final[tuple[Folder, ...]] = ("new", "mine", "others", "all", "closed")
BATCH: Final = 5_000
REACH_MS: Final = 20.0
TOKEN: Final = "a token of the bench"

Rows = dict[Table, list[dict[str, Any]]]


async def fill(engine: AsyncEngine, count: int = DIALOGS, new: int = NEW, taken: int = TAKEN) -> None:
    """A store that holds so many dialogs; each time the same."""
    chance = random.Random(4)
    now = datetime.now(UTC)
    kinds = cast(list[Status], ["new"] * new + ["active"] * taken + ["closed"] * (count - new - taken))
    chance.shuffle(kinds)
    async with writing(engine) as conn:
        for table, rows in _directory().items():
            await conn.execute(insert(table), rows)
    for first in range(0, count, BATCH):
        made: Rows = {dialogs: [], contacts: [], conversations: [], participants: []}
        for number in range(first, min(first + BATCH, count)):
            _dialog(made, chance, number, kinds[number], now - timedelta(seconds=30 * (count - number)))
        async with writing(engine) as conn:
            for table, rows in made.items():
                if rows:
                    await conn.execute(insert(table), rows)
    if not is_sqlite(engine):  # there autovacuum does it within a minute; nobody does it for SQLite
        async with engine.connect() as raw:
            await (await raw.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))


def _directory() -> Rows:
    shown = [
        AccountView(account=name, channel="webchat", name=name, capabilities=Capabilities()).__dict__
        for name in ACCOUNTS
    ]
    people = []
    for id_ in OPERATORS:
        rights = rights_of("operator", ("others.read",) if id_ == SEES_OWN else ())
        named = dict.fromkeys(("login", "name", "public_name"), f"operator{id_.int}")
        people.append(
            {
                "operator_id": id_, **named, "role": "operator", "rights": sorted(rights), "groups": [],
                "status": "available", "available": True, "present": True, "disabled": False, "version": 1,
                "access_version": 1,
            }
        )  # fmt: skip
    return {accounts: [{**one, "access_version": 1} for one in shown], operators: people}


def _dialog(made: Rows, chance: random.Random, number: int, status: Status, at: datetime) -> None:
    address, account = f"visitor{number}", chance.choice(ACCOUNTS)
    contact, id_ = address_id("webchat", address), UUID(int=chance.getrandbits(128), version=4)
    untaken = status == "new" or (status == "closed" and chance.random() < 0.05)
    assignee = None if untaken else chance.choice(OPERATORS)
    others = tuple(chance.sample(OPERATORS, 1)) if chance.random() < 0.1 and not untaken else ()
    waits = status != "closed" and chance.random() < 0.4
    to = chance.choice(OPERATORS) if status != "closed" and chance.random() < 0.02 else None
    view = ConversationView.model_construct(
        conversation_id=id_, dialog_id=id_, channel="webchat", account=account, kind="personal",
        contact_id=contact, client_number=number, client_name=f"Visitor {number}", status=status,
        assignee=assignee, participants=others, opened_at=at, waiting_since=at if waits else None,
        unread=chance.randint(1, 5) if waits else 0, last_message_at=at, last_author="client",
        last_text="Good day, where is my order? I have been waiting for it since Monday.", last_kind="text",
        last_position=number, version=7,
    )  # fmt: skip
    closed = {"closed": status == "closed", "active_at": at, "offered_to": to, "offered_group": None}
    made[conversations].append({**view.__dict__, **closed})
    made[participants] += [{"conversation_id": id_, "operator_id": one} for one in others]
    made[contacts].append(
        {
            "contact_id": contact,
            "number": number + 1,
            "name": f"Visitor {number}",
            "version": 1,
            "created_at": at,
        }
    )
    made[dialogs].append(
        {
            "dialog_id": id_, "number": number + 1, "channel": "webchat", "chat": address, "kind": "personal",
            "account": account.partition(".")[2], "contact_id": contact, "conversation_id": id_,
            "last_position": number, "heard_to": 0, "delivered_to": 0, "read_to": 0,
        }
    )  # fmt: skip


async def measure(engine: AsyncEngine, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every request, by what was asked for and by whom."""
    taken: dict[str, list[float]] = {}
    paths = [("/v1/folders", {}), *(("/v1/conversations", {"folder": one}) for one in FOLDERS)]
    server = HttpServer(application(engine, lambda: TOKEN), "127.0.0.1", 0)
    async with server, aiohttp.ClientSession(server.url) as session:
        for turn, (who, named), (path, params) in product(range(-3, rounds), VIEWERS.items(), paths):
            headers = {"Authorization": f"Bearer {TOKEN}", "X-Operator": str(who)}
            begun = time.perf_counter()
            async with session.get(path, headers=headers, params=params) as response:
                await response.read()
                assert response.status == 200
            if turn >= 0:  # before that: what a process compiles once
                name = f"{params.get('folder', 'counters')}, by one who {named}"
                taken.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
    return taken


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """The addresses of a fresh database of each kind, migrated."""
    session = Session()
    try:
        with tempfile.TemporaryDirectory(prefix="switchboard-folders-") as folder:
            server = session.postgres("postgres")
            urls = {
                "sqlite": f"sqlite:///{Path(folder) / 'store.db'}",
                "postgresql": server.url(server.fresh_database("store")),
            }
            for url in urls.values():
                upgrade(url, "store")
            yield urls
    finally:
        session.close()


async def run(kind: str, url: str, rounds: int) -> bool:
    """Prints a line for each request; whether all of them are fast enough."""
    engine = open_engine(url)
    try:
        await fill(engine)
        taken = await measure(engine, rounds)
    finally:
        await engine.dispose()
    for name, times in taken.items():
        p50, p95 = percentile(times, 0.50), percentile(times, 0.95)
        print(f"| {kind} | {name} | {len(times)} | {p50:.1f} | {p95:.1f} |", flush=True)
    return all(percentile(times, 0.95) <= REACH_MS for times in taken.values())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.folders", description="Lists and counters.")
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    with databases() as urls:
        print("| database | asked | n | p50 ms | p95 ms |\n|---|---|---|---|---|", flush=True)
        reached = [asyncio.run(run(kind, url, rounds)) for kind, url in urls.items()]
    print(f"to reach: {REACH_MS:.0f} ms at p95: {'reached' if all(reached) else 'missed'}")


if __name__ == "__main__":
    main()
