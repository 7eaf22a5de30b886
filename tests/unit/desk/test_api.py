"""The API's own description: every route is in it, valid and with its right; nothing changes by GET."""

from __future__ import annotations

from typing import Any, cast

import pytest

from gateways.desk.api import application
from gateways.desk.passwords import Passwords
from gateways.desk.process import put_together
from gateways.desk.settings import DeskSettings
from gateways.desk.store_client import StoreClient
from shared.db.engine import open_engine
from shared.http.application import ROUTES
from shared.http.route import PUBLIC
from tests.support.documented import documented


@pytest.fixture
def app() -> Any:
    settings = DeskSettings.read({"SWITCHBOARD_SERVICE_TOKEN": "x" * 20})
    engine = open_engine("sqlite:///never-opened.db")
    nothing = cast(Any, None)
    store = StoreClient("http://127.0.0.1:1", lambda: "")
    return application(put_together(settings, engine, store, nothing, nothing, Passwords(), nothing))


async def test_the_document_is_valid_and_whole(app: Any) -> None:
    document = documented(app)
    assert document["components"]["securitySchemes"]["session"]["in"] == "cookie"


async def test_what_is_public_is_known(app: Any) -> None:
    assert {row.name for row in app[ROUTES] if row.right == PUBLIC} == {"sign_in", "live", "openapi"}


async def test_every_write_has_an_id_of_its_own(app: Any) -> None:
    without = {row.name for row in app[ROUTES] if row.body is not None and "id" not in row.body.model_fields}
    assert without == {"sign_in", "typing", "put_draft"}
