"""A store that has been in use: so many messages in closed conversations, with their keys and external ids.

Written straight into the tables of a migrated SQLite file, ids as random as real ones, in dialogs of 100
messages. The keys of the last 30 days stand in the inbox too, because the writer looks each message up there.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from shared.contract.content import text_content
from shared.db.migrate import upgrade
from store import tables
from tests.bench.sources import WORDS

A_DIALOG = 100
BATCH = 20_000
_CONTENT = text_content(WORDS).model_dump(mode="json", exclude_none=True)
_made: dict[int, Path] = {}


def preload(path: Path, messages: int) -> None:
    """A store at `path` that holds `messages`; made once per process and copied."""
    if messages not in _made:
        template = Path(tempfile.mkdtemp(prefix="switchboard-bench-million-")) / "store.db"
        _make(template, messages)
        _made[messages] = template
    shutil.copy(_made[messages], path)


def forget() -> None:
    """Removes the templates."""
    for template in _made.values():
        shutil.rmtree(template.parent)
    _made.clear()


def _make(path: Path, messages: int) -> None:
    upgrade(f"sqlite:///{path}", "store")
    chance = random.Random(1)
    engine = sa.create_engine(f"sqlite:///{path}")
    start = datetime.now(UTC) - timedelta(days=29)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA synchronous = OFF")
        for first in range(0, messages, BATCH):
            for table, rows in _rows(chance, start, first, min(BATCH, messages - first)).items():
                connection.execute(table.insert(), rows)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()


def _rows(
    chance: random.Random, start: datetime, first: int, count: int
) -> dict[sa.Table, list[dict[str, Any]]]:
    rows: dict[sa.Table, list[dict[str, Any]]] = {
        tables.dialogs: [],
        tables.conversations: [],
        tables.history: [],
        tables.external_ids: [],
        tables.inbox: [],
    }
    for number in range(first, first + count, A_DIALOG):
        dialog, conversation = _uuid(chance), _uuid(chance)
        ended = start + timedelta(seconds=2 * (number + A_DIALOG))
        rows[tables.dialogs].append(_dialog(dialog, conversation, number, ended))
        rows[tables.conversations].append(_conversation(dialog, conversation, ended))
        for line in _lines(chance, dialog, conversation, start, number):
            rows[tables.history].append(line)
            external = {
                "dialog": line["dialog"],
                "external_id": line["external_id"],
                "entry_id": line["entry_id"],
            }
            rows[tables.external_ids].append(external)
            rows[tables.inbox].append({"id": _uuid(chance), "digest": None, "answer": None, "at": line["at"]})
    return rows


def _uuid(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _dialog(dialog: UUID, conversation: UUID, number: int, ended: datetime) -> dict[str, Any]:
    return {
        "dialog_id": dialog,
        "number": number // A_DIALOG + 1,
        "channel": "webchat",
        "account": "main",
        "chat": f"old-{number}",
        "kind": "personal",
        "title": None,
        "contact_id": None,
        "conversation_id": conversation,
        "last_position": _micros(ended),
        "last_sequence": A_DIALOG,
        "heard_to": 0,
        "delivered_to": 0,
        "read_to": 0,
    }


def _conversation(dialog: UUID, conversation: UUID, ended: datetime) -> dict[str, Any]:
    return {
        "conversation_id": conversation,
        "dialog_id": dialog,
        "channel": "webchat",
        "account": "webchat.main",
        "kind": "personal",
        "title": None,
        "contact_id": None,
        "client_number": None,
        "client_name": None,
        "status": "closed",
        "closed": True,
        "assignee": None,
        "participants": [],
        "opened_at": ended,
        "assigned_at": None,
        "closed_at": ended,
        "closed_by": None,
        "category": None,
        "waiting_since": None,
        "unread": 0,
        "marked_unread": False,
        "last_message_at": ended,
        "last_author": "client",
        "last_message_id": None,
        "last_text": WORDS,
        "last_kind": "text",
        "last_position": _micros(ended),
        "reopened": 0,
        "visit": None,
        "version": A_DIALOG,
        "active_at": ended,
    }


def _lines(
    chance: random.Random, dialog: UUID, conversation: UUID, start: datetime, number: int
) -> Iterator[dict[str, Any]]:
    for place in range(A_DIALOG):
        at = start + timedelta(seconds=2 * (number + place))
        yield {
            "entry_id": _uuid(chance),
            "dialog": number // A_DIALOG + 1,
            "dialog_id": dialog,
            "position": _micros(at),
            "conversation_id": conversation,
            "kind": "message",
            "at": at,
            "received_at": at,
            "sequence": place,
            "late": False,
            "external_id": f"m{place}",
            "direction": "in",
            "origin": "client",
            "author": None,
            "content": _CONTENT,
            "original": None,
            "state": None,
            "code": None,
            "words": None,
            "edited_at": None,
            "deleted_at": None,
            "reactions": None,
            "resend_of": None,
            "detail": None,
            "version": place,
            "cause": _uuid(chance),
        }
