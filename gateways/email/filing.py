"""Threads in the database: what is known about a page of mails, and what the page adds to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from secrets import token_bytes
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.email import subjects, tables
from gateways.email.thread import Arrived, Filed, Known, Last, Mailbox, Thread
from gateways.email.threads import asked_names, tokens
from shared.db.dialect import insert, is_sqlite, upsert
from shared.db.direct import rows, run

_KEY_BYTES: Final = 32

_t, _p, _m, _h = tables.threads, tables.participants, tables.mails, tables.heard
_of: Final = sa.bindparam("of", type_=sa.Text)
_wanted: Final[sa.BindParameter[Any]] = sa.bindparam("wanted", expanding=True)

_mails: Final = sa.select(_m.c.name, _m.c.chat, _m.c.ours).where(_m.c.account == _of, _m.c.name.in_(_wanted))
_chats: Final = sa.select(_t).where(_t.c.account == _of, _t.c.chat.in_(_wanted))
_tokens: Final = sa.select(_t).where(_t.c.account == _of, _t.c.token.in_(_wanted))
_subjects: Final = (
    sa.select(_t)
    .where(
        _t.c.account == _of,
        _t.c.client.in_(_wanted),
        _t.c.bare_subject.in_(sa.bindparam("subjects", expanding=True)),
    )
    .order_by(_t.c.last_at.desc())
    .limit(1000)
)
_participants: Final = sa.select(_p.c.chat, _p.c.address, _p.c.wrote).where(
    _p.c.account == _of, _p.c.chat.in_(_wanted)
)
_heard: Final = sa.select(_h.c.identity).where(_h.c.account == _of, _h.c.identity.in_(_wanted))


@cache
def _once(on_sqlite: bool, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    statement = sqlite.insert(table) if on_sqlite else postgresql.insert(table)
    return statement.on_conflict_do_nothing()


async def key_of(conn: AsyncConnection, account: str) -> bytes:
    """The mailbox's random key, made at the first time; within a writing transaction."""
    fresh = {"account": account, "key": token_bytes(_KEY_BYTES)}
    await conn.execute(insert(conn, tables.keys).on_conflict_do_nothing(), fresh)
    query = sa.select(tables.keys.c.key).where(tables.keys.c.account == account)
    return bytes((await conn.execute(query)).scalar_one())


async def heard_before(conn: AsyncConnection, account: str, identities: Collection[str]) -> set[str]:
    """Which of these mails were taken in already."""
    if not identities:
        return set()
    found = await rows(conn, _heard, {"of": account, "wanted": list(identities)})
    return {row.identity for row in found}


async def known(conn: AsyncConnection, box: Mailbox, page: Sequence[Arrived]) -> Known:
    """What the tables hold about these mails: threads, who is in them, which names are whose."""
    found = Known()
    names = {name for arrived in page for name in asked_names(arrived)}
    for row in await _rows(conn, _mails, box.account, names):
        found.mails[row.name] = Filed(row.chat, row.ours)
    # the own names too: a thread may have the name of a mail that is not filed
    chats = {filed.chat for filed in found.mails.values()} | {a.name for a in page if a.name}
    for row in await _rows(conn, _chats, box.account, chats):
        found.threads[row.chat] = _thread(row)
    by_token = {token for arrived in page for token in tokens(arrived, box)}
    for row in await _rows(conn, _tokens, box.account, by_token):
        found.threads[row.chat] = _thread(row)
    for row in await _of_senders(conn, box.account, page):
        found.threads[row.chat] = _thread(row)
    for row in await _rows(conn, _participants, box.account, set(found.threads)):
        found.participants[row.chat, row.address] = bool(row.wrote)
    return found


async def thread_of(conn: AsyncConnection, account: str, chat: str) -> Thread | None:
    """One thread; none where nobody began it."""
    (found, *_) = [*await _rows(conn, _chats, account, {chat}), None]
    return None if found is None else _thread(found)


async def save(conn: AsyncConnection, account: str, learned: Known, heard: Collection[str] = ()) -> None:
    """Writes what a page added, and which mails it were."""
    threads = [_values(account, learned.threads[chat]) for chat in learned.changed]
    if threads:
        await run(conn, upsert(conn, _t), threads)
    people = [
        {"account": account, "chat": chat, "address": address, "wrote": wrote}
        for (chat, address), wrote in learned.new_participants.items()
    ]
    if people:
        await run(conn, upsert(conn, _p), people)
    filed = [
        {"account": account, "name": name, "chat": one.chat, "ours": one.ours}
        for name, one in learned.new_mails.items()
    ]
    if filed:
        await run(conn, _once(is_sqlite(conn), _m), filed)
    if heard:
        new = [{"account": account, "identity": identity} for identity in heard]
        await run(conn, _once(is_sqlite(conn), _h), new)


async def file_ours(conn: AsyncConnection, account: str, name: str, chat: str, message: UUID) -> None:
    """A Message-ID of ours belongs to a thread from now on."""
    row = {"account": account, "name": name, "chat": chat, "ours": message}
    await run(conn, _once(is_sqlite(conn), _m), row)


async def _rows(
    conn: AsyncConnection, query: sa.Select[Any], account: str, wanted: set[str]
) -> Sequence[Any]:
    return await rows(conn, query, {"of": account, "wanted": sorted(wanted)}) if wanted else ()


async def _of_senders(conn: AsyncConnection, account: str, page: Sequence[Arrived]) -> Sequence[Any]:
    """Threads that answers without references may belong to."""
    bare = {(arrived.sender, subjects.bare(arrived.mail.subject)) for arrived in page if arrived.by_person}
    asked = sorted(pair for pair in bare if pair[1])
    if not asked:
        return ()
    wanted = {
        "wanted": sorted({client for client, _ in asked}),
        "subjects": sorted({one for _, one in asked}),
    }
    return await rows(conn, _subjects, {"of": account, **wanted})


def _thread(row: Any) -> Thread:
    return Thread(
        row.chat, row.token, row.client, row.subject, row.bare_subject, row.last_at, Last.of(row.last)
    )


def _values(account: str, thread: Thread) -> dict[str, Any]:
    return {
        "account": account,
        "chat": thread.chat,
        "token": thread.token,
        "client": thread.client,
        "subject": thread.subject,
        "bare_subject": thread.bare_subject,
        "last_at": thread.last_at,
        "last": thread.last.plain(),
    }
