"""Rows become an aiohttp application: sign-in, right, parameters, body, handler, answer, in this order.

Nothing is read before the right is known. What a handler raises becomes a problem: `Problem` itself, our
outages 503 with Retry-After, anything else 500, logged once with its traceback and never shown.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, Final

from aiohttp import hdrs, web

from shared import metrics
from shared.failure import Unavailable
from shared.http import problem
from shared.http.answer import answer, problem_response
from shared.http.intake import field_names, is_encoded, read_model, read_params, refuse_body
from shared.http.openapi import describe
from shared.http.problem import Problem, language_of
from shared.http.route import (
    PUBLIC,
    SESSION,
    UPGRADE,
    Authenticate,
    Call,
    Content,
    Principal,
    Route,
    Routes,
)
from shared.http.security import Security, secure
from shared.log import get_logger
from shared.trace import trace_id, tracing


class Document:
    """The OpenAPI document, made when it is first asked for: that takes a tenth of a second."""

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._made = cache(make)

    def __call__(self) -> dict[str, Any]:
        return self._made()


ROUTES: Final = web.AppKey("routes", tuple[Route[Any, Any], ...])
DOCUMENT: Final = web.AppKey("document", Document)
TRACEPARENT: Final = web.RequestKey("traceparent", str)
RETRY_AFTER_SECONDS: Final = 2
_DOCUMENT_PATH: Final = "/openapi.json"
_NO_PARAMETERS: Final = problem.Words("No parameters are known here.", "Параметров здесь нет.")

log = get_logger()
Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build(
    routes: Routes,
    *,
    authenticate: Authenticate,
    title: str,
    version: str,
    security: Security | None = None,
    security_schemes: dict[str, dict[str, Any]] | None = None,
    document_right: str = PUBLIC,
    complete: Callable[[dict[str, Any]], None] | None = None,
) -> web.Application:
    """The application of these rows and of /openapi.json; `app[ROUTES]` lists them all, `app[DOCUMENT]()` is
    the document.

    `security_schemes` are OpenAPI's, by name: how a caller proves who it is. `complete` adds to the document
    what rows do not tell.
    """
    described = _document_route(document_right)
    rows: tuple[Route[Any, Any], ...] = (*routes, described)
    _require_distinct(rows)
    app = web.Application(middlewares=[_answering], client_max_size=max(row.body_limit for row in rows))
    for row in rows:
        app.router.add_route(row.method, row.path, _endpoint(row, authenticate), name=row.name)
    app[ROUTES] = rows

    def document() -> dict[str, Any]:
        made = describe(rows, title=title, version=version, security_schemes=security_schemes or {})
        if complete is not None:
            complete(made)
        return made

    app[DOCUMENT] = Document(document)
    secure(app, security or Security())
    return app


def _document_route(right: str) -> Route[Any, Any]:
    async def openapi(call: Call[None, None]) -> web.Response:
        return web.json_response(await asyncio.to_thread(call.request.app[DOCUMENT]))

    return Route(
        "GET", _DOCUMENT_PATH, "openapi", right,
        returns=Content("application/json"), handler=openapi, summary="This document",
    )  # fmt: skip


def _require_distinct(rows: tuple[Route[Any, Any], ...]) -> None:
    counted = Counter([row.name for row in rows] + [f"{row.method} {row.path}" for row in rows])
    twice = [one for one, times in counted.items() if times > 1]
    if twice:
        raise ValueError(f"routes given twice: {', '.join(twice)}")


def _endpoint(row: Route[Any, Any], authenticate: Authenticate) -> Next:
    names = field_names(row.params, row.body)

    async def endpoint(request: web.Request) -> web.StreamResponse:
        principal = None if row.right == PUBLIC else await _admit(row, authenticate, request)
        params: Any = None
        body: Any = None
        if row.params is not None:
            params = read_params(request, row.params, names)
        elif request.query_string:
            raise Problem(problem.INVALID, detail=_NO_PARAMETERS)
        if row.body is not None:
            body = await read_model(request, row.body, row.body_limit, names)
        elif row.takes is not None:
            if is_encoded(request):
                raise Problem(problem.MALFORMED)
        elif row.returns != UPGRADE:
            await refuse_body(request, row.body_limit)
        language = language_of(request.headers.get(hdrs.ACCEPT_LANGUAGE))
        given = await row.handler(Call(params, body, principal, request, language, request[TRACEPARENT]))
        return answer(row, given)

    endpoint.__name__ = row.name
    return endpoint


async def _admit(row: Route[Any, Any], authenticate: Authenticate, request: web.Request) -> Principal:
    principal = await authenticate(request)
    if principal is not None and (row.right == SESSION or row.right in principal.rights):
        return principal
    metrics.AUTHZ_DENIED.labels(row.name).inc()
    raise Problem(problem.UNAUTHENTICATED if principal is None else problem.FORBIDDEN)


@web.middleware
async def _answering(request: web.Request, handler: Next) -> web.StreamResponse:
    """Trace, time, and whatever is raised as a problem."""
    started = time.monotonic()
    with tracing(request.headers.get("traceparent")) as traceparent:
        request[TRACEPARENT] = traceparent
        try:
            response = await handler(request)
        except Problem as raised:
            response = _problem_response(request, raised)
        except web.HTTPException as raised:
            response = raised if raised.status < 400 else _problem_response(request, _of_status(raised))
        except Unavailable as outage:
            log.warning("request_unavailable", route=_name(request), error=outage)
            after = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            response = _problem_response(request, Problem(problem.UNAVAILABLE, headers=after))
        except ConnectionError:
            raise  # the caller is gone: there is nobody to answer
        except Exception:
            log.exception("request_failed", route=_name(request))
            response = _problem_response(request, Problem(problem.INTERNAL))
        metrics.HTTP.labels(_name(request), str(response.status)).observe(time.monotonic() - started)
        return response


def _name(request: web.Request) -> str:
    return request.match_info.route.name or "none"


def _of_status(raised: web.HTTPException) -> Problem:
    headers = {"Allow": raised.headers["Allow"]} if "Allow" in raised.headers else {}
    kind = problem.BY_STATUS.get(raised.status)
    if kind is None:
        kind = problem.MALFORMED if raised.status < 500 else problem.INTERNAL
    return Problem(kind, headers=headers)


def _problem_response(request: web.Request, raised: Problem) -> web.Response:
    language = language_of(request.headers.get(hdrs.ACCEPT_LANGUAGE))
    return problem_response(raised, language, trace_id(request[TRACEPARENT]))
