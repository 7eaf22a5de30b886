"""Mails a second from a mailbox to the store, and the bare limit on the same mails, in turns.

A real Dovecot, one mailbox for each run. Ours: the e-mail gateway, the router and the store's writer, a
process each; it listens to an empty mailbox when the mails come all at once. What is measured ends with the
last row of the history: every mail read apart, recognised, put into its thread, its files kept. Bare:
tests/bench/bare_mail.py.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from gateways.email.door import PACKAGE
from shared.db.migrate import upgrade
from tests.bench import bare
from tests.bench.figures import Usage, cpu_seconds, spread, used_since
from tests.bench.mails import mails, threads
from tests.bench.paths import Store, child
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.email_member import email_member
from tests.support.email_process import write_accounts
from tests.support.member import Member
from tests.support.stack import Stack
from tests.support.token_endpoint import TokenEndpoint
from tests.support.waiting import eventually

COUNT = 3_000
TO_REACH = 250.0
KINDS = ("router", "store-write")
Place = Callable[[], AbstractContextManager[tuple[str, Path]]]
"""A fresh virtual host's address and a fresh folder."""


@contextmanager
def mail_server() -> Iterator[Dovecot]:
    endpoint = TokenEndpoint().start()
    server = Dovecot(endpoint).start()
    try:
        yield server
    finally:
        server.stop()
        server.remove()
        endpoint.stop()


async def bare_rate(server: Dovecot, amqp_url: str, folder: Path, said: list[bytes]) -> float:
    """Mails a second from the mailbox to the row, with nothing of ours."""
    user = f"bare{time.monotonic_ns()}"
    for mail in said:
        server.deliver(user, mail)
    await bare.declare(amqp_url)
    started, ended = folder / "fetch.json", folder / "keep.json"
    count = str(len(said))
    async with asyncio.TaskGroup() as group:
        group.create_task(
            child("tests.bench.bare_mail", "keep", amqp_url, count, str(folder / "bare.db"), str(ended))
        )
        await asyncio.sleep(1.5)  # it is consuming before the clock starts
        server_words = (str(server.port), user, PASSWORD)
        group.create_task(
            child("tests.bench.bare_mail", "fetch", amqp_url, count, *server_words, str(started))
        )
    begun = json.loads(started.read_text())["started"]
    return len(said) / (float(json.loads(ended.read_text())["ended"]) - float(begun))


async def our_rate(
    server: Dovecot, amqp_url: str, folder: Path, said: list[bytes]
) -> tuple[float, dict[str, Usage]]:
    """Mails a second from the mailbox to the row of the history, and what each process used."""
    user = f"ours{time.monotonic_ns()}"
    async with Stack(amqp_url, lambda owner: f"sqlite:///{folder}/{owner}.db", kinds=KINDS) as stack:
        gateway = await _gateway(server, amqp_url, folder, user)
        try:
            await eventually(lambda: gateway.lines("mailbox_begun"), seconds=30)
            store = Store(stack.databases["store"])
            rows = store.rows() + len(said) + threads(len(said))
            pids = {member.name: member.pid for member in (*stack.members.values(), gateway)}
            before = {name: cpu_seconds(pid) for name, pid in pids.items()}
            started = time.monotonic()
            for mail in said:
                server.deliver(user, mail)
            ended = await store.reaches(rows)
            usage = used_since(before, pids)
            await store.rests()
            assert store.rows() == rows, f"{store.rows() - rows} rows too many"
        finally:
            gateway.end()
    return len(said) / (ended - started), usage


async def _gateway(server: Dovecot, amqp_url: str, folder: Path, user: str) -> Member:
    """The process of e-mail, begun."""
    database = f"sqlite:///{folder}/email.db"
    await asyncio.to_thread(upgrade, database, PACKAGE)
    accounts = write_accounts(folder, user, server.port, 1, mails_per_hour_from_one=100_000)
    gateway = email_member("email", amqp_url, database, accounts, folder / "blobs")
    gateway.start()
    return gateway


async def measure_mailbox(place: Place, repeats: int, say: Callable[[str], None], count: int = COUNT) -> None:
    """Runs both in turns, there and back, and says what was found."""
    said = mails(count)
    size = sum(len(mail) for mail in said) / len(said) / 1024
    found: dict[str, list[float]] = {"bare": [], "ours": []}
    usage: dict[str, Usage] = {}
    with mail_server() as server:
        for turn in range(repeats):
            for name in ("bare", "ours") if turn % 2 == 0 else ("ours", "bare"):
                with place() as (url, folder):
                    if name == "bare":
                        rate = await bare_rate(server, url, folder, said)
                    else:
                        rate, usage = await our_rate(server, url, folder, said)
                found[name].append(rate)
                say(f"  {turn + 1}/{repeats} mailbox, {name}: {rate:,.0f} mails a second")
    say(f"\nMails a second from the mailbox to the store, n {count} of {size:.1f} KB on average:")
    say(f"bare {spread(found['bare'])}, ours {spread(found['ours'])} (to reach: {TO_REACH:.0f})")
    for name, used in usage.items():
        say(
            f"  {name}: {1000 * used.cpu_seconds / count:.2f} ms of CPU a mail, {used.rss_bytes / 1e6:.0f} MB"
        )
