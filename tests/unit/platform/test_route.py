"""Rows that could not be served or guarded are refused where they are written."""

from typing import Any

import pytest
from aiohttp import web
from pydantic import BaseModel

from shared.http.application import ROUTES, build
from shared.http.route import UPGRADE, Call, Content, Input, Route
from tests.support.documented import documented


class Params(Input):
    thing: int


class Open(BaseModel):
    thing: int


async def handler(call: Call[Any, Any]) -> None:
    """Does nothing."""


async def nobody(_: web.Request) -> None:
    return None


def _row(**changed: Any) -> Route[Any, Any]:
    row = {"method": "GET", "path": "/x", "name": "x", "right": "public", "handler": handler, "summary": "x"}
    return Route(**{**row, **changed})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"params": Open}, "must forbid extra fields"),
        ({"body": Open, "method": "POST"}, "must forbid extra fields"),
        ({"path": "/x/{thing}"}, "lack thing"),
        ({"path": "/x/{other}", "params": Params}, "lack other"),
        ({"body": Params}, "takes no body"),
        ({"right": ""}, "a right"),
        ({"summary": ""}, "a summary"),
        ({"name": "X y"}, "snake_case"),
    ],
)
def test_a_wrong_row(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        _row(**changed)


@pytest.mark.parametrize(
    ("changed", "status"),
    [({}, 204), ({"returns": Open}, 200), ({"returns": UPGRADE}, 101), ({"status": 201}, 201)],
)
def test_the_ordinary_status(changed: dict[str, Any], status: int) -> None:
    assert _row(**changed).success == status


@pytest.mark.parametrize("other", [{"name": "y"}, {"path": "/y"}])
def test_a_row_given_twice(other: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="given twice"):
        build([_row(), _row(**other)], authenticate=nobody, title="t", version="1")


def test_an_application_lists_every_door_and_no_other() -> None:
    app = build(
        [
            _row(path="/x/{thing:[0-9]+}", params=Params),
            _row(path="/p", name="p", returns=Content("text/html")),
        ],
        authenticate=nobody,
        title="t",
        version="1",
        document_right="session",
    )
    assert [(row.path, row.right) for row in app[ROUTES]][-1] == ("/openapi.json", "session")
    assert documented(app)["paths"]["/x/{thing}"]["get"]["description"] == "Does nothing."


def test_a_door_that_is_not_listed_is_found() -> None:
    app = build([_row()], authenticate=nobody, title="t", version="1")
    app.router.add_get("/back", nobody)  # type: ignore[arg-type]  # the mistake under test
    with pytest.raises(AssertionError, match="/back"):
        documented(app)
