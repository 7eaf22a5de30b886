"""`make new-channel` lays out a channel that passes every check, and that hears and speaks for real."""

import asyncio
import hmac
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.bus.outgoing import Outgoing
from shared.clock import uuid7
from shared.contract.content import text_content
from shared.contract.envelope import wrap
from shared.contract.ids import dialog_id
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.topology import OUTBOUND, outbound_key
from tests.support.new_channel.copy import POLLED, call
from tests.support.new_channel.copy import PUSHED as NAME
from tests.support.new_channel.layout import ROOT, BadName, check
from tests.support.provider import Provider, Route
from tests.support.provider_faults import AcceptThenReset, Fail, Throttle
from tests.support.provider_webhooks import Webhook
from tests.support.waiting import eventually
from tests.support.webchat import Router

SECRET = "a secret of the test's own"
SEND = "/v1/messages"

pytestmark = pytest.mark.timeout(300)  # a copy, its types checked, and a process of its own


def test_a_new_channel_passes_its_cases_and_is_documented(project: Path) -> None:
    places = ("tests/channels", "tests/architecture")
    made = call(project, "pytest", "-q", "-n0", *places, "-k", "acme or unknown or current")
    assert made.returncode == 0, made.stdout[-3000:]
    documented = (project / "docs" / "capabilities.md").read_text()
    assert any(
        line.startswith("| capability | webchat |") and line.endswith(f"| {NAME} | {POLLED} |")
        for line in documented.splitlines()
    )


def test_a_new_channel_passes_format_lint_types_and_import_rules(project: Path) -> None:
    places = [f"gateways/{NAME}", f"gateways/{POLLED}", "gateways/registry.py"]
    for module, *arguments in (
        ("ruff", "format", "--check", "--no-cache", *places),
        ("ruff", "check", "--no-cache", *places),
        ("mypy", *places),
        ("importlinter.cli", "lint"),
    ):
        made = call(project, module, *arguments)
        assert made.returncode == 0, made.stdout[-3000:] + made.stderr


def test_the_same_name_again_is_refused(project: Path) -> None:
    again = call(project, "tests.support.new_channel", NAME)
    assert again.returncode == 2
    assert f"gateways/{NAME} is there already; choose another name" in again.stderr


@pytest.mark.parametrize("name", ["", "Acme", "1st", "a-b", "a__b", "_a", "a_", "class", "x" * 21, "../x"])
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(BadName, match="write a-z"):
        check(name)


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(BadName, match="write one of webhook, polling"):
        check("acme", "pigeons")


@pytest.mark.parametrize("name", ["webchat", "kit", "desk", "registry"])
def test_a_taken_name_is_refused(name: str) -> None:
    with pytest.raises(BadName, match="choose another name"):
        check(name)
    assert (ROOT / "gateways").exists()


@dataclass
class Gateway:
    """The process of the new channel."""

    process: asyncio.subprocess.Process
    port: int = 0
    lines: list[dict[str, Any]] = field(default_factory=list)

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]

    def hook(self, account: str = "main") -> Webhook:
        def sign(body: bytes) -> dict[str, str]:
            return {"X-Signature": f"sha256={hmac.digest(SECRET.encode(), body, 'sha256').hex()}"}

        return Webhook(f"http://127.0.0.1:{self.port}/{NAME}/{account}", sign)


@asynccontextmanager
async def running(project: Path, environment: dict[str, str]) -> AsyncIterator[Gateway]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateways", NAME, cwd=project, env=environment, stdout=asyncio.subprocess.PIPE
    )
    gateway = Gateway(process)

    async def read() -> None:
        assert process.stdout is not None
        async for raw in process.stdout:
            gateway.lines.append(json.loads(raw))
            if gateway.lines[-1]["event"] == "webhooks_listening":
                gateway.port = gateway.lines[-1]["port"]

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(read())
            await eventually(lambda: gateway.port or process.returncode is not None, seconds=20)
            assert process.returncode is None, gateway.lines
            yield gateway
            process.terminate()
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def write_accounts(folder: Path, provider: Provider, *slugs: str) -> None:
    lines: list[str] = []
    for slug in slugs:
        account = {"slug": slug, "name": "Acme", "api": f"{provider.url}/v1", "secret_file": "main.secret"}
        lines += [f"[[{NAME}]]", *(f"{name} = {json.dumps(value)}" for name, value in account.items())]
    (folder / "accounts.toml").write_text("\n".join(lines))


def settings(folder: Path, amqp_url: str, database_url: str, provider: Provider) -> dict[str, str]:
    (folder / "main.secret").write_text(SECRET)
    write_accounts(folder, provider, "main")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
    return kept | {
        "SWITCHBOARD_AMQP_URL": amqp_url,
        "SWITCHBOARD_DATABASE_URL": database_url,
        "SWITCHBOARD_ACCOUNTS_FILE": str(folder / "accounts.toml"),
        "SWITCHBOARD_PERMITTED": provider.end_point,
    }


def update(external_id: str, text: str, number: int) -> dict[str, Any]:
    one = {"id": external_id, "chat": "c7", "from": {"id": "u1", "name": "Anna"}, "at": 1769853600}
    return {"updates": [one | {"number": number, "type": "text", "text": text}]}


async def send(router: Router, text: str) -> UUID:
    identity, now = uuid7(), datetime.now(UTC)
    ref = DialogRef(dialog_id=dialog_id(NAME, "main", "c7"), channel=NAME, account="main", chat="c7")
    act = SendMessage(
        dialog=ref, not_after=now + timedelta(hours=1), message_id=identity, content=text_content(text),
        created_at=now,
    )  # fmt: skip
    envelope = wrap(act, id=identity, source="router", time=now, subject=str(ref.dialog_id))
    key = outbound_key(NAME, "main")
    await router.publisher.publish(Outgoing(OUTBOUND, key, envelope.encode(), str(identity), act.TYPE))
    return identity


@pytest.mark.feature("CH1")
async def test_a_new_channel_hears_and_speaks(
    project: Path, amqp_url: str, database_url: Callable[[str], str], tmp_path: Path
) -> None:
    taken: dict[str, str] = {}

    def answer(request: Any) -> dict[str, str]:
        key = request.json()["key"]
        return {"id": taken.setdefault(key, f"p{len(taken) + 1}")}

    async with (
        Provider([Route("POST", SEND, answer), Route("POST", "/v1/probe", lambda _request: {})]) as provider,
        Router(amqp_url) as router,
    ):
        environment = settings(tmp_path, amqp_url, database_url(NAME), provider)
        migrating = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateways", "migrate", NAME, cwd=project, env=environment
        )
        assert await migrating.wait() == 0
        async with running(project, environment) as gateway:
            updates = [update("m1", "one", 1), update("m2", "two", 2)]
            pushed = await provider.push(gateway.hook(), updates, times=2)
            assert [one.status for one in pushed] == [200] * 4
            await eventually(lambda: router.heard("c7") == ["one", "two"])
            [forged] = await provider.push(Webhook(gateway.hook().url), [update("m3", "forged", 3)])
            assert forged.status == 401
            await eventually(lambda: router.of_type("inbound.account.v1"))
            provider.script(SEND, Throttle(0.2))
            first = await send(router, "Здравствуйте")
            await eventually(lambda: router.outcomes(first) == ["sent"], seconds=20)
            tries = provider.seen(SEND)
            assert [one.json()["text"] for one in tries] == ["Здравствуйте"] * 2
            assert tries[1].at - tries[0].at >= 0.2
            assert tries[0].headers["Authorization"] == f"Bearer {SECRET}"
            provider.script(SEND, Fail(403, {"error": "blocked"}))
            second = await send(router, "blocked")
            await eventually(lambda: router.outcomes(second) == ["failed"], seconds=20)
            provider.script(SEND, AcceptThenReset())
            third = await send(router, "cut")
            await eventually(lambda: len(router.outcomes(third)) == 1, seconds=20)
            write_accounts(tmp_path, provider, "main", "Not A Slug")
            gateway.process.send_signal(signal.SIGHUP)
            await eventually(lambda: gateway.logged("accounts_file_wrong"))
            write_accounts(tmp_path, provider, "main", "second")
            gateway.process.send_signal(signal.SIGHUP)
            await eventually(lambda: len(gateway.logged("accounts_file_read")) == 2)
            [other] = await provider.push(gateway.hook("second"), [update("m1", "here", 1)])
            assert other.status == 200
            await eventually(lambda: router.heard("c7") == ["one", "two", "here"])
            assert provider.left(SEND) == 0
            assert not provider.lost
