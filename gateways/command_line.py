"""Commands for integrators: what a channel makes of a payload and of a message, without anything running.

0: done. 1: the channel will never send this message, and says why. 2: the input is wrong; the line says
where, and what to do about it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from gateways.capability_table import table
from gateways.kit.payload import Malformed, read_json
from gateways.kit.translation import BadPayload, line_of
from gateways.registry import GATEWAYS
from shared.clock import SystemClock
from shared.contract.envelope import Catalogue, Unknown
from shared.contract.outbound import ACTS
from shared.failure import Rejected, Undecodable

_ACTS: Final = Catalogue(*ACTS)
_SHAPE: Final = "write one act as it travels on the exchange outbound (docs/integrators.md has one)"


def capabilities() -> int:
    """Prints what every channel can do."""
    print(table({name: gateway.capabilities for name, gateway in GATEWAYS.items()}))
    return 0


def parse(channel: str, account: str, raw: bytes) -> int:
    """Prints the facts of a provider's payload, each as a line of JSON, as they would be published.

    A channel whose payloads say more than facts do has a summary of its own, printed instead.
    """
    translation = GATEWAYS[channel].translation
    try:
        if translation.summary is not None:
            print(json.dumps(translation.summary(raw), ensure_ascii=False, indent=2))
            return 0
        rows = translation.parse_payload(raw, account, SystemClock().now())
    except BadPayload as error:
        return _wrong(str(error))
    for row in rows:
        print(row.body.decode())
    if not rows:
        print("nothing in it is a fact", file=sys.stderr)
    return 0


def render(channel: str, _account: str, raw: bytes) -> int:
    """Prints the requests that an act becomes, as one JSON array."""
    try:
        read_json(raw)
        act = _ACTS.decode(raw)
    except Malformed as error:
        return _wrong(f"line {line_of(raw)}: this is not JSON ({error.reason}); {_SHAPE}")
    except Undecodable as error:
        return _wrong(f"line {_line_at(raw, error.reason)}: {error.reason}; {_SHAPE}")
    if isinstance(act.data, Unknown):
        known = ", ".join(_ACTS.models)
        return _wrong(f"line 1: there is no act {act.type[:120]!r}; write one of {known}")
    try:
        requests = GATEWAYS[channel].translation.render_message(act)
    except Rejected as error:
        print(f"never sent, the operator reads: {error.code}: {error.words}", file=sys.stderr)
        return 1
    print(json.dumps(list(requests), ensure_ascii=False, indent=2))
    return 0


TRANSLATE: Final[Mapping[str, Callable[[str, str, bytes], int]]] = MappingProxyType(
    {"parse": parse, "render": render}
)


def _line_at(raw: bytes, reason: str) -> int:
    """The line of the innermost key that is there of the place with which the reason begins."""
    at = 0
    for step in reason.partition(":")[0].split("."):
        found = raw.find(b'"%s"' % step.encode(), at)
        at = max(at, found)
    return raw.count(b"\n", 0, at) + 1


def _wrong(words: str) -> int:
    print(words, file=sys.stderr)
    return 2
