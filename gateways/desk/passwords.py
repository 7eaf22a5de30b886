"""Passwords: argon2id (19 MiB, t=2, p=1), in two threads, so that a flood of sign-ins starves nobody.

An unknown login costs as much time as a known one: it is checked against a hash that nothing fits.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB: Final = 19 * 1024
LONGEST_BYTES: Final = 256
SHORTEST: Final = 10
THREADS: Final = 2
MOST_WAITING: Final = 40

T = TypeVar("T")


class Crowded(Exception):
    """So many sign-ins wait for a thread that one more would wait too long."""


@dataclass(frozen=True, slots=True)
class Verdict:
    right: bool
    rehashed: str | None = None
    """The hash to keep from now on, where today's parameters differ from those it was made with."""


class Passwords:
    """Hashing and checking; entered once per process."""

    def __init__(self, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=memory_kib, parallelism=1)
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._waiting = 0
        self._nobody = ""

    async def __aenter__(self) -> Self:
        self._nobody = await self.hash(secrets.token_urlsafe(32))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """A fresh hash; ValueError for a password that is too long."""
        if len(password.encode()) > LONGEST_BYTES:
            raise ValueError(f"a password has at most {LONGEST_BYTES} bytes")
        return await self._in_pool(lambda: self._hasher.hash(password))

    async def check(self, password: str, known: str | None) -> Verdict:
        """Whether `password` fits the hash `known`; None: nobody has this login. Raises `Crowded`."""
        fitting = known is not None and len(password.encode()) <= LONGEST_BYTES
        target = known if fitting and known is not None else self._nobody
        tried = password if fitting else password[:LONGEST_BYTES]
        return await self._in_pool(lambda: self._check(target, tried, fitting))

    def _check(self, known: str, password: str, fitting: bool) -> Verdict:
        try:
            self._hasher.verify(known, password)
        except (VerificationError, InvalidHashError):
            return Verdict(False)
        if not fitting:
            return Verdict(False)
        stale = self._hasher.check_needs_rehash(known)
        return Verdict(True, self._hasher.hash(password) if stale else None)

    async def _in_pool(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Crowded
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def invent() -> str:
    """A password of 120 random bits that can be read out: four groups of five letters and digits."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(6)) for _ in range(4))
