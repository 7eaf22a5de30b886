"""The application of all rows of the store's queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.http.application import build
from shared.http.route import Routes
from shared.version import VERSION
from store.api.admission import Admission
from store.api.clients import ClientQueries
from store.api.conversations import ConversationQueries
from store.api.directory import DirectoryQueries
from store.api.history import HistoryQueries
from store.api.messages import MessageQueries
from store.api.records import RecordQueries

SCHEMES: Final = {
    "service": {
        "type": "http",
        "scheme": "bearer",
        "description": "The services' token; X-Operator says for whom.",
    }
}


def rows(engine: AsyncEngine) -> Routes:
    """Every query that there is."""
    nouns = (
        ConversationQueries(engine),
        ClientQueries(engine),
        HistoryQueries(engine),
        MessageQueries(engine),
        DirectoryQueries(engine),
        RecordQueries(engine),
    )
    return tuple(row for noun in nouns for row in noun.rows())


def application(engine: AsyncEngine, token: Callable[[], str]) -> web.Application:
    """`token` is asked at each request."""
    return build(
        rows(engine),
        authenticate=Admission(engine, token),
        title="Switchboard store",
        version=VERSION,
        security_schemes=SCHEMES,
    )
