"""Operators, their passwords and settings, as the command lines make them, without a process for each.

The command lines themselves are run by tests/integration/router/test_command_line.py and
tests/integration/desk/test_process.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateways.desk import credentials, guessing, sessions
from gateways.desk.credentials import Credential
from gateways.desk.passwords import Passwords
from shared.bus.call import Caller
from shared.bus.connection import Broker
from shared.bus.publisher import Publisher
from shared.clock import SystemClock, uuid7
from shared.contract.commands import PATIENCE, AddOperator, Answer, Command
from shared.contract.envelope import Data, Envelope, wrap
from shared.contract.people import Actor
from shared.db.engine import open_engine, writing
from shared.trace import new_trace
from tests.support.waiting import eventually


async def hire(amqp_url: str, fields: Mapping[str, Any]) -> UUID:
    """The router's new operator; `fields` as in `AddOperator`."""
    operator_id = uuid7()
    await instruct(amqp_url, AddOperator, **{"operator_id": operator_id, **fields})
    return operator_id


async def instruct(amqp_url: str, command: type[Command], **fields: Any) -> Answer:
    """Gives a command as a console. An error when it is refused, but accounts that a gateway has not told of
    yet are waited for."""
    async with Broker(amqp_url, name="hiring") as broker:
        caller = Caller(broker, Publisher(broker))

        async def answered() -> Answer:
            answer = await caller.call(_wrapped(command, fields))
            assert answer.refusal is None or answer.refusal.code != "account_unknown", answer.refusal
            return answer

        answer = await eventually(answered, every_seconds=0.1)
    if answer.refusal is not None:
        raise RuntimeError(f"{command.TYPE} is refused: {answer.refusal.words('en')}")
    return answer


def _wrapped(command: type[Command], fields: Mapping[str, Any]) -> Envelope[Data]:
    now = SystemClock().now()
    actor = Actor(kind="console", id="hiring")
    data = command.model_validate({"actor": actor, "deadline": now + PATIENCE, **fields})
    return wrap(data, id=uuid7(now), source="console", time=now, subject="hiring", traceparent=new_trace())


async def set_password(desk_database: str, login: str, operator_id: UUID, password: str) -> None:
    """From now on the operator signs in with it."""
    async with Passwords() as hashing:
        hash_ = await hashing.hash(password)
    engine = open_engine(desk_database)
    try:
        async with writing(engine) as conn:
            await credentials.put(conn, Credential(operator_id, login, hash_), SystemClock().now())
            await sessions.revoke_of(conn, operator_id)
            await guessing.unlock(conn, login)
    finally:
        await engine.dispose()
