"""Guessing passwords is slow, and nobody can be kept out by somebody else's guesses."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import update

from gateways.desk.tables import guesses
from shared.clock import SystemClock
from shared.db.engine import open_engine, writing
from tests.integration.desk.browser import PASSWORD, Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_store import ScriptedStore


async def later(desk: Workplace, minutes: int) -> None:
    """As if so much time had passed since the guesses."""
    engine = open_engine(desk.database)
    async with writing(engine) as conn:
        await conn.execute(update(guesses).values(since=SystemClock().now() - timedelta(minutes=minutes)))
    await engine.dispose()


async def test_five_wrong_passwords_make_the_sixth_wait_a_while(
    desk: Workplace, store: ScriptedStore
) -> None:
    await desk.give_password(store.add(Person("anna")))
    async with desk.browser() as browser:
        for _ in range(5):
            assert (await browser.sign_in("anna", "wrong")).status == 401
        refused = await browser.sign_in("anna")
        assert (refused.status, refused.code) == (429, "too_many_attempts")
        assert 0 < int(refused.headers["Retry-After"]) <= 15 * 60
        assert (await browser.sign_in("boris", "wrong")).status == 401, "another login is not concerned"
        await later(desk, 16)
        assert (await browser.sign_in("anna")).status == 200


async def test_many_at_once_count_as_many(desk: Workplace, store: ScriptedStore) -> None:
    await desk.give_password(store.add(Person("anna")))
    async with desk.browser() as browser:
        answers = await asyncio.gather(*(browser.sign_in("anna", "wrong") for _ in range(15)))
    assert sum(one.status == 401 for one in answers) <= 5


async def test_somebody_elses_guesses_do_not_lock_the_administrator_out(
    desk: Workplace, store: ScriptedStore
) -> None:
    root = store.add(Person("root", "administrator"))
    async with await desk.signed_in(root) as hers, desk.browser() as attacker:
        await hers.call("DELETE", "/api/session")
        for _ in range(40):
            await attacker.sign_in("root", "wrong")
        assert (await attacker.sign_in("root", PASSWORD)).status == 429
        assert (await hers.sign_in("root")).status == 200, "a known browser has a limit of its own"


async def test_a_known_browser_is_limited_too(desk: Workplace, store: ScriptedStore) -> None:
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        statuses = [(await browser.sign_in("anna", "wrong")).status for _ in range(12)]
        assert statuses == [401] * 10 + [429] * 2
        other = await browser.sign_in("boris", "wrong")
        assert other.status == 401, "of one operator only"


async def test_one_address_may_not_try_every_login(desk: Workplace, store: ScriptedStore) -> None:
    async with desk.browser() as browser:
        answers = [await browser.sign_in(f"login{number}", "wrong") for number in range(55)]
    assert [one.status for one in answers[48:]] == [401, 401, 429, 429, 429, 429, 429]


async def test_a_forged_address_changes_nothing(desk: Workplace, store: ScriptedStore) -> None:
    await desk.give_password(store.add(Person("anna")))
    statuses = []
    async with desk.browser() as browser:
        for number in range(6):
            body = {"login": "anna", "password": "wrong"}
            forged = {"X-Forwarded-For": f"10.0.0.{number}"}
            answered = await browser.call("POST", "/api/session", body, headers=forged)
            statuses.append(answered.status)
    assert statuses == [401] * 5 + [429]


async def test_odd_logins_are_just_unknown(desk: Workplace) -> None:
    async with desk.browser() as browser:
        for odd in ("a" * 100, "' OR 1=1 --", "анна", '"x" from 127.0.0.1', "\x00"):
            assert (await browser.sign_in(odd, "x" * 300)).code == "wrong_password"
