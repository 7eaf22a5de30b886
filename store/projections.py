"""What events tell of operators, groups, accounts, statuses, acts, requests: the newest version of each."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.envelope import Data, Envelope
from shared.contract.events import (
    AccountChanged,
    AccountTemplates,
    ActRecorded,
    GroupChanged,
    OperatorChanged,
    RequestReceived,
    StatusesChanged,
)
from shared.db.dialect import insert
from store.directory import account_templates, accounts, groups, operators, statuses
from store.feed import FeedLog
from store.sights import EVERYBODY, needs, of_account
from store.tables import audit, requests
from store.views import AccountView, AuditView, GroupView, OperatorView, StatusesView

PROJECTED = (
    OperatorChanged,
    StatusesChanged,
    GroupChanged,
    AccountChanged,
    AccountTemplates,
    ActRecorded,
    RequestReceived,
)
THE_STATUSES: Final = 1
"""The one row of their table."""


async def project(conn: AsyncConnection, feed: FeedLog, envelope: Envelope[Data]) -> None:
    """One event of these; an older version than the one known changes nothing."""
    event = envelope.data
    trace = envelope.traceparent
    if isinstance(event, OperatorChanged):
        await _operator(conn, feed, event, trace)
    elif isinstance(event, StatusesChanged):
        await _statuses(conn, feed, event, trace)
    elif isinstance(event, GroupChanged):
        await _group(conn, feed, event, trace)
    elif isinstance(event, AccountChanged):
        await _account(conn, feed, event, trace)
    elif isinstance(event, AccountTemplates):
        await _templates(conn, event)
    elif isinstance(event, ActRecorded):
        await record_act(conn, feed, event, envelope.id, traceparent=trace)
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


async def _statuses(conn: AsyncConnection, feed: FeedLog, event: StatusesChanged, trace: str | None) -> None:
    known = await _version(conn, statuses, THE_STATUSES)
    if known is None or event.version > known:
        view = StatusesView.model_validate(event.__dict__)
        await _upsert(conn, statuses, {"id": THE_STATUSES, **view.__dict__})
        feed.add(
            "statuses", "statuses", "changed", view, version=event.version,
            before=EVERYBODY, after=EVERYBODY, cause=event.cause, traceparent=trace,
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


async def _templates(conn: AsyncConnection, event: AccountTemplates) -> None:
    """Asked for by whoever opens the list: no row of the feed."""
    name = f"{event.channel}.{event.account}"
    known = await _version(conn, account_templates, name)
    if known is None or event.version > known:
        listed = [one.model_dump(mode="json", exclude_none=True) for one in event.templates]
        row = {"account": name, "templates": listed, "at": event.at, "version": event.version}
        await _upsert(conn, account_templates, row)


async def record_act(
    conn: AsyncConnection,
    feed: FeedLog,
    event: ActRecorded,
    id_: UUID,
    *,
    cause: UUID | None = None,
    traceparent: str | None = None,
) -> None:
    """A line of the audit log; once for each id."""
    view = AuditView.model_validate({**event.__dict__, "audit_id": id_})
    values = {**view.__dict__, "actor": event.actor.model_dump(mode="json", exclude_none=True)}
    result = await conn.execute(insert(conn, audit).values(values).on_conflict_do_nothing())
    if result.rowcount:
        feed.add(
            "audit", id_, "recorded", view, version=1,
            before=None, after=needs("audit.read"), cause=cause, traceparent=traceparent,
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
