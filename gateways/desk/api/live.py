"""The door of the live connection: a ticket instead of a cookie, and only from the workplace itself."""

from __future__ import annotations

from aiohttp import web
from pydantic import Field

from gateways.desk import sessions, words
from gateways.desk.api.desk import Desk
from gateways.desk.live import Live
from gateways.desk.sockets import new_socket
from shared.db.engine import writing
from shared.http.problem import Problem
from shared.http.route import PUBLIC, UPGRADE, Call, Input, Route, Routes


class WithTicket(Input):
    ticket: str = Field(default="", max_length=100)


class LiveNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        return (
            Route(
                "GET",
                "/live",
                "live",
                PUBLIC,
                params=WithTicket,
                returns=UPGRADE,
                handler=self.live,
                summary="The live connection (WebSocket); the ticket says whose",
                errors=(words.TICKET_REFUSED, words.FOREIGN_REQUEST, words.TOO_MANY_CONNECTIONS),
            ),
        )

    async def live(self, call: Call[WithTicket, None]) -> web.StreamResponse:
        desk = self._desk
        desk.origins.require_own(call.request)
        async with writing(desk.engine) as conn:
            session = await sessions.take_ticket(conn, call.params.ticket, desk.life, desk.clock.now())
        if session is None:
            raise Problem(words.TICKET_REFUSED)
        desk.sockets.admit(session.operator_id)
        socket = new_socket()
        await socket.prepare(call.request)
        live = Live(
            socket,
            session.operator_id,
            session.session_id,
            tail=desk.tail,
            viewers=desk.viewers,
            counters=desk.counters,
            clock=desk.clock,
        )
        await desk.sockets.serve(live, socket, call.request)
        return socket
