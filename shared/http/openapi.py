"""The OpenAPI 3.1 document of a list of routes: generated from the same rows that are served."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from shared.http import problem
from shared.http.intake import BIGGEST_INTEGER
from shared.http.problem import MEDIA_TYPE, Kind, ProblemDocument
from shared.http.route import PUBLIC, SESSION, UPGRADE, Content, Route, Routes

_REF: Final = "#/components/schemas/{model}"
_Schemas = Mapping[tuple[Any, JsonSchemaMode], dict[str, Any]]


def describe(
    routes: Routes, *, title: str, version: str, security_schemes: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """The document. `x-right` at each operation says who may."""
    schemas, definitions = models_json_schema(_models(routes), ref_template=_REF)
    components: dict[str, Any] = {"schemas": definitions.get("$defs", {})}
    _bound_integers(components["schemas"])
    if security_schemes:
        components["securitySchemes"] = security_schemes
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for route in routes:
        paths[plain_path(route.path)][route.method.lower()] = _operation(
            route, schemas, components, security_schemes
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": dict(paths),
        "components": components,
    }


def _models(routes: Routes) -> list[tuple[type[BaseModel], JsonSchemaMode]]:
    taken: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(ProblemDocument, "serialization"): None}
    for route in routes:
        for model in (route.params, route.body):
            if model is not None:
                taken[(model, "validation")] = None
        if isinstance(route.returns, type):
            taken[(route.returns, "serialization")] = None
    return list(taken)


def _operation(
    route: Route[Any, Any], schemas: _Schemas, components: dict[str, Any], security_schemes: Iterable[str]
) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": route.name, "summary": route.summary, "x-right": route.right}
    if route.handler.__doc__:
        operation["description"] = route.handler.__doc__.strip()
    operation["security"] = [] if route.right == PUBLIC else [{name: []} for name in security_schemes]
    if route.params is not None:
        operation["parameters"] = _parameters(route, schemas[(route.params, "validation")], components)
    if route.body is not None:
        body = {"schema": schemas[(route.body, "validation")]}
        operation["requestBody"] = {"required": True, "content": {"application/json": body}}
    if route.takes is not None:
        operation["requestBody"] = {"required": True, "content": {route.takes.media_type: {}}}
    operation["responses"] = _responses(route, schemas)
    return operation


def _parameters(
    route: Route[Any, Any], schema: dict[str, Any], components: dict[str, Any]
) -> list[dict[str, Any]]:
    model = components["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    required = set(model.get("required", ()))
    listed = []
    for name, field in model.get("properties", {}).items():
        in_path = name in route.variables
        described = dict(field)
        parameter = {
            "name": name,
            "in": "path" if in_path else "query",
            "required": in_path or name in required,
        }
        if "description" in described:
            parameter["description"] = described.pop("description")
        listed.append({**parameter, "schema": described})
    return listed


def _responses(route: Route[Any, Any], schemas: _Schemas) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status in (route.success, *route.other_statuses):
        response: dict[str, Any] = {"description": route.summary}
        if isinstance(route.returns, Content):
            if route.returns != UPGRADE:
                response["content"] = {route.returns.media_type: {}}
        elif route.returns is not None and status != 204:
            response["content"] = {"application/json": {"schema": schemas[(route.returns, "serialization")]}}
        responses[str(status)] = response
    by_status: dict[int, list[Kind]] = defaultdict(list)
    for kind in _problems(route):
        by_status[kind.status].append(kind)
    document = schemas[(ProblemDocument, "serialization")]
    for status, kinds in sorted(by_status.items()):
        told = "; ".join(f"`{kind.code}`: {kind.words.en}" for kind in kinds)
        responses[str(status)] = {"description": told, "content": {MEDIA_TYPE: {"schema": document}}}
    return responses


def _problems(route: Route[Any, Any]) -> list[Kind]:
    kinds = list(route.errors)
    if route.right != PUBLIC:
        kinds.append(problem.UNAUTHENTICATED)
        if route.right != SESSION:
            kinds.append(problem.FORBIDDEN)
    if route.variables:
        kinds.append(problem.NOT_FOUND)
    kinds.append(problem.INVALID)
    if route.body is not None:
        kinds += [problem.BAD_JSON, problem.TIMED_OUT, problem.TOO_LARGE, problem.NOT_JSON]
    else:
        kinds.append(problem.MALFORMED)
    if route.takes is not None:
        kinds += [problem.TIMED_OUT, problem.TOO_LARGE]
    return [*dict.fromkeys([*kinds, problem.INTERNAL, problem.UNAVAILABLE])]


def _bound_integers(schema: object) -> None:
    """Say of every integer what is true of it: 64 bits."""
    if isinstance(schema, dict):
        if schema.get("type") == "integer" and not {"enum", "const"} & set(schema):
            if not {"minimum", "exclusiveMinimum"} & set(schema):
                schema["minimum"] = -BIGGEST_INTEGER
            if not {"maximum", "exclusiveMaximum"} & set(schema):
                schema["maximum"] = BIGGEST_INTEGER
        for part in schema.values():
            _bound_integers(part)
    elif isinstance(schema, list):
        for part in schema:
            _bound_integers(part)


def plain_path(path: str) -> str:
    """The path without the patterns of its variables."""
    return re.sub(r"\{(\w+):[^}]*\}", r"{\1}", path)
