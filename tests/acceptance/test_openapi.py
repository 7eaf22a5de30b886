"""The desk's API answers as its own document says: schemathesis asks every operation, rightly and wrongly."""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, checks, openapi
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok

from shared.clock import uuid7
from tests.support.live_client import HEADERS, LiveClient
from tests.support.stack import Signer, Stack
from tests.support.waiting import eventually

CHECKED = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
RIGHTLY, WRONGLY = 2, 2
"""Examples of each operation, on each database others."""
SEEDS = {"sqlite": 1, "postgresql": 2}
LAST = ("set_status", "set_statuses", "set_preferences", "close", "sign_out")
"""Operations after which others would be refused."""

openapi.format("uuid7", st.builds(lambda: str(uuid7())))  # an act of its own each time


@dataclass
class Asking:
    """`known` are ids of things that there are, by the name of the path's variable."""

    base_url: str
    session: requests.Session
    known: Mapping[str, str]
    seed: int
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)

    def everything(self, document: dict[str, Any]) -> None:
        """Raises where an answer is not as the document says."""
        schema = openapi.from_dict(_without_security(document))
        found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
        assert len(found) == sum(map(len, document["paths"].values()))
        for operation in sorted(found, key=_turn):
            self._ask(operation, GenerationMode.POSITIVE, RIGHTLY)
            if operation.body or list(operation.iter_parameters()):
                self._ask(operation, GenerationMode.NEGATIVE, WRONGLY)

    def _ask(self, operation: Any, mode: GenerationMode, examples: int) -> None:
        @seed(self.seed)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), unknown=st.booleans())
        def ask(case: Case[Any], unknown: bool) -> None:
            if not unknown and case.path_parameters:
                there = {name: one for name, one in self.known.items() if name in case.path_parameters}
                case.path_parameters = {**case.path_parameters, **there}
            response = case.call(base_url=self.base_url, session=self.session, timeout=20)
            self.answered[_name(operation), response.status_code] += 1
            case.validate_response(response, checks=CHECKED)

        ask()


@pytest.mark.timeout(120)
async def test_every_operation_answers_as_documented(
    amqp_url: str, database_url: Callable[[str], str], database: str
) -> None:
    async with Stack(amqp_url, database_url, warm=True) as stack, asyncio.TaskGroup() as group:
        root = await stack.add_operator("root", role="administrator")
        visitor = stack.visitor()
        running = group.create_task(visitor.run())
        await visitor.say("Hello")
        known = await _known(stack, root)
        running.cancel()
        session = await asyncio.to_thread(_signed_in, stack.desk_url, root)
        asking = Asking(f"{stack.desk_url}/api", session, known, SEEDS[database])
        document = await asyncio.to_thread(
            lambda: asking.session.get(f"{asking.base_url}/openapi.json").json()
        )
        await asyncio.to_thread(asking.everything, document)
        assert {name for name, status in asking.answered if status < 400} > {"describe", "put_template"}
        lying = copy.deepcopy(document)
        lying["paths"] = {"/openapi.json": {"get": lying["paths"]["/openapi.json"]["get"]}}
        lying["paths"]["/openapi.json"]["get"]["responses"] = {"204": {"description": "nothing"}}
        with pytest.raises(FailureGroup):
            await asyncio.to_thread(asking.everything, lying)
        print(f"{sum(asking.answered.values())} requests: {sorted(asking.answered.items())}")
        assert not stack.complaints(), stack.complaints()


async def _known(stack: Stack, signer: Signer) -> dict[str, str]:
    """Ids of the only conversation and of whom it is about."""
    async with LiveClient(stack.desk_url, signer.login, signer.password) as client:
        await eventually(lambda: client.model.conversations)
        (conversation_id,) = client.model.conversations
        person = await client.call("GET", f"/api/conversations/{conversation_id}/client")
        one = await client.call("GET", f"/api/conversations/{conversation_id}")
    return {
        "conversation_id": conversation_id,
        "dialog_id": one["dialog_id"],
        "contact_id": person["contact_id"],
        "operator_id": str(signer.operator_id),
    }


def _signed_in(desk_url: str, signer: Signer) -> requests.Session:
    session = requests.Session()
    session.headers.update(HEADERS | {"Origin": desk_url})
    body = {"login": signer.login, "password": signer.password}
    session.post(f"{desk_url}/api/session", json=body, timeout=10).raise_for_status()
    return session


def _without_security(document: dict[str, Any]) -> dict[str, Any]:
    """The same for somebody who is signed in: no cookies are made up."""
    bare = copy.deepcopy(document)
    bare["components"].pop("securitySchemes")
    for methods in bare["paths"].values():
        for operation in methods.values():
            operation.pop("security")
    return bare


def _name(operation: Any) -> str:
    return str(operation.definition.raw["operationId"])


def _turn(operation: Any) -> int:
    return LAST.index(_name(operation)) if _name(operation) in LAST else -1
