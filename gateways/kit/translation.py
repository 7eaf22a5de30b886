"""A channel's translations by themselves, without broker, database or network: what integrators try out.

    a provider's payload ──parse_payload──▶ facts         an act of ours ──render_message──▶ requests
    a webhook's call ──proofs──▶ believed, or not         a provider's answer ──judge──▶ its ids of it
    a payload ──summary──▶ what it says, field by field, where that is more than its facts tell

The channel gives the very functions that its live path calls; only what a provider or a database would
add (an account, a time, a number) is made up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from pydantic import SecretStr

from gateways.kit.http import Answer
from gateways.kit.payload import Malformed, read_json
from gateways.kit.spool import SpoolRow
from gateways.kit.verification import Verification
from shared.contract.envelope import Data, Envelope

ParsePayload: TypeAlias = Callable[[bytes, str, datetime], Sequence[SpoolRow]]
"""The facts in what a provider says to the account of this slug at this time; raises `BadPayload`."""

RenderMessage: TypeAlias = Callable[[Envelope[Data]], Sequence[Mapping[str, Any]]]
"""The requests that an act becomes, as plain data; raises `Rejected` for what can never be sent."""


Judge: TypeAlias = Callable[[Answer], tuple[str, ...]]
"""The provider's ids of what it took; raises one of the four failures of a connector."""

Proofs: TypeAlias = Callable[[SecretStr], tuple[Verification, ...]]
"""What a call must prove, all of it, for an account with this secret."""


Summary: TypeAlias = Callable[[bytes], Mapping[str, Any]]
"""What a payload says, as plain data for people, in the place of its facts; raises `BadPayload`."""


class BadPayload(Exception):
    """What came in is not what the channel reads; `line` counts from 1."""

    def __init__(self, line: int, words: str, remedy: str) -> None:
        super().__init__(f"line {line}: {words}; {remedy}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Translation:
    """Both directions of one channel. A channel whose provider is ourselves has no answers and no calls."""

    parse_payload: ParsePayload
    render_message: RenderMessage
    judge: Judge | None = None
    proofs: Proofs | None = None
    summary: Summary | None = None


def reading_json(facts: Callable[[Any, str, datetime], Sequence[SpoolRow]], remedy: str) -> ParsePayload:
    """`parse_payload` of a channel whose payloads are one JSON value each."""

    def parse_payload(raw: bytes, account: str, at: datetime) -> Sequence[SpoolRow]:
        try:
            payload = read_json(raw)
        except Malformed as error:
            raise BadPayload(line_of(raw), f"this is not JSON ({error.reason})", remedy) from None
        try:
            return facts(payload, account, at)
        except Malformed as error:
            raise BadPayload(1, f"this is not the provider's ({error.reason})", remedy) from None

    return parse_payload


def line_of(raw: bytes) -> int:
    """The line where `raw` ends to be JSON, as far as that is known."""
    try:
        json.loads(raw)
    except json.JSONDecodeError as error:
        return error.lineno
    except (ValueError, RecursionError):
        pass
    return 1
