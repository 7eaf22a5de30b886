"""What an integrator says reaches the router once, in order, whole or not at all; over a real process."""

import gzip
import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.integration.files.pictures import encoded, four_colours
from tests.support.http_provider import NEXT_SECRET, Gate, Integrator, message, ref
from tests.support.waiting import eventually

PICTURE = encoded(four_colours(), "PNG")
AT = "2026-01-31T10:00:00Z"

pytestmark = [pytest.mark.timeout(120), pytest.mark.feature("CH14")]  # a process of its own


def picture(field: str) -> dict[str, Any]:
    return {"kind": "image", "file": {"upload": field}}


async def test_facts_come_once_in_order_and_whole(gate: Gate, integrator: Integrator) -> None:
    batch = [message(f"m{number}", f"text {number}") for number in range(3)]
    first = await gate.tell(*batch)
    assert first[0] == 202
    assert await gate.tell(*batch, secret=NEXT_SECRET) == first
    alone = json.dumps(message("m3", "text 3")).encode()
    status, taken = await gate.ask("POST", "/http/main/facts", alone)
    assert (status, len(taken["ids"])) == (202, 1)
    await eventually(lambda: gate.router.heard("c7") == [f"text {number}" for number in range(4)])
    assert not any(fact["data"]["backfill"] for fact in gate.router.of_type("inbound.message.v1"))
    (declared,) = gate.router.of_type("inbound.account.v1")
    able = declared["data"]["capabilities"]
    assert (able["text_length"], able["edit"], able["voice"], able["deduplicates"]) == (
        2000,
        True,
        False,
        True,
    )

    await _documented(gate)
    await _refused(gate)
    await _keys(gate)
    await _files(gate, integrator)
    said = len(gate.router.of_type("inbound.message.v1"))
    assert said == 4 + 1 + 2, "what was refused left something"


async def _documented(gate: Gate) -> None:
    """The served document is valid, and has every fact and every notice."""
    async with gate.session.get(f"{gate.url}/http/openapi.json") as answer:
        document = await answer.json()
    OpenAPIV31SpecValidator(document).validate()
    told = document["webhooks"]["notice"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(told["discriminator"]["mapping"]) == {
        "message", "edit", "deletion", "reaction", "read", "closing", "typing", "ping",
    }  # fmt: skip
    bodies = document["paths"]["/{account}/facts"]["post"]["requestBody"]["content"]
    _batch, alone = bodies["application/json"]["schema"]["anyOf"]
    assert len(alone["discriminator"]["mapping"]) == 15
    assert "multipart/form-data" in bodies


async def _refused(gate: Gate) -> None:
    """Nothing of these is taken, and each says why."""
    wrong = message("w1", "fine"), message("w2", "", parts=[{"kind": "poll"}])
    status, problem = await gate.tell(*wrong)
    assert (status, problem["code"]) == (422, "invalid")
    assert problem["errors"][0]["where"] == "body.facts.1.parts.0"
    fine = message("w3", "fine")
    for told, status, code in (
        (await gate.tell(fine, secret="somebody else's secret"), 401, "not_proven"),
        (await gate.tell(fine, age=301), 401, "timestamp_off"),
        (await gate.tell(fine, age=-301), 401, "timestamp_off"),
        (await gate.tell(fine, Content_Encoding="gzip"), 415, "compressed"),
        (await gate.tell(fine, Content_Type="text/plain"), 415, "not_json"),
        (await gate.tell(fine, Idempotency_Key="x" * 201), 400, "bad_idempotency_key"),
        (await gate.ask("POST", "/http/main/facts", gzip.compress(b"{}")), 400, "bad_json"),
        (await gate.ask("POST", "/http/other/facts", b"{}"), 401, "not_proven"),
        (await gate.ask("POST", "/http/main/facts", b"[" * (1024 * 1024 + 1)), 413, "too_large"),
        (await gate.tell_form(message("w4", "", parts=[picture("a")]), {"b": PICTURE}), 422, "invalid"),
    ):
        assert told[0] == status, told
        assert told[1]["code"] == code, told


async def _keys(gate: Gate) -> None:
    """One more message, of these three requests."""
    first = await gate.tell(message("k1", "with a key"), Idempotency_Key="k-1")
    assert first[0] == 202
    assert await gate.tell(message("k1", "with a key"), Idempotency_Key="k-1") == first
    status, problem = await gate.tell(message("k2", "something else"), Idempotency_Key="k-1")
    assert (status, problem["code"]) == (409, "idempotency_key_used")
    await eventually(lambda: "with a key" in gate.router.heard("c7"))


async def _files(gate: Gate, integrator: Integrator) -> None:
    """Two more: a picture in the request, and a file behind an address."""
    sent = message("f1", "", parts=[picture("photo")])
    taken = await gate.tell_form(sent, {"photo": PICTURE})
    assert taken[0] == 202, taken
    assert await gate.tell_form(sent, {"photo": PICTURE}) == taken
    linked = {"kind": "file", "file": {"url": f"{integrator.url}/bill.pdf"}}
    await gate.tell(message("f2", "", parts=[linked]))
    (stored,) = await eventually(lambda: gate.router.of_type("inbound.stored.v1"))
    heard = {
        one["data"]["external_id"]: one["data"]["content"]
        for one in gate.router.of_type("inbound.message.v1")
    }
    photo, bill = heard["f1"]["parts"][0]["file"], heard["f2"]["parts"][0]["file"]
    assert (photo["state"], photo["mime_type"], photo["width"], photo["name"]) == (
        "stored", "image/png", 80, "photo.png",
    )  # fmt: skip
    assert (bill["state"], bill["name"]) == ("pending", "bill.pdf")
    assert stored["data"]["attachment_id"] == bill["attachment_id"]
    assert stored["data"]["mime_type"] == "application/pdf"


async def test_every_fact_an_integrator_knows_reaches_the_router(gate: Gate) -> None:
    """History, calls and all the rest; a call's recording comes with it."""
    who = {"id": "u1", "name": "Anna", "phone": "+79161234567", "also": ["mail:anna"]}
    chat: dict[str, Any] = {"chat": "c7", "at": AT}
    call = {
        **chat, "type": "call", "id": "call-1", "direction": "in", "state": "ended", "person": who,
        "duration_seconds": 12.5, "recording": {"upload": "talk"},
    }  # fmt: skip
    facts = [
        message("old", "from another system", history=True, sent_at="2019-03-01T08:00:00+03:00"),
        {**chat, "type": "edit", "message": "old", "parts": [{"kind": "text", "text": "edited"}]},
        {**chat, "type": "deletion", "message": "old"},
        {**chat, "type": "reaction", "message": "old", "sender": who, "emoji": ["👍"]},
        {"type": "press", "chat": "c7", "id": "p1", "sender": who, "payload": "yes"},
        {**chat, "type": "delivery", "message": "x-1", "state": "delivered"},
        {**chat, "type": "receipt", "up_to": "x-1", "state": "read"},
        {**chat, "type": "closing"},
        {**chat, "type": "rating", "stars": 5},
        {**chat, "type": "members", "joined": [who]},
        {**chat, "type": "visit", "page": {"url": "https://shop.example/"}},
        {"type": "identity", "chat": "c7", "person": who},
        {"type": "request", "id": "r1", "phone": "+79161234567", "comment": "call me"},
        {"type": "typing", "chat": "c7"},
    ]  # fmt: skip
    status, taken = await gate.tell(*facts)
    assert (status, taken["ids"][-1]) == (202, None)
    assert len({*taken["ids"]}) == len(facts)
    assert (await gate.tell(*facts))[1] == taken
    status, taken = await gate.tell_form(call, {"talk": b"ID3 sound"})
    assert status == 202, taken
    words = (
        "message", "edit", "deletion", "reaction", "press", "delivery", "receipt", "closing", "rating",
        "members", "visit", "identity", "request", "call",
    )  # fmt: skip
    await eventually(lambda: all(gate.router.of_type(f"inbound.{word}.v1") for word in words))
    await eventually(lambda: len(gate.router.of_type("inbound.message.v1")) == 2)
    old, talk = gate.router.of_type("inbound.message.v1")
    assert (old["data"]["backfill"], old["data"]["sent_at"]) == (True, "2019-03-01T05:00:00Z")
    (told,) = gate.router.of_type("inbound.call.v1")
    assert told["data"]["dialog"] == json.loads(ref("c7").model_dump_json())
    assert talk["data"]["content"]["technical"]
    assert talk["data"]["content"]["parts"][0]["file"]["attachment_id"] == told["data"]["recording_id"]
    blobs = gate.log.parent / "blobs"
    assert [path for path in blobs.rglob("*") if path.name.startswith(told["data"]["recording_id"])]
