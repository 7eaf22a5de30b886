"""Passwords: argon2id with the agreed cost, in two threads, never longer than 256 bytes."""

from __future__ import annotations

import asyncio
import re

import pytest

from gateways.desk.passwords import MOST_WAITING, Crowded, Passwords, invent


async def test_a_hash_fits_its_password_and_no_other() -> None:
    async with Passwords() as passwords:
        known = await passwords.hash("пароль 🙂")
        assert known.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert (await passwords.check("пароль 🙂", known)).right
        assert not (await passwords.check("пароль", known)).right
        assert not (await passwords.check("пароль 🙂", None)).right
        assert not (await passwords.check("x", "no hash at all")).right


async def test_what_is_too_long_is_wrong_and_costs_no_more() -> None:
    async with Passwords(memory_kib=64) as passwords:
        with pytest.raises(ValueError, match="256"):
            await passwords.hash("я" * 129)
        known = await passwords.hash("a" * 256)
        assert (await passwords.check("a" * 256, known)).right
        assert not (await passwords.check("a" * 257, known)).right
        assert not (await passwords.check("a" * 10_000_000, known)).right


async def test_only_so_many_wait_for_a_thread() -> None:
    async with Passwords(memory_kib=64) as passwords:
        checks = [passwords.check("x", None) for _ in range(MOST_WAITING + 10)]
        found = await asyncio.gather(*checks, return_exceptions=True)
    assert sum(isinstance(one, Crowded) for one in found) == 10


def test_invented_passwords_can_be_read_out() -> None:
    made = {invent() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"([a-km-z2-9]{6}-){3}[a-km-z2-9]{6}", one) for one in made)
