"""Signing in and out. Every failure costs the same time and says the same, whatever was wrong with it.

A session starts with a new token; one that the browser brought along ends. A browser is remembered, so that
somebody else's guessing at its operator's password does not keep it out (guessing.py).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.desk import credentials, guessing, sessions, words
from gateways.desk.credentials import Credential
from gateways.desk.guessing import Limit
from gateways.desk.passwords import Crowded, Passwords, Verdict
from gateways.desk.viewers import Known, UnknownOperator, Viewers
from shared.clock import Clock
from shared.db.engine import reading, writing
from shared.http import problem
from shared.http.problem import Problem
from shared.log import get_logger
from shared.metrics import LOGIN_FAILED

log = get_logger()

MOST_WAITING: Final = 60
"""Sign-ins in hand at once; one more is told to come back."""
AT_ONCE: Final = 3
"""Sign-ins that use the database at once: its connections are for those who are at work."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a browser sent: `session` and `device` are the tokens of its cookies, if it has them."""

    login: str
    password: str
    address: str
    session: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session and the tokens that the browser keeps."""

    known: Known
    session: str
    device: str


class SignIn:
    def __init__(self, engine: AsyncEngine, passwords: Passwords, viewers: Viewers, clock: Clock) -> None:
        self._engine = engine
        self._passwords = passwords
        self._viewers = viewers
        self._clock = clock
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def begin(self, attempt: Attempt) -> Begun:
        """A session for the right password; else a problem."""
        if self._waiting >= MOST_WAITING:
            raise _crowded()
        self._waiting += 1
        try:
            return await self._begin(attempt)
        finally:
            self._waiting -= 1

    async def _begin(self, attempt: Attempt) -> Begun:
        now = self._clock.now()
        login = credentials.spelled(attempt.login)
        credential, limits = await self._admit(login, attempt, now)
        verdict = await self._check(attempt.password, credential)
        if not verdict.right or credential is None:
            LOGIN_FAILED.labels("wrong_password").inc()
            log.warning("sign_in_failed", address=attempt.address, known_login=credential is not None)
            raise Problem(words.WRONG_PASSWORD)
        known = await self._operator(credential)
        begun = Begun(known, sessions.new_token(), attempt.device or sessions.new_token())
        async with writing(self._engine) as conn:
            await guessing.forgive(conn, limits)
            if attempt.session:
                await sessions.revoke_token(conn, attempt.session)
            if verdict.rehashed is not None:
                await credentials.rehash(conn, credential, verdict.rehashed)
            session = await sessions.begin(conn, credential.operator_id, begun.session, now)
            await sessions.know_device(conn, credential.operator_id, begun.device, now)
        log.info("signed_in", operator_id=credential.operator_id, session_id=session.session_id)
        return begun

    async def _admit(
        self, login: str, attempt: Attempt, now: datetime
    ) -> tuple[Credential | None, tuple[Limit, ...]]:
        """The login's credential, if there is one, and the limits that this try was counted under."""
        async with self._turns:
            async with reading(self._engine) as conn:
                credential = await credentials.find(conn, login)
                owner = await sessions.owner_of_device(conn, attempt.device, now) if attempt.device else None
            trusted = credential is not None and owner == credential.operator_id
            device = sessions.token_hash(attempt.device) if trusted else None
            limits = guessing.limits(login, attempt.address, device)
            async with writing(self._engine) as conn:
                refused = await guessing.count(conn, limits, now)
        if refused is not None:
            LOGIN_FAILED.labels(f"limit_{refused.limit.name}").inc()
            log.warning("sign_in_slowed", address=attempt.address, limit=refused.limit.name)
            wait = max(1, ceil((refused.again - now).total_seconds()))
            raise Problem(words.TOO_MANY_ATTEMPTS, headers={"Retry-After": str(wait)})
        return credential, limits

    async def _check(self, password: str, credential: Credential | None) -> Verdict:
        try:
            return await self._passwords.check(password, credential.hash if credential else None)
        except Crowded:
            raise _crowded() from None

    async def _operator(self, credential: Credential) -> Known:
        try:
            return await self._viewers.get(credential.operator_id)
        except UnknownOperator as unknown:
            LOGIN_FAILED.labels("operator_disabled" if unknown.disabled else "operator_unknown").inc()
            if unknown.disabled:
                raise Problem(words.OPERATOR_DISABLED) from None
            raise Problem(problem.UNAVAILABLE, headers=words.RETRY) from None


def _crowded() -> Problem:
    LOGIN_FAILED.labels("crowded").inc()
    return Problem(problem.UNAVAILABLE, headers=words.RETRY)
