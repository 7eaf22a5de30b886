"""POST /<account>/facts: proven ─▶ read ─▶ by the rules ─▶ files kept ─▶ one transaction ─▶ 202 with the ids.

Taken whole or refused whole. A request that is cut off, or answered 503, may have been taken: said again, it
has the same ids.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.http import answers, parse
from gateways.http.answers import Key
from gateways.http.body import JSON_BYTES, Body
from gateways.http.callers import BODY, Caller
from gateways.http.form import Bytes, Field, fields
from gateways.http.keeping import Keeping
from gateways.http.parse import Heard
from gateways.http.places import CHANNEL
from gateways.http.protocol.facts import Facts, Taken
from gateways.http.refusals import BAD_FORM, BAD_KEY
from gateways.http.requests import AccountParams
from gateways.kit.beside import Beside
from gateways.kit.hearing import Hearing
from gateways.kit.payload import Malformed
from shared.clock import Clock
from shared.db.engine import reading
from shared.failure import Unavailable
from shared.http import problem
from shared.http.problem import Problem
from shared.http.route import Call
from shared.log import get_logger
from shared.metrics import ACCEPT, INBOUND_ACCEPTED

log = get_logger()

SAFE_SECONDS: Final = 20.0
FACTS: Final = "facts"
"""The field of a form with the JSON."""
KEY_HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
_BOUNDARY: Final = re.compile(r';\s*boundary="?([^";]{1,70})"?', re.IGNORECASE)


class Reception:
    """One for each process."""

    def __init__(self, hearing: Hearing, keeping: Keeping, beside: Beside, clock: Clock) -> None:
        self._hearing = hearing
        self._keeping = keeping
        self._beside = beside
        self._clock = clock

    async def take(self, call: Call[AccountParams, None]) -> Taken:
        """One fact, or up to 100 at once: `{"facts": […]}`.

        As JSON; or as a form with the JSON in the field `facts` and each file in a field of its own, which
        facts name as `upload`. An `Idempotency-Key` is remembered for a week.
        """
        begun, caller = time.monotonic(), _caller(call)
        body = call.request[BODY]
        form = _form(call, body)
        given = parse.read(body.data if form is None else _facts(body.data, form))  # type: ignore[arg-type]
        uploads = {} if form is None else {name: field for name, field in form.items() if name != FACTS}
        parse.require(given, uploads)
        key = _key(call, caller.id, body.data, form)
        if key is not None:
            async with reading(self._hearing.transactions.engine) as conn:
                known = await answers.given(conn, key)
            if known is not None:
                return Taken(ids=list(known))
        heard = await self._heard(caller, given, body.data, uploads)
        await self._accept(heard, key)
        self._beside(caller.id, heard.typing, ())
        INBOUND_ACCEPTED.labels(CHANNEL, caller.id).inc(len(heard.rows))
        ACCEPT.labels(CHANNEL).observe(time.monotonic() - begun)
        return Taken(ids=heard.ids)

    async def _heard(self, caller: Caller, given: Facts, body: Bytes, uploads: Mapping[str, Field]) -> Heard:
        account = caller.account
        stored = await self._keeping.kept(body, uploads, parse.uploads(given, account.slug))
        return parse.facts(given, account.slug, self._clock.now(), stored, account.webhook)

    async def _accept(self, heard: Heard, key: Key | None) -> None:
        """Returns when all of it is safe; raises `Unavailable`."""
        now = self._clock.now()

        async def answered(conn: AsyncConnection) -> None:
            if key is not None:
                await answers.give(conn, key, heard.ids, now)

        try:
            async with asyncio.timeout(SAFE_SECONDS):
                await self._hearing.accept_whole(heard.rows, answered)
        except TimeoutError:
            raise Unavailable("facts were not safe in time") from None


def _caller(call: Call[AccountParams, None]) -> Caller:
    assert isinstance(call.principal, Caller)  # noqa: S101  # the route needs the right of an account
    return call.principal


def _form(call: Call[AccountParams, None], body: Body) -> dict[str, Field] | None:
    """The fields of a form; none where the body is JSON. Raises `Problem`."""
    if not body.form:
        if call.request.content_type != "application/json":
            raise Problem(problem.NOT_JSON)
        return None
    boundary = _BOUNDARY.search(call.request.headers.get("Content-Type", ""))
    try:
        return fields(body.data, boundary[1] if boundary else "")
    except Malformed:
        raise Problem(BAD_FORM) from None


def _facts(body: Bytes, form: Mapping[str, Field]) -> bytes:
    field = form.get(FACTS)
    if field is None or field.end - field.start > JSON_BYTES:
        raise Problem(BAD_FORM)
    return field.value(body)


def _key(
    call: Call[AccountParams, None], account: str, body: Bytes, form: Mapping[str, Field] | None
) -> Key | None:
    """The key of the request and what it says; the boundary of a form is nothing that it says."""
    given = call.request.headers.get(KEY_HEADER)
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        raise Problem(BAD_KEY)
    whole = sha256()
    if form is None:
        whole.update(body)
    for name, field in sorted((form or {}).items()):
        of_field = sha256()
        for chunk in field.chunks(body):
            of_field.update(chunk)
        whole.update(name.encode() + b"\0" + of_field.digest())
    return Key(account, given, whole.hexdigest())
