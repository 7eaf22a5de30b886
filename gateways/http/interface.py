"""The endpoint as rows, and its document: OpenAPI 3.1 with the notices as webhooks, made from the models."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web
from pydantic import TypeAdapter

from gateways.http.afterlife import Afterlife
from gateways.http.body import FORM_BYTES
from gateways.http.callers import RIGHT, Callers, closing
from gateways.http.downloads import Downloads
from gateways.http.protocol.facts import FactGiven, Facts, Taken
from gateways.http.protocol.notices import NoticeTold, RefusedTold, TakenTold
from gateways.http.reception import FACTS, Reception
from gateways.http.refusals import (
    BAD_FORM,
    BAD_KEY,
    BUSY,
    COMPRESSED,
    FILE_TOO_LARGE,
    KEY_USED,
    TOO_OLD,
    UNPROVEN,
)
from gateways.http.requests import AccountParams, DeadOneParams, DeadPage, DeadParams, FileParams, Replayed
from gateways.http.signature import SIGNATURE, TIMESTAMP
from shared.http import problem
from shared.http.application import build
from shared.http.route import PUBLIC, Content, Route, Routes
from shared.version import VERSION

_SIGNED: Final = (UNPROVEN, TOO_OLD)
_REF: Final = "#/components/schemas/{model}"
_SCHEMES: Final[dict[str, dict[str, Any]]] = {
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": SIGNATURE,
        "description": f"v1= and the HMAC-SHA256 of `<{TIMESTAMP}>.<body>` in hexadecimal digits",
    }
}


def routes(reception: Reception, afterlife: Afterlife, downloads: Downloads) -> Routes:
    return (
        Route(
            "POST", "/{account}/facts", "tell_facts", RIGHT, params=AccountParams, returns=Taken, status=202,
            takes=Content("application/json"), body_limit=FORM_BYTES, handler=reception.take,
            summary="Say what happened",
            errors=(
                *_SIGNED, problem.BAD_JSON, problem.NOT_JSON, BAD_FORM, BAD_KEY, KEY_USED, COMPRESSED,
                FILE_TOO_LARGE, BUSY,
            ),
        ),
        Route(
            "GET", "/{account}/dead", "list_dead", RIGHT, params=DeadParams, returns=DeadPage,
            handler=afterlife.dead, summary="Notices that were given up", errors=_SIGNED,
        ),
        Route(
            "POST", "/{account}/dead/replay", "replay_dead", RIGHT, params=AccountParams, returns=Replayed,
            status=202, handler=afterlife.replay_all, summary="Send them again", errors=_SIGNED,
        ),
        Route(
            "POST", "/{account}/dead/{id}/replay", "replay_one", RIGHT, params=DeadOneParams,
            returns=Replayed, status=202, handler=afterlife.replay, summary="Send one of them again",
            errors=_SIGNED,
        ),
        Route(
            "GET", "/{account}/files/{id}", "get_file", PUBLIC, params=FileParams,
            returns=Content("application/octet-stream"), handler=downloads.file, summary="A file of a notice",
        ),
    )  # fmt: skip


def application(callers: Callers, rows: Routes) -> web.Application:
    """All of it, under `/http`; the document is `/http/openapi.json`."""
    app = build(
        rows,
        authenticate=callers.authenticate,
        title="Switchboard: the open channel",
        version=VERSION,
        security_schemes=_SCHEMES,
        complete=complete,
    )
    app.middlewares.append(closing)
    return app


def complete(document: dict[str, Any]) -> None:
    """Adds what rows do not tell: the body of facts, the timestamp, and the notices."""
    document["servers"] = [{"url": "/http"}]
    schemas = document["components"]["schemas"]
    facts = _schema(FactGiven, schemas, "validation")
    batch = _schema(Facts, schemas, "validation")
    form = {
        "type": "object",
        "required": [FACTS],
        "properties": {FACTS: batch},
        "additionalProperties": _BYTES,
    }
    told = document["paths"]["/{account}/facts"]["post"]
    told["requestBody"] = {
        "required": True,
        "content": {
            "application/json": {"schema": {"anyOf": [batch, facts]}},
            "multipart/form-data": {"schema": form},
        },
    }
    for path in document["paths"].values():
        for operation in path.values():
            if operation["security"]:
                operation["parameters"] = [*operation.get("parameters", ()), _STAMP]
    document["webhooks"] = {"notice": {"post": _notice(schemas)}}


_BYTES: Final = {"type": "string", "contentMediaType": "application/octet-stream"}
_STAMP: Final = {
    "name": TIMESTAMP,
    "in": "header",
    "required": True,
    "description": "seconds since 1970, at most 300 off",
    "schema": {"type": "integer"},
}


def _notice(schemas: dict[str, Any]) -> dict[str, Any]:
    taken, refused = (
        _schema(TakenTold, schemas, "serialization"),
        _schema(RefusedTold, schemas, "serialization"),
    )
    return {
        "operationId": "notice",
        "summary": "What we ask your connector to do; signed as your requests are",
        "security": [{"signature": []}],
        "parameters": [_STAMP],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _schema(NoticeTold, schemas, "serialization")}},
        },
        "responses": {
            "2XX": {"description": "Taken", "content": {"application/json": {"schema": taken}}},
            "401": {"description": "The signature is refused: the account stops until a ping is taken"},
            "429": {"description": "Later, after Retry-After: the whole account waits; 503 is the same"},
            "4XX": {
                "description": "Failed, in your words",
                "content": {"application/json": {"schema": refused}},
            },
            "default": {"description": "Again, later and later, for up to a day"},
        },
    }


def _schema(of: Any, schemas: dict[str, Any], mode: Any) -> dict[str, Any]:
    """The schema, its parts among the document's."""
    made = TypeAdapter(of).json_schema(ref_template=_REF, mode=mode)
    schemas |= made.pop("$defs", {})
    return made
