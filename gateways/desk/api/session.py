"""Signing in and out, who is signed in, and tickets for the live connection."""

from __future__ import annotations

from typing import Final

from pydantic import Field, SecretStr

from gateways.desk import sessions, words
from gateways.desk.admission import DEVICE_COOKIE, SESSION_COOKIE, SignedIn
from gateways.desk.api.desk import Desk
from gateways.desk.api.shown import Me, Ticket
from gateways.desk.signin import Attempt
from gateways.desk.viewers import Known
from shared.db.engine import writing
from shared.http.problem import UNAVAILABLE
from shared.http.route import PUBLIC, SESSION, Call, Cookie, Input, Reply, Route, Routes

_LONGEST_COOKIE: Final = 100


class Credentials(Input):
    login: str = Field(min_length=1, max_length=100)
    password: SecretStr = Field(min_length=1, max_length=1000)


class SessionNoun:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def rows(self) -> Routes:
        return (
            Route(
                "POST",
                "/session",
                "sign_in",
                PUBLIC,
                body=Credentials,
                returns=Me,
                handler=self.sign_in,
                summary="Sign in; the session is a cookie",
                errors=(words.WRONG_PASSWORD, words.OPERATOR_DISABLED, words.TOO_MANY_ATTEMPTS, UNAVAILABLE),
                body_limit=4096,
            ),
            Route("DELETE", "/session", "sign_out", SESSION, handler=self.sign_out, summary="Sign out"),
            Route("GET", "/me", "me", SESSION, returns=Me, handler=self.me, summary="Who is signed in"),
            Route(
                "POST",
                "/ticket",
                "ticket",
                SESSION,
                returns=Ticket,
                handler=self.ticket,
                summary="A ticket that opens one live connection, once, within 30 s",
            ),
        )

    async def sign_in(self, call: Call[None, Credentials]) -> Reply[Me]:
        cookies = call.request.cookies
        attempt = Attempt(
            call.body.login,
            call.body.password.get_secret_value(),
            self._desk.origins.address(call.request),
            session=cookies.get(SESSION_COOKIE, "")[:_LONGEST_COOKIE],
            device=cookies.get(DEVICE_COOKIE, "")[:_LONGEST_COOKIE],
        )
        begun = await self._desk.sign_in.begin(attempt)
        await self._desk.attendance.came(begun.known, call.traceparent)
        longest = int(self._desk.life.longest.total_seconds())
        return Reply(
            _me(begun.known),
            cookies=(
                self._cookie(SESSION_COOKIE, begun.session, longest),
                self._cookie(DEVICE_COOKIE, begun.device, int(sessions.DEVICE_LIFE.total_seconds())),
            ),
        )

    async def sign_out(self, call: Call[None, None]) -> Reply[None]:
        who: SignedIn = call.principal
        async with writing(self._desk.engine) as conn:
            await sessions.revoke(conn, who.session_id)
            stays = await sessions.any_of(conn, who.id, self._desk.life, self._desk.clock.now())
        self._desk.sockets.end_sessions((who.session_id,))
        if not stays:
            await self._desk.attendance.left(who.known, call.traceparent)
        return Reply(None, cookies=(self._cookie(SESSION_COOKIE, "", 0),))

    async def me(self, call: Call[None, None]) -> Me:
        return _me(await self._desk.viewers.get(call.principal.id))

    async def ticket(self, call: Call[None, None]) -> Ticket:
        who: SignedIn = call.principal
        token = sessions.new_token()
        async with writing(self._desk.engine) as conn:
            await sessions.give_ticket(conn, who.session_id, token, self._desk.clock.now())
        return Ticket(ticket=token, expires_in=int(sessions.TICKET_LIFE.total_seconds()))

    def _cookie(self, name: str, value: str, seconds: int) -> Cookie:
        return Cookie(name, value, max_age=seconds, secure=self._desk.origins.secure)


def _me(known: Known) -> Me:
    return Me(
        operator=known.operator,
        rights=sorted(known.viewer.rights),
        accounts=sorted(known.viewer.accounts),
        access=known.access,
        seq=known.seq,
    )
