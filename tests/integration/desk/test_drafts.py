"""Drafts (UI8): one's own, of dialogs that one may see, on every device, and not without bound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gateways.desk import drafts
from shared.db.engine import open_engine, reading, writing
from tests.integration.desk.browser import Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_store import ScriptedStore


@pytest.mark.feature("UI8")
async def test_a_draft_is_kept_for_its_author_alone(desk: Workplace, store: ScriptedStore) -> None:
    anna, boris = store.add(Person("anna")), store.add(Person("boris"))
    seen, other, hidden = (
        store.conversations[store.put_conversation(account)]["dialog_id"]
        for account in ("webchat.main", "webchat.main", "webchat.other")
    )
    async with await desk.signed_in(anna) as hers, await desk.signed_in(boris) as his:
        assert (await hers.call("PUT", f"/api/drafts/{seen}", {"text": "Dear"})).status == 204
        assert (await hers.call("PUT", f"/api/drafts/{other}", {"text": "я" * 40_000})).status == 204
        assert (await hers.call("PUT", f"/api/drafts/{seen}", {"text": "Dear \U0001f642"})).status == 204
        kept = (await hers.get("/api/drafts")).body["items"]
        assert [(one["dialog_id"], one["text"][:7]) for one in kept] == [
            (seen, "Dear \U0001f642"),
            (other, "я" * 7),
        ]
        assert datetime.now(UTC) - datetime.fromisoformat(kept[0]["saved_at"]) < timedelta(minutes=1)
        assert (await his.get("/api/drafts")).body["items"] == []
        for unseen in (hidden, uuid4()):
            refused = await hers.call("PUT", f"/api/drafts/{unseen}", {"text": "x"})
            assert (refused.status, refused.code) == (404, "conversation_not_found")
            assert (await hers.call("PUT", f"/api/drafts/{unseen}", {"text": ""})).status == 204
        assert (await hers.call("PUT", f"/api/drafts/{seen}", {"text": "x" * 50_001})).status == 422
        async with desk.browser() as elsewhere:
            await elsewhere.sign_in("anna")
            assert (await elsewhere.call("PUT", f"/api/drafts/{seen}", {"text": ""})).status == 204
        assert [one["dialog_id"] for one in (await hers.get("/api/drafts")).body["items"]] == [other]


@pytest.mark.feature("UI8")
async def test_the_oldest_draft_goes(desk_database: str) -> None:
    anna, boris, now = uuid4(), uuid4(), datetime.now(UTC)
    engine = open_engine(desk_database)
    try:
        ids = [uuid4() for _ in range(drafts.MOST + 2)]
        async with writing(engine) as conn:
            await drafts.save(conn, boris, ids[0], "his", now - timedelta(days=1))
            for number, dialog_id in enumerate(ids):
                await drafts.save(conn, anna, dialog_id, f"{number}", now + timedelta(seconds=number))
        async with reading(engine) as conn:
            assert [one.dialog_id for one in await drafts.of(conn, anna)] == ids[:1:-1]
            assert len(await drafts.of(conn, boris)) == 1
    finally:
        await engine.dispose()
