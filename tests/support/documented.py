"""What must be true of every HTTP application of ours; each service's tests call it with its own."""

from typing import Any

from aiohttp import web
from openapi_spec_validator import OpenAPIV31SpecValidator

from shared.http.application import DOCUMENT, ROUTES
from shared.http.openapi import plain_path


def documented(app: web.Application) -> dict[str, Any]:
    """The application's OpenAPI document: valid, with every served route and none besides."""
    document = app[DOCUMENT]()
    OpenAPIV31SpecValidator(document).validate()
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None
    }
    listed = {(row.method, plain_path(row.path)) for row in app[ROUTES]}
    assert served == listed, f"served and not listed, or the reverse: {served ^ listed}"
    operations = {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert set(operations) == listed
    rights = {(row.method, plain_path(row.path)): row.right for row in app[ROUTES]}
    assert {door: operation["x-right"] for door, operation in operations.items()} == rights
    return document
