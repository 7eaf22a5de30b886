"""`credentials set LOGIN`: gives an operator a password; `credentials unlock LOGIN`: forgets failed sign-ins.

The router knows which operator has the login, so it is asked as by any other command line. The password is
all that goes to the standard output. Exit codes: 0 done, 1 refused, 2 a wrong command line, 3 no answer.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

from gateways.desk import credentials, guessing, passwords, sessions
from gateways.desk.credentials import Credential, spelled
from gateways.desk.passwords import Passwords
from gateways.desk.settings import DeskSettings
from shared.bus.call import AnswerLate, Caller
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.clock import SystemClock, uuid7
from shared.contract.commands import PATIENCE, ListOperators
from shared.contract.envelope import wrap
from shared.contract.people import Actor
from shared.db.engine import open_engine, writing
from shared.failure import Unavailable
from shared.trace import new_trace

REFUSED: Final = 1
AWAY: Final = 3
ANSWER_SECONDS: Final = 30.0


class Refused(Exception):
    """What was asked cannot be done; the words say why."""


def main(arguments: Sequence[str], settings: DeskSettings) -> int:
    """Runs one command line; its exit code."""
    chosen = _parser().parse_args(list(arguments))
    try:
        if chosen.verb == "set":
            asyncio.run(_set(settings, chosen.login, chosen.password_file))
        else:
            asyncio.run(_unlock(settings, chosen.login))
    except Refused as refused:
        print(refused, file=sys.stderr)
        return REFUSED
    except (Unavailable, AnswerLate) as error:
        print(f"no answer: {error}", file=sys.stderr)
        return AWAY
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateways.desk", description="The desk's command line")
    verbs = (
        parser.add_subparsers(dest="noun", required=True)
        .add_parser("credentials")
        .add_subparsers(dest="verb", required=True)
    )
    setting = verbs.add_parser("set", help="give an operator a password; every session of theirs ends")
    setting.add_argument("login")
    setting.add_argument("--password-file", type=Path, help="a file with the password; else one is made up")
    unlock = verbs.add_parser("unlock", help="forget failed sign-ins of a login")
    unlock.add_argument("login")
    return parser


async def _set(settings: DeskSettings, login: str, file: Path | None) -> None:
    login = spelled(login)
    password = passwords.invent() if file is None else _read(file)
    operator_id = await _operator(settings, login)
    async with Passwords() as hashing:
        hash_ = await hashing.hash(password)
    engine = open_engine(settings.secret("database_url"))
    now = SystemClock().now()
    try:
        async with writing(engine) as conn:
            await credentials.put(conn, Credential(operator_id, login, hash_), now)
            await sessions.revoke_of(conn, operator_id)
            await guessing.unlock(conn, login)
    finally:
        await engine.dispose()
    if file is None:
        print(password)
    print(f"{login} signs in with this password from now on", file=sys.stderr)


def _read(file: Path) -> str:
    """The password: the first line of the file."""
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read: {error}") from None
    password = lines[0] if lines else ""
    least, most = passwords.SHORTEST, passwords.LONGEST_BYTES
    if len(password) < least or len(password.encode()) > most:
        raise Refused(f"a password has at least {least} characters and at most {most} bytes")
    return password


async def _unlock(settings: DeskSettings, login: str) -> None:
    engine = open_engine(settings.secret("database_url"))
    try:
        async with writing(engine) as conn:
            await guessing.unlock(conn, spelled(login))
    finally:
        await engine.dispose()
    print(f"failed sign-ins of {spelled(login)} are forgotten", file=sys.stderr)


async def _operator(settings: DeskSettings, login: str) -> UUID:
    """The operator with this login, by the router's list."""
    clock = SystemClock()
    actor = Actor(kind="console", id=os.environ.get("USER", "console") or "console")
    now = clock.now()
    command = ListOperators(actor=actor, deadline=now + PATIENCE)
    envelope = wrap(
        command, id=uuid7(now), source="console", time=now, subject="router", traceparent=new_trace()
    )
    async with Broker(settings.secret("amqp_url"), name="console") as broker:
        answer = await Caller(broker, Publisher(broker)).call(envelope, timeout=ANSWER_SECONDS)
    if answer.refusal is not None:
        raise Refused(answer.refusal.words("en"))
    for operator in answer.result["operators"]:
        if operator["login"] == login:
            return UUID(operator["operator_id"])
    raise Refused(f"there is no operator {login}; add one: python -m router operators add {login} --name …")
