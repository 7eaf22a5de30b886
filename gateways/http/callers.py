"""Who calls: an account that proves itself over the very bytes of its request."""

from __future__ import annotations

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from pydantic import SecretStr

from gateways.http.accounts import HttpAccount
from gateways.http.body import FORMS_AT_ONCE, SECONDS, Body
from gateways.http.places import CHANNEL
from gateways.http.refusals import TOO_OLD, UNPROVEN
from gateways.http.signature import Claim, Proof, claim, fresh
from gateways.kit.bodies import Bodies
from shared.clock import Clock
from shared.http.problem import Problem
from shared.log import get_logger
from shared.metrics import WEBHOOK_REJECTED

log = get_logger()

RIGHT: Final = "account"
BODY: Final = web.RequestKey("body", Body)
_NOBODY: Final = SecretStr(secrets.token_hex())
"""Stands in for the secret of an unknown account, so that it costs the same work."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A proven account."""

    account: HttpAccount
    rights: frozenset[str] = frozenset({RIGHT})

    @property
    def id(self) -> str:
        return self.account.slug


class Callers:
    """`authenticate` for the application; `closing` is its middleware. `accounts` may change meanwhile."""

    def __init__(
        self, accounts: Mapping[str, HttpAccount], clock: Clock, *, body_seconds: float = SECONDS
    ) -> None:
        self._accounts = accounts
        self._clock = clock
        self._body_seconds = body_seconds
        self._rooms: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(FORMS_AT_ONCE)
        )
        self._memory = Bodies()

    async def authenticate(self, request: web.Request) -> Caller:
        """The account, with the request's body read; raises `Problem`."""
        slug = request.match_info.get("account", "")
        account = self._accounts.get(slug)
        claimed = self._claim(request, slug if account else "")
        rooms = self._rooms[slug if account else ""]
        body = Body(request, rooms, self._memory, self._body_seconds)
        await body.open()
        request[BODY] = body
        proof = Proof((_NOBODY,) if account is None else account.secrets, claimed.stamp)
        await body.read(proof)
        if not body.data:
            proof.update(f"{request.method} {request.raw_path}".encode())
        if not proof.holds(claimed) or account is None:
            raise self._refused(
                request, "signature" if account else "unknown_account", Problem(UNPROVEN), slug
            )
        return Caller(account)

    def _claim(self, request: web.Request, slug: str) -> Claim:
        """What can be judged before the body is read."""
        claimed = claim(request.headers)
        if claimed is None:
            raise self._refused(request, "signature", Problem(UNPROVEN), slug)
        if not fresh(claimed, self._clock.now()):
            raise self._refused(request, "timestamp", Problem(TOO_OLD), slug)
        return claimed

    def _refused(self, request: web.Request, reason: str, problem: Problem, slug: str) -> Problem:
        known = slug if slug in self._accounts else ""
        WEBHOOK_REJECTED.labels(CHANNEL, known, reason).inc()
        log.info("webhook_rejected", account=known, reason=reason, peer=request.remote)
        return problem


@web.middleware
async def closing(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Gives up the body once the request is answered."""
    try:
        return await handler(request)
    finally:
        body = request.get(BODY)
        if body is not None:
            body.close()
