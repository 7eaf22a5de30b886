"""Signing in: the right password and no other, at the same cost; sessions that end when they should."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from argon2 import PasswordHasher
from sqlalchemy import update

from gateways.desk import credentials, sessions
from gateways.desk.passwords import Passwords
from gateways.desk.tables import sessions as sessions_table
from shared.clock import SystemClock
from shared.db.engine import open_engine, reading, writing
from tests.integration.desk.browser import PASSWORD, Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_router import ScriptedRouter
from tests.integration.desk.scripted_store import ScriptedStore
from tests.support.waiting import eventually

Start = Callable[..., Awaitable[Workplace]]


async def test_the_right_password_signs_in_and_out(desk: Workplace, store: ScriptedStore) -> None:
    anna = store.add(Person("anna"))
    await desk.give_password(anna)
    async with desk.browser() as browser:
        assert (await browser.get("/api/me")).status == 401
        answered = await browser.sign_in(" Anna ")
        assert answered.status == 200
        assert answered.body["operator"]["login"] == "anna"
        cookie = answered.headers.getall("Set-Cookie")[0]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert (await browser.get("/api/me")).body["access"] == answered.body["access"]
        token = browser.cookie("switchboard_session")
        assert (await browser.call("DELETE", "/api/session")).status == 204
        assert (await browser.get("/api/me")).status == 401
        again = await browser.call("GET", "/api/me", headers={"Cookie": f"switchboard_session={token}"})
        assert again.status == 401, "a token that was signed out is dead"


async def test_a_sign_in_brings_a_new_token_and_ends_the_one_it_came_with(
    desk: Workplace, store: ScriptedStore
) -> None:
    async with await desk.signed_in(store.add(Person("anna"))) as browser:
        first = browser.cookie("switchboard_session")
        assert (await browser.sign_in("anna")).status == 200
        assert browser.cookie("switchboard_session") != first
        async with desk.browser() as other:
            headers = {"Cookie": f"switchboard_session={first}"}
            assert (await other.call("GET", "/api/me", headers=headers)).status == 401
            planted = {"Cookie": "switchboard_session=chosen-by-an-attacker"}
            answered = await other.call(
                "POST", "/api/session", {"login": "anna", "password": PASSWORD}, headers=planted
            )
            assert "chosen-by-an-attacker" not in str(answered.headers)


async def test_a_wrong_password_and_an_unknown_login_are_told_alike(
    desk: Workplace, store: ScriptedStore
) -> None:
    await desk.give_password(store.add(Person("anna")))
    for language in ("en", "ru"):
        async with desk.browser(**{"Accept-Language": language}) as browser:
            wrong = await browser.sign_in("anna", "not the password")
            unknown = await browser.sign_in("nobody", "not the password")
            for body in (wrong.body, unknown.body):
                body.pop("trace_id")
            assert wrong.status == unknown.status == 401
            assert wrong.body == unknown.body
            assert wrong.code == "wrong_password"
            assert ("пароль" in wrong.body["title"]) == (language == "ru")


async def test_an_operator_who_is_switched_off_is_told_so_only_with_the_right_password(
    desk: Workplace, store: ScriptedStore
) -> None:
    anna = store.add(Person("anna", disabled=True))
    await desk.give_password(anna)
    async with desk.browser() as browser:
        assert (await browser.sign_in("anna", "not the password")).code == "wrong_password"
        assert (await browser.sign_in("anna")).code == "operator_disabled"


async def test_an_old_hash_is_made_anew_at_sign_in(desk: Workplace, store: ScriptedStore) -> None:
    anna = store.add(Person("anna"))
    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    await desk.give_password(anna, hash_=weak)
    async with desk.browser() as browser:
        assert (await browser.sign_in("anna")).status == 200
    engine = open_engine(desk.database)
    async with reading(engine) as conn:
        kept = await credentials.find(conn, "anna")
    await engine.dispose()
    assert kept is not None
    assert "m=19456,t=2,p=1" in kept.hash
    async with Passwords() as passwords:
        assert (await passwords.check(PASSWORD, kept.hash)).right


async def test_a_session_ends_at_both_replicas_when_it_is_signed_out_of_at_one(
    start_desk: Start, router: ScriptedRouter, store: ScriptedStore
) -> None:
    one, two = await start_desk(), await start_desk()
    await one.ready()
    await two.ready()
    anna = store.add(Person("anna"))
    async with await one.signed_in(anna) as here, two.browser() as there:
        there.take_cookies(here)
        assert (await there.get("/api/me")).status == 200
        socket = await there.connect()
        await socket.next("hello")
        await here.call("DELETE", "/api/session")
        assert (await there.get("/api/me")).status == 401
        assert await socket.until_closed(5) == 4401
        assert socket.others[-1]["reason"] == "session"


async def test_who_is_switched_off_loses_sessions_and_connections(
    desk: Workplace, store: ScriptedStore
) -> None:
    anna = store.add(Person("anna"))
    async with await desk.signed_in(anna) as browser:
        socket = await browser.connect()
        await socket.next("hello")
        store.change_access(anna, disabled=True)
        assert await socket.until_closed(5) == 4401
        assert (await browser.get("/api/me")).status == 401
        store.change_access(anna, disabled=False)
        assert (await browser.get("/api/me")).status == 401, "switching on again revives no session"


async def test_a_new_password_ends_every_session(desk: Workplace, store: ScriptedStore) -> None:
    anna = store.add(Person("anna"))
    async with await desk.signed_in(anna) as browser:
        socket = await browser.connect()
        await socket.next("hello")
        engine = open_engine(desk.database)
        async with writing(engine) as conn:
            await sessions.revoke_of(conn, anna.operator_id)
        await engine.dispose()
        assert await socket.until_closed(5) == 4401
        assert (await browser.get("/api/me")).status == 401


async def test_an_unused_session_ends(desk: Workplace, store: ScriptedStore) -> None:
    anna = store.add(Person("anna"))
    async with await desk.signed_in(anna) as browser:
        engine = open_engine(desk.database)
        async with writing(engine) as conn:
            long_ago = SystemClock().now() - timedelta(hours=73)
            await conn.execute(update(sessions_table).values(seen_at=long_ago))
        await engine.dispose()
        assert (await browser.get("/api/me")).status == 401


async def test_a_flood_of_sign_ins_starves_nobody(desk: Workplace, store: ScriptedStore) -> None:
    anna = store.add(Person("anna"))
    async with await desk.signed_in(anna) as browser, asyncio.TaskGroup() as group:
        tries = [group.create_task(browser.sign_in(f"nobody{number}", "x")) for number in range(60)]

        async def asks() -> bool:
            return (await browser.get("/api/me")).status == 200

        async with asyncio.timeout(10):
            for _ in range(20):
                assert await asks()
        await eventually(lambda: all(one.done() for one in tries), seconds=30)
        statuses = {one.result().status for one in tries}
        assert statuses <= {401, 429, 503}, "refused, slowed down or told to come back; never broken"
