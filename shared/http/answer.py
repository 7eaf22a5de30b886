"""What a handler gave, or raised, as an HTTP response."""

from typing import Any, cast

from aiohttp import web
from pydantic import BaseModel

from shared.http import problem
from shared.http.problem import Language, Problem
from shared.http.route import Content, Reply, Route


def answer(row: Route[Any, Any], given: object) -> web.StreamResponse:
    """The handler's answer as a response; one that the row does not declare is our bug."""
    if isinstance(given, web.StreamResponse):
        if not isinstance(row.returns, Content):
            raise TypeError(f"route {row.name} declares a model and returned a response")
        return given
    reply: Reply[Any] = given if isinstance(given, Reply) else Reply(cast(Any, given))
    status = reply.status or row.success
    if status not in (row.success, *row.other_statuses):
        raise TypeError(f"route {row.name} answered {status}, which it does not declare")
    _require_declared(row, reply.model, status)
    response = web.Response(status=status, headers=reply.headers)
    if isinstance(reply.model, BaseModel):
        response.content_type = "application/json"
        response.body = reply.model.model_dump_json(by_alias=True).encode()
    for one in reply.cookies:
        response.set_cookie(
            one.name, one.value, max_age=one.max_age, path=one.path,
            secure=one.secure, httponly=one.http_only, samesite=one.same_site,
        )  # fmt: skip
    return response


def problem_response(raised: Problem, language: Language, trace_id: str | None) -> web.Response:
    """The problem as a response; after a body that was not read to its end the connection closes."""
    document = problem.document(raised, language, trace_id)
    headers = {"Content-Language": language, "Vary": "Accept-Language", **raised.headers}
    response = web.Response(status=raised.kind.status, headers=headers)
    response.content_type = problem.MEDIA_TYPE
    response.body = document.model_dump_json(exclude_none=True).encode()
    if raised.kind in (problem.TOO_LARGE, problem.TIMED_OUT):
        response.force_close()
    return response


def _require_declared(row: Route[Any, Any], model: object, status: int) -> None:
    declared = row.returns if isinstance(row.returns, type) else None
    if model is None:
        if declared is not None and status == row.success:
            raise TypeError(f"route {row.name} returned nothing and declares {declared.__name__}")
    elif declared is None or not isinstance(model, declared):
        raise TypeError(f"route {row.name} returned a {type(model).__name__} that it does not declare")
