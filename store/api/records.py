"""The audit (AD6), what was parked (BY12), for those with the right; the feed as a table, for services."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.contract.feed import FeedPage
from shared.http.problem import NOT_FOUND, Problem
from shared.http.route import Call, Route, Routes
from shared.redaction import masked
from store import feed, parked
from store.api.admission import SERVICE
from store.api.answers import AuditPage, FeedParams, OlderParams, ParkedPage, ParkedParams, ParkedWhole
from store.api.snapshot import BAD_CURSOR, cursor, place, snapshot
from store.tables import audit
from store.views import AuditView


class RecordQueries:
    """The rows of these nouns."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    def rows(self) -> Routes:
        return (
            Route(
                "GET", "/v1/audit", "audit", "audit.read", params=OlderParams, returns=AuditPage,
                handler=self.audit, summary="Administrative acts, newest first", errors=(BAD_CURSOR,),
            ),
            Route(
                "GET", "/v1/parked", "parked", "parked.manage", params=OlderParams, returns=ParkedPage,
                handler=self.parked, summary="Messages that were given up on, newest first",
                errors=(BAD_CURSOR,),
            ),
            Route(
                "GET", "/v1/parked/{parked_id}", "parked_one", "parked.manage", params=ParkedParams,
                returns=ParkedWhole, handler=self.parked_one,
                summary="One of them with its payload, redacted", errors=(NOT_FOUND,),
            ),
            Route(
                "GET", "/v1/feed", "feed", SERVICE, params=FeedParams, returns=FeedPage,
                handler=self.feed, summary="Rows of the feed after one, oldest first",
            ),
        )  # fmt: skip

    async def audit(self, call: Call[OlderParams, None]) -> AuditPage:
        asked = call.params
        query = select(audit).order_by(audit.c.at.desc(), audit.c.audit_id.desc()).limit(asked.limit + 1)
        if (after := place(asked.after)) is not None:
            at, id_ = after
            query = query.where(audit.c.at <= at, or_(audit.c.at < at, audit.c.audit_id < id_))
        async with snapshot(self._engine) as conn:
            found = [AuditView.model_validate(row) for row in (await conn.execute(query)).mappings()]
            shown = tuple(found[: asked.limit])
            beyond = cursor(shown[-1].at, shown[-1].audit_id) if len(found) > asked.limit else None
            return AuditPage(seq=await feed.head(conn), items=shown, next=beyond)

    async def parked(self, call: Call[OlderParams, None]) -> ParkedPage:
        asked = call.params
        async with snapshot(self._engine) as conn:
            found = await parked.newest(conn, asked.limit + 1, only_open=False, after=place(asked.after))
            shown = tuple(found[: asked.limit])
            beyond = cursor(shown[-1].parked_at, shown[-1].parked_id) if len(found) > asked.limit else None
            return ParkedPage(seq=await feed.head(conn), items=shown, next=beyond)

    async def parked_one(self, call: Call[ParkedParams, None]) -> ParkedWhole:
        async with snapshot(self._engine) as conn:
            row = await parked.whole(conn, call.params.parked_id)
            if row is None:
                raise Problem(NOT_FOUND)
            view = (await parked.views(conn, [row.parked_id]))[0]
            headers = {name: value for name, value in row.headers.items() if name != "x-error"}
            return ParkedWhole(
                **view.__dict__, seq=await feed.head(conn), headers=headers, payload=_redacted(row.body)
            )

    async def feed(self, call: Call[FeedParams, None]) -> FeedPage:
        async with snapshot(self._engine) as conn:
            return await feed.page(conn, call.params.after, call.params.limit)


def _redacted(body: bytes) -> Any:
    """The body, where it is JSON, without what is private; a few levels deep."""
    try:
        return masked(from_json(body))
    except ValueError:
        return None
