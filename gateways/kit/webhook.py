"""Webhooks: bounded body ─▶ proof over the raw bytes ─▶ facts ─▶ safe ─▶ the provider's answer.

    413, 408, 415, 503   a body that is too large, too slow, compressed, or one too many
    401                  no proof; the body was not parsed
    400                  malformed, where the proof stands in the body itself
    503                  not safe: the provider repeats
    as the channel says  the facts are safe. What is the provider's and cannot be read is kept as it came

Any replica takes webhooks in. Each account has the address `/<account>` and `/<account>/<key>`.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Protocol, TypeAlias

from aiohttp import web
from pydantic import SecretStr

from gateways.kit import aliases
from gateways.kit.acceptance import Also
from gateways.kit.aliases import Alias
from gateways.kit.beside import Beside, Errand
from gateways.kit.bodies import BODY_SECONDS, Bodies, Body, Refused
from gateways.kit.payload import Malformed, read_form, read_json
from gateways.kit.spool import SpoolRow
from gateways.kit.typing import ClientTyping
from gateways.kit.unreadable import unreadable
from gateways.kit.verification import Call, HmacHeader, SecretInBody, Verification
from shared.clock import Clock
from shared.failure import Unavailable
from shared.log import get_logger
from shared.metrics import ACCEPT, INBOUND_ACCEPTED, INBOUND_REFUSED, WEBHOOK_REJECTED

SAFE_SECONDS: Final = 9.0
"""Later the provider has given up waiting; it will repeat."""
BODY_BYTES: Final = 3 * 1024 * 1024
AGAIN_SECONDS: Final = 3

log = get_logger()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider is answered."""

    text: str = ""
    status: int = 200
    content_type: str = "text/plain"


OK: Final = Reply("ok")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The facts of one call, and its answer where it is not the usual one."""

    rows: tuple[SpoolRow, ...] = ()
    reply: Reply | None = None
    aliases: tuple[Alias, ...] = ()
    """Names of chats, learned in the transaction that makes the facts safe."""
    typing: tuple[ClientTyping, ...] = ()
    """Told desks once the facts are safe, never stored."""
    errands: tuple[Errand, ...] = ()
    """For the channel's `run`, once the facts are safe."""


class Accept(Protocol):
    async def __call__(self, rows: Sequence[SpoolRow], also: Also | None = None, /) -> None:
        """Returns when all is safe; raises `Unavailable`."""
        ...


Known: TypeAlias = Callable[[str, Collection[str]], Awaitable[Mapping[str, str]]]
"""The canonical names of those of these chats of an account that are aliases."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """A GET by which the provider asks whether the address is ours."""

    verify: Verification
    reply: Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Hook:
    """One account's webhook. `parse` is pure; every proof of `verify` must hold."""

    channel: str
    account: str
    verify: tuple[Verification, ...]
    parse: Callable[[Any, Call], Parsed]
    reads: Literal["json", "form", "bytes"] = "json"
    reply: Reply = OK
    unread: Reply = OK
    """The answer to what we could not read: a refusal would make many providers repeat it and then stop."""
    challenge: Challenge | None = None
    body_bytes: int = BODY_BYTES
    chats: Callable[[Any], Collection[str]] | None = None
    """The chats that a payload names, for `Call.aliases`; for a channel whose chats have other names."""

    def __post_init__(self) -> None:
        if not self.verify:
            raise ValueError(f"the webhook of {self.channel}.{self.account} would take anybody's word")

    @property
    def proof_in_body(self) -> bool:
        return any(isinstance(one, SecretInBody) for one in self.verify)


_NOBODY: Final = Hook(
    "none", "none", (HmacHeader("X", SecretStr(secrets.token_hex())),), lambda _p, _c: Parsed()
)
"""Stands in for an unknown account, so that it costs the same work."""


class Webhooks:
    """`application()` is mounted under the channel's prefix; `hooks` may change while it serves."""

    def __init__(
        self,
        channel: str,
        hooks: Mapping[str, Hook],
        accept: Accept,
        clock: Clock,
        *,
        known: Known | None = None,
        beside: Beside | None = None,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._channel = channel
        self._hooks = hooks
        self._accept = accept
        self._clock = clock
        self._known = known
        self._beside = beside
        self._body_seconds = body_seconds
        self._bodies = Bodies()

    def application(self) -> web.Application:
        app = web.Application()
        for path in ("/{account}", "/{account}/{key}"):
            app.router.add_post(path, self._post)
            app.router.add_get(path, self._get, allow_head=False)
        return app

    async def _get(self, request: web.Request) -> web.Response:
        hook = self._hooks.get(request.match_info["account"])
        challenge = (hook or _NOBODY).challenge
        call = _call(request, b"")
        if challenge is None or not challenge.verify.holds(call):
            return self._refuse(request, Refused(401, "challenge"))
        return _response(challenge.reply(call))

    async def _post(self, request: web.Request) -> web.Response:
        begun = time.monotonic()
        known = self._hooks.get(request.match_info["account"])
        hook = known or _NOBODY
        body = Body(self._bodies, self._body_seconds)
        try:
            call = _call(request, await body.read(request, hook.body_bytes))
            _require_proof(hook, call, known=known is not None)
            async with asyncio.timeout(SAFE_SECONDS):
                parsed = await self._understand(hook, call)
                await self._accept(parsed.rows, _learning(hook.account, parsed.aliases))
        except Refused as refused:
            return self._refuse(request, refused)
        except (Unavailable, TimeoutError) as error:
            log.warning("webhook_unavailable", account=hook.account, reason=str(error))
            INBOUND_REFUSED.labels(hook.channel, hook.account, "unavailable").inc()
            return web.Response(status=503, headers={"Retry-After": str(AGAIN_SECONDS)})
        finally:
            body.release()
        INBOUND_ACCEPTED.labels(hook.channel, hook.account).inc(len(parsed.rows))
        ACCEPT.labels(hook.channel).observe(time.monotonic() - begun)
        if self._beside is not None:
            self._beside(hook.account, parsed.typing, parsed.errands)
        return _response(parsed.reply or hook.reply)

    async def _understand(self, hook: Hook, call: Call) -> Parsed:
        """The call's facts; what is the provider's and we cannot read becomes one fact with all of it."""
        try:
            payload = _payload(hook, call.body)
            return hook.parse(payload, await self._named(hook, payload, call))
        except Malformed as error:
            why = error.reason
        except Unavailable:
            raise
        except Exception:  # our bug: what came must not be lost to it
            log.exception("webhook_not_parsed", channel=hook.channel, account=hook.account)
            why = "bug"
        row = unreadable(hook.channel, hook.account, call.body, at=self._clock.now(), why=why)
        return Parsed((row,), hook.unread)

    async def _named(self, hook: Hook, payload: Any, call: Call) -> Call:
        """The call with what is known of the chats in it."""
        if hook.chats is None or self._known is None:
            return call
        return replace(call, aliases=await self._known(hook.account, hook.chats(payload)))

    def _refuse(self, request: web.Request, refused: Refused) -> web.Response:
        account = request.match_info["account"] if request.match_info["account"] in self._hooks else ""
        WEBHOOK_REJECTED.labels(self._channel, account, refused.reason).inc()
        log.info("webhook_rejected", account=account, reason=refused.reason, peer=request.remote)
        response = web.Response(status=refused.status)
        if refused.status == 503:
            response.headers["Retry-After"] = str(AGAIN_SECONDS)
        response.force_close()
        return response


def _learning(account: str, learned: Sequence[Alias]) -> Also | None:
    return (lambda conn: aliases.learn(conn, account, learned)) if learned else None


def _require_proof(hook: Hook, call: Call, *, known: bool) -> None:
    held = [one.holds(call) for one in hook.verify]  # all of them: the time tells nothing
    if not known:
        raise Refused(401, "unknown_account")
    if not all(held):
        raise Refused(400, "malformed") if _malformed(hook, call) else Refused(401, "signature")


def _malformed(hook: Hook, call: Call) -> bool:
    """Whether the proof would stand in a body that cannot be read."""
    if not hook.proof_in_body:
        return False
    try:
        _payload(hook, call.body)
    except Malformed:
        return True
    return False


def _payload(hook: Hook, body: bytes) -> Any:
    match hook.reads:
        case "json":
            return read_json(body)
        case "form":
            return read_form(body)
        case "bytes":
            return body


def _call(request: web.Request, body: bytes) -> Call:
    return Call(body, request.headers, request.query, request.match_info.get("key", ""))


def _response(reply: Reply) -> web.Response:
    return web.Response(text=reply.text, status=reply.status, content_type=reply.content_type)
