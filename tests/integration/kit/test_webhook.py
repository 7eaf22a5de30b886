"""Webhooks over real connections: proofs, answers after safety, challenges, accounts."""

import asyncio
import gzip
import json
from collections.abc import Callable

import pytest

from gateways.kit.typing import ClientTyping
from shared.failure import Unavailable
from tests.integration.kit.heard import gateway_database, said
from tests.integration.kit.hooks import (
    GOOD,
    GOOD_BYTES,
    LIMIT,
    Provider,
    heard_in,
    hook,
    rejected,
    serving,
    signature,
)
from tests.support.waiting import eventually


async def test_facts_are_safe_before_the_answer() -> None:
    provider = Provider()
    async with serving(provider) as session:
        provider.safe.clear()
        async with asyncio.TaskGroup() as group:
            asked = group.create_task(
                session.post("/hook/main", data=GOOD_BYTES, headers=signature(GOOD_BYTES))
            )
            await asyncio.sleep(0)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await asyncio.shield(asked)
            provider.safe.set()
        answer = asked.result()
        assert (answer.status, await answer.text()) == (200, "ok")
    assert [heard_in(row).content.text for row in provider.accepted] == ["hello", "you"]


@pytest.mark.parametrize("failure", [Unavailable("database"), TimeoutError()])
async def test_what_is_not_safe_is_refused_so_that_it_comes_again(failure: Exception) -> None:
    provider = Provider(failure=failure)
    async with serving(provider) as session:
        async with session.post("/hook/main", data=GOOD_BYTES, headers=signature(GOOD_BYTES)) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "3")
        provider.failure = None
        async with session.post("/hook/main", data=GOOD_BYTES, headers=signature(GOOD_BYTES)) as answer:
            assert answer.status == 200
    assert len(provider.accepted) == 2


@pytest.mark.feature("BY13")
async def test_what_comes_beside_facts_is_told_once_they_are_safe_and_known_chats_keep_their_name() -> None:
    provider, body = Provider(failure=Unavailable("database")), b'{"chat": "renamed"}'
    async with serving(provider) as session:
        async with session.post("/hook/moved", data=body, headers=signature(body)) as answer:
            assert (answer.status, provider.beside) == (503, [])
        provider.failure = None
        async with session.post("/hook/moved", data=body, headers=signature(body)) as answer:
            assert answer.status == 200
        async with session.post("/hook/moved", data=b"[]", headers=signature(b"[]")) as answer:
            assert answer.status == 200, "what cannot be read is kept"
    (row, unread), dialog = provider.accepted, said("c", "1", "", account="moved").dialog_id
    assert heard_in(row).dialog.chat == "c"
    assert heard_in(unread).content.parts[0].kind == "unsupported"
    assert provider.beside == [("moved", (ClientTyping(dialog),), ({"answer": 1},))]
    assert provider.learning == 1


async def test_accounts_prove_and_answer_in_their_own_ways() -> None:
    provider = Provider()
    in_body = json.dumps({"secret": "correct-horse", **json.loads(GOOD)}).encode()
    confirmation = json.dumps({"secret": "correct-horse", "type": "confirmation"}).encode()
    form, raw = b"id=7&text=%D0%B9", b"raw"
    async with serving(provider) as session:
        for path, body, headers, text in (
            ("body", in_body, {}, "ok"),
            ("body", confirmation, {}, "fb1a3c"),
            ("path/correct-horse", GOOD_BYTES, {}, "ok"),
            ("both/correct-horse", GOOD_BYTES, signature(GOOD_BYTES), "ok"),
            ("form", form, signature(form), "ok"),
            ("raw", raw, signature(raw), "ok"),
        ):
            async with session.post(f"/hook/{path}", data=body, headers=headers) as answer:
                assert (answer.status, await answer.text()) == (200, text), path
        async with session.get("/hook/main?token=correct-horse&challenge=42") as answer:
            assert (answer.status, await answer.text()) == (200, "42")
    assert len(provider.accepted) == 8


REFUSED: dict[str, tuple[str, bytes, dict[str, str], int, str, str]] = {
    "no signature": ("main", GOOD_BYTES, {}, 401, "signature", "main"),
    "of other bytes": ("main", GOOD_BYTES + b" ", signature(GOOD_BYTES), 401, "signature", "main"),
    "hostile and unsigned": ("main", b"[" * 100_000, {}, 401, "signature", "main"),
    "unknown account": ("other", GOOD_BYTES, signature(GOOD_BYTES), 401, "unknown_account", ""),
    "wrong path": ("path/correct-hors", GOOD_BYTES, {}, 401, "signature", "path"),
    "no path": ("path", GOOD_BYTES, {}, 401, "signature", "path"),
    "one of two proofs": ("both/x", GOOD_BYTES, signature(GOOD_BYTES), 401, "signature", "both"),
    "the other of two": ("both/correct-horse", GOOD_BYTES, {}, 401, "signature", "both"),
    "wrong secret in the body": ("body", b'{"secret": "x"}', {}, 401, "signature", "body"),
    "deep in the body": ("body", b'{"secret":' * 20_000, {}, 400, "malformed", "body"),
    "key twice in the body": ("body", b'{"secret":"x","secret":"y"}', {}, 400, "malformed", "body"),
    "too large": ("main", b"x" * (LIMIT + 1), signature(b"x" * (LIMIT + 1)), 413, "too_large", "main"),
    "compressed": (
        "main",
        gzip.compress(GOOD_BYTES),
        {"Content-Encoding": "gzip", **signature(GOOD_BYTES)},
        415,
        "compressed",
        "main",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_refused_and_counted(name: str) -> None:
    path, body, headers, status, reason, account = REFUSED[name]
    provider = Provider()
    before = rejected(reason, account)
    async with (
        serving(provider) as session,
        session.post(f"/hook/{path}", data=body, headers=headers) as answer,
    ):
        assert (answer.status, await answer.text()) == (status, "")
    assert rejected(reason, account) == before + 1
    assert not provider.accepted


@pytest.mark.parametrize("path", ["main", "main?token=wrong&challenge=1", "path/correct-horse", "other"])
async def test_a_challenge_needs_its_proof(path: str) -> None:
    async with serving(Provider()) as session, session.get(f"/hook/{path}") as answer:
        assert answer.status == 401


async def test_a_hook_without_a_proof_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="anybody"):
        hook("open", verify=())


@pytest.mark.feature("CH16")
async def test_facts_stand_in_the_spool_once_however_often_they_come(
    database_url: Callable[[str], str],
) -> None:
    provider = Provider()
    async with (
        gateway_database(database_url("gateway")) as kept,
        serving(provider, kept.acceptance.accept) as session,
    ):
        for _ in range(3):
            async with session.post("/hook/main", data=GOOD_BYTES, headers=signature(GOOD_BYTES)) as answer:
                assert answer.status == 200
        rows = await eventually(kept.rows)
        assert [heard_in(row).content.text for row in rows] == ["hello", "you"]
        assert kept.acceptance.held >= 2
