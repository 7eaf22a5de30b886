"""What we send reaches the integrator's webhook once and in order, whatever it answers: a real process."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.bus.connection import Broker
from shared.bus.listener import Listener
from shared.bus.outgoing import Outgoing
from shared.contract.content import Content, Document, File, text_content
from shared.contract.live import Typing
from shared.contract.outbound import CloseChat, DeleteMessage, EditMessage
from shared.topology import LIVE, live_key
from tests.support.http_provider import HOOK, SECRET, Gate, Integrator, message, ref
from tests.support.provider_faults import AcceptThenReset, Fail, Garbage, Throttle
from tests.support.quiet_ports import give_back, quiet_ports
from tests.support.waiting import eventually

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "http_connector.py"

pytestmark = [pytest.mark.timeout(120), pytest.mark.feature("CH14")]  # a process of its own


async def test_notices_come_once_in_order_whatever_is_answered(gate: Gate, integrator: Integrator) -> None:
    integrator.script(HOOK, Fail(500), AcceptThenReset())
    first = await gate.send("first")
    second = await gate.send("second")
    aside = await gate.send("aside", chat="c8")
    await gate.becomes(aside, "sent")
    await gate.becomes(first, "sent")
    await gate.becomes(second, "sent")
    assert [one["parts"][0]["text"] for one in integrator.told() if one["chat"] == "c7"] == [
        "first",
        "second",
    ]
    assert len({one.json()["id"] for one in integrator.tried()}) == 3 < len(integrator.tried())
    (report, _, _) = sorted(gate.router.of_type("inbound.delivery.v1"), key=lambda fact: fact["data"]["at"])
    assert report["data"]["external_id"] == f"x-{report['data']['message_id']}"
    assert not integrator.refused

    integrator.script(HOOK, Throttle(1), Fail(422, {"code": "contact_blocked", "words": "They left."}))
    blocked = await gate.send("blocked")
    await gate.becomes(blocked, "failed")
    told = [one["data"] for one in gate.router.of_type("inbound.delivery.v1")]
    (failed,) = [one for one in told if one["message_id"] == str(blocked)]
    assert (failed["code"], failed["words"]) == ("contact_blocked", "They left.")

    integrator.script(HOOK, Garbage(b"<html>"))
    unnamed = await gate.send("without a name")
    await gate.becomes(unnamed, "sent")
    assert gate.router.of_type("inbound.delivery.v1")[-1]["data"]["external_id"] == str(unnamed)
    await _other_acts(gate, integrator, unnamed)
    await _typing(gate, integrator)
    await _file(gate, integrator)
    assert integrator.left(HOOK) == 0


async def _other_acts(gate: Gate, integrator: Integrator, sent: UUID) -> None:
    """A change, a deletion and the end of the conversation; an echo is nobody's message."""
    until: dict[str, Any] = {"dialog": ref("c7"), "not_after": datetime.now(UTC) + timedelta(hours=1)}
    await gate.act(EditMessage(**until, message_id=sent, content=text_content("changed")))
    await gate.act(DeleteMessage(**until, message_id=sent))
    await gate.act(CloseChat(**until, conversation_id=sent))
    await eventually(lambda: integrator.told("closing"))
    (edit,), (deletion,) = integrator.told("edit"), integrator.told("deletion")
    assert (edit["message"], edit["external_ids"]) == (str(sent), [str(sent)])
    assert edit["parts"][0]["text"] == "changed"
    assert deletion["message"] == str(sent)
    status, _ = await gate.tell(message(str(sent), "changed", origin="external"), message("n1", "and now?"))
    assert status == 202
    await eventually(lambda: gate.router.heard("c7"))
    assert gate.router.heard("c7") == ["and now?"]


async def _typing(gate: Gate, integrator: Integrator) -> None:
    """Both ways, and never kept."""
    heard: list[bytes] = []

    async def hear(body: bytes) -> None:
        heard.append(body)

    async with Broker(gate.environment["SWITCHBOARD_AMQP_URL"], name="test-desk") as broker:
        listener = Listener(broker, [(LIVE, "typing.*")], hear)
        listening = asyncio.create_task(listener.run())
        await listener.bound.wait()
        assert (await gate.tell({"type": "typing", "chat": "c7"}))[1] == {"ids": [None]}
        await eventually(lambda: heard)
        hint = Typing(dialog_id=ref("c7").dialog_id, dialog=ref("c7"), by="operator")
        key = live_key("typing", hint.dialog_id.hex)
        body = hint.model_dump_json(exclude_none=True).encode()
        gate.router.publisher.announce(Outgoing(LIVE, key, body, "1", Typing.TYPE, persistent=False))
        await eventually(lambda: integrator.told("typing"))
        listening.cancel()
    assert Typing.model_validate_json(heard[0]).by == "client"
    assert integrator.told("typing")[0]["on"]


async def _file(gate: Gate, integrator: Integrator) -> None:
    """Its bytes are behind a signed address, and behind no other."""
    status, taken = await gate.tell_form(
        message("f1", "", parts=[{"kind": "file", "file": {"upload": "bill"}}]),
        {"bill": b"%PDF-1.7 the bill"},
    )
    assert status == 202, taken
    heard = await eventually(lambda: gate.router.of_type("inbound.message.v1")[1:])
    kept = heard[0]["data"]["content"]["parts"][0]["file"]
    file = File.model_validate(kept | {"name": "bill.pdf"})
    await gate.send(Content(parts=(Document(file=file),)))
    await eventually(lambda: [one for one in integrator.told() if one["parts"][0]["kind"] == "file"])
    url = integrator.told()[-1]["parts"][0]["file"]["url"]
    async with gate.session.get(gate.url + url, headers={"Range": "bytes=9-"}) as answer:
        assert (answer.status, await answer.read()) == (206, b"the bill")
        assert "bill.pdf" in answer.headers["Content-Disposition"]
    for other in (url.replace("bill.pdf", "x.pdf"), url[:-1] + ("A" if url[-1] != "A" else "B")):
        async with gate.session.get(gate.url + other) as answer:
            assert answer.status == 404


async def test_what_was_given_up_is_listed_and_replayed(gate: Gate, integrator: Integrator) -> None:
    integrator.broken = True
    lost = await gate.send("lost for a while", seconds=3)
    await eventually(lambda: gate.router.outcomes(lost), seconds=20)
    (outcome,) = gate.router.outcomes(lost)
    integrator.broken = False
    integrator.script(HOOK, Fail(400, {"detail": "Not like this."}))
    refused = await gate.send("refused", chat="c8")
    await gate.becomes(refused, "failed")

    async def dead() -> list[dict[str, object]]:
        status, page = await gate.ask("GET", "/http/main/dead?limit=1")
        rest = (
            (await gate.ask("GET", f"/http/main/dead?after={page['next']}"))[1]
            if page["next"]
            else {"dead": []}
        )
        assert status == 200
        return [*page["dead"], *rest["dead"]]

    async def listed() -> bool:
        return len(await dead()) == 2

    await eventually(listed)
    first, second = await dead()
    assert (first["id"], first["code"]) in ((str(lost), "unconfirmed"), (str(lost), "expired"))
    assert outcome == ("unconfirmed" if first["code"] == "unconfirmed" else "failed"), (
        "a slow machine is late"
    )
    assert first["code"] == "expired" or "answers 502" in str(first["words"])
    assert first["failures"], "it was tried"
    assert (second["id"], second["words"], second["failures"]) == (str(refused), "Not like this.", 0)
    assert (await gate.ask("POST", "/http/main/dead/replay", secret="somebody else's secret"))[0] == 401
    for path in ("dead/replay", f"dead/{lost}/replay"):
        stolen = await gate.ask("POST", f"/http/main/{path}", b"{}", secret="x" * 16)
        assert stolen[0] == 401
    gate.end()
    await gate.start()
    assert await gate.ask("POST", f"/http/main/dead/{lost}/replay") == (202, {"count": 1})
    await gate.becomes(lost, outcome, "queued", "sent")
    assert await gate.ask("POST", "/http/main/dead/replay") == (202, {"count": 1})
    await gate.becomes(refused, "failed", "queued", "sent")
    assert integrator.texts == ["lost for a while", "refused"]
    assert not await dead()
    assert (await gate.ask("POST", f"/http/main/dead/{lost}/replay"))[0] == 404


async def test_a_refused_signature_stops_the_account_until_it_is_taken(
    gate: Gate, integrator: Integrator
) -> None:
    await eventually(lambda: gate.router.of_type("inbound.health.v1"))
    integrator.secret = "changed on one side alone"
    waiting = await gate.send("in spite of all")

    def states() -> list[str]:
        return [fact["data"]["state"] for fact in gate.router.of_type("inbound.health.v1")]

    await eventually(lambda: "login_needed" in states())
    assert not gate.router.outcomes(waiting)
    integrator.secret = SECRET
    gate.end()  # whoever takes over asks at once
    await gate.start()
    await gate.becomes(waiting, "sent")
    await eventually(lambda: states()[-1] == "well")
    assert "down" not in states()


async def test_the_example_connector_talks_to_the_gateway(gate: Gate, tmp_path: Path) -> None:
    """docs/examples/http_connector.py as an integrator would start it."""
    (port,) = quiet_ports(1)
    accounts = tmp_path / "accounts.toml"
    before = accounts.read_text().splitlines()
    hook = f'webhook = "http://127.0.0.1:{port}/"'
    accounts.write_text("\n".join(hook if line.startswith("webhook") else line for line in before))
    gate.end()
    gate.environment = {**gate.environment, "SWITCHBOARD_PERMITTED": f"127.0.0.1:{port}"}
    await gate.start()
    words = [gate.url.removeprefix("http://"), "main", str(tmp_path / "main.secret"), str(port)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", str(EXAMPLE), *words,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write("anna Есть зелёный?\n".encode())
        await eventually(lambda: gate.router.heard("anna") == ["Есть зелёный?"], seconds=20)
        answer = await gate.send("Да, есть.", chat="anna")
        async with asyncio.timeout(20):
            assert (await process.stdout.readline()).decode() == "< anna Да, есть.\n"
        await gate.becomes(answer, "sent")
        process.stdin.close()
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        give_back([port])
