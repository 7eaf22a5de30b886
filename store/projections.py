"""Operators, groups, accounts, acts and requests as the events tell them: the newest version of each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.envelope import Data, Envelope
from shared.contract.events import AccountChanged, ActRecorded, GroupChanged, OperatorChanged, RequestReceived
from shared.db.dialect import insert
from store.feed import FeedLog
from store.tables import accounts, audit, groups, operators, requests
from store.views import EVERYBODY, AccountView, AuditView, GroupView, OperatorView, needs, of_account

PROJECTED = (OperatorChanged, GroupChanged, AccountChanged, ActRecorded, RequestReceived)


async def project(conn: AsyncConnection, feed: FeedLog, envelope: Envelope[Data]) -> None:
    """One event of these; an older version than the one known changes nothing."""
    event = envelope.data
    trace = envelope.traceparent
    if isinstance(event, OperatorChanged):
        await _operator(conn, feed, event, trace)
    elif isinstance(event, GroupChanged):
        await _group(conn, feed, event, trace)
    elif isinstance(event, AccountChanged):
        await _account(conn, feed, event, trace)
    elif isinstance(event, ActRecorded):
        await _act(conn, feed, event, envelope.id, trace)
    elif isinstance(event, RequestReceived):
        await _request(conn, event, envelope.id)


async def _operator(conn: AsyncConnection, feed: FeedLog, event: OperatorChanged, trace: str | None) -> None:
    row = {name: getattr(event, name) for name in operators.c.keys()}  # noqa: SIM118 - columns, not a mapping
    known = await _version(conn, operators, event.operator_id)
    if known is None or event.version > known:
        await _upsert(conn, operators, row)
        view = OperatorView.model_validate(row)
        before = None if known is None else EVERYBODY
        feed.add(
            "operator", event.operator_id, "changed", view, version=event.version,
            before=before, after=EVERYBODY, cause=event.cause, traceparent=trace,
        )  # fmt: skip


async def _group(conn: AsyncConnection, feed: FeedLog, event: GroupChanged, trace: str | None) -> None:
    known = await _version(conn, groups, event.slug)
    if known is None or event.version > known:
        row = {"slug": event.slug, "name": event.name, "version": event.version}
        await _upsert(conn, groups, row)
        before = None if known is None else EVERYBODY
        feed.add(
            "group", event.slug, "changed", GroupView.model_validate(row), version=event.version,
            before=before, after=EVERYBODY, cause=event.cause, traceparent=trace,
        )  # fmt: skip


async def _account(conn: AsyncConnection, feed: FeedLog, event: AccountChanged, trace: str | None) -> None:
    name = f"{event.channel}.{event.account}"
    query = select(accounts.c.version, accounts.c.access_version, accounts.c.groups)
    known = (await conn.execute(query.where(accounts.c.account == name))).first()
    if known is not None and event.version <= known.version:
        return
    view = AccountView.model_validate({**event.__dict__, "account": name})
    moved = known is None or set(known.groups) != set(event.groups)
    access = (0 if known is None else known.access_version) + moved
    await _upsert(conn, accounts, {**view.__dict__, "access_version": access})
    feed.add(
        "account", name, "changed", view, version=event.version,
        before=None if known is None else of_account(name), after=of_account(name),
        cause=event.cause, traceparent=trace,
    )  # fmt: skip


async def _act(
    conn: AsyncConnection, feed: FeedLog, event: ActRecorded, id_: UUID, trace: str | None
) -> None:
    view = AuditView.model_validate({**event.__dict__, "audit_id": id_})
    values = {**view.__dict__, "actor": event.actor.model_dump(mode="json", exclude_none=True)}
    result = await conn.execute(insert(conn, audit).values(values).on_conflict_do_nothing())
    if result.rowcount:
        feed.add(
            "audit", id_, "recorded", view, version=1,
            before=None, after=needs("audit.read"), traceparent=trace,
        )  # fmt: skip


async def _request(conn: AsyncConnection, event: RequestReceived, id_: UUID) -> None:
    row = {
        "request_id": id_,
        "channel": event.channel,
        "account": event.account,
        "external_id": event.external_id,
        "stated": event.model_dump(mode="json", exclude_none=True),
        "received_at": event.received_at,
    }
    await conn.execute(insert(conn, requests).values(row).on_conflict_do_nothing())


async def _version(conn: AsyncConnection, table: Table, key: object) -> int | None:
    column = next(iter(table.primary_key.columns))
    found: int | None = (await conn.execute(select(table.c.version).where(column == key))).scalar()
    return found


async def _upsert(conn: AsyncConnection, table: Table, row: dict[str, Any]) -> None:
    keys = [column.name for column in table.primary_key.columns]
    statement = insert(conn, table).values(row)
    mutable = {name: statement.excluded[name] for name in row if name not in keys}
    await conn.execute(statement.on_conflict_do_update(index_elements=keys, set_=mutable))
