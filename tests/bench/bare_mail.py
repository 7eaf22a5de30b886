"""The bare limit of a mailbox: aioimaplib, Python's `email`, a broker and one SQLite file, nothing of ours.

Two processes: one fetches a hundred mails at a time, parses each, takes its text and publishes it with a
confirm; the other consumes, inserts in commits of up to 200 (`synchronous=FULL`) and acknowledges. No thread
is looked for, nothing is recognised, no file is kept.

    python -m tests.bench.bare_mail fetch AMQP_URL COUNT IMAP_PORT USER PASSWORD FILE
    python -m tests.bench.bare_mail keep  AMQP_URL COUNT DATABASE FILE
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import uvloop
from aioimaplib import aioimaplib  # type: ignore[import-untyped]  # it has no types
from aiormq.abc import DeliveredMessage

from tests.bench.bare import FIRST, Pipeline, channel_of, consume

AT_ONCE = 100


async def fetch(url: str, count: str, port: str, user: str, password: str, file: str) -> None:
    client = aioimaplib.IMAP4("127.0.0.1", int(port), timeout=60)
    await client.wait_hello_from_server()
    await client.login(user, password)
    started = time.monotonic()
    await client.select("INBOX")
    found = await client.uid_search("ALL", charset=None)
    uids = found.lines[0].split()
    assert len(uids) == int(count), f"{len(uids)} mails instead of {count}"
    async with channel_of(url) as channel:
        pipeline = Pipeline(channel, FIRST)
        tasks = []
        for first in range(0, len(uids), AT_ONCE):
            named = b",".join(uids[first : first + AT_ONCE]).decode()
            answer = await client.uid("fetch", named, "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[])")
            raws = [bytes(line) for line in answer.lines if isinstance(line, bytearray)]
            tasks += [await pipeline.publish(_text(raw)) for raw in raws]
        await asyncio.gather(*tasks)
    assert len(tasks) == int(count), f"{len(tasks)} mails published instead of {count}"
    await client.logout()
    await asyncio.to_thread(Path(file).write_text, json.dumps({"started": started}))


def _text(raw: bytes) -> bytes:
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain", "html"))
    said = {"from": str(mail["From"]), "subject": str(mail["Subject"]), "id": str(mail["Message-ID"])}
    return json.dumps(said | {"text": body.get_content() if body else ""}).encode()


async def keep(url: str, count: str, database: str, file: str) -> None:
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)"
    )

    def insert(bodies: list[tuple[bytes]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO row (body) VALUES (?)", bodies)
        connection.execute("COMMIT")

    async def store(batch: list[DeliveredMessage]) -> None:
        await asyncio.to_thread(insert, [(message.body,) for message in batch])

    async with channel_of(url) as channel:
        await consume(channel, FIRST, int(count), store)
    ended = time.monotonic()
    await asyncio.to_thread(Path(file).write_text, json.dumps({"ended": ended}))


if __name__ == "__main__":
    uvloop.run(fetch(*sys.argv[2:]) if sys.argv[1] == "fetch" else keep(*sys.argv[2:]))
