"""How a provider proves that a webhook call is its own: small values, judged over the raw bytes.

Each does the same work whether the proof is there or not, and compares in constant time. A header given
twice, another spelling of a signature (upper case, padding) or any doubt is no proof.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from multidict import MultiMapping
from pydantic import SecretStr

from gateways.kit.payload import Malformed, read_form, read_json
from shared.clock import Clock

SHORTEST_SECRET: Final = 8
STAMP_SECONDS: Final = 300

_SECONDS: Final = re.compile(r"\d{1,12}")


@dataclass(frozen=True, slots=True)
class Call:
    """What came; `key` is the last segment of the path `/<account>/<key>`.

    `aliases`: for `parse` alone, the canonical names of those chats of the payload that are aliases.
    """

    body: bytes
    headers: MultiMapping[str]
    query: MultiMapping[str]
    key: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)


class Verification(Protocol):
    """One proof."""

    def holds(self, call: Call) -> bool:
        """Whether the call proves to be the provider's."""
        ...


@dataclass(frozen=True, slots=True)
class HmacHeader:
    """`X-Hub-Signature-256: sha256=<hex>`: the HMAC of the body."""

    header: str
    secret: SecretStr
    algorithm: Literal["sha256", "sha512"] = "sha256"
    prefix: str = ""
    encoding: Literal["hex", "base64"] = "hex"

    def __post_init__(self) -> None:
        _require_secret(self.secret)

    def holds(self, call: Call) -> bool:
        return _same(_one(call.headers, self.header), self.prefix + self._sign(call.body))

    def _sign(self, signed: bytes) -> str:
        digest = hmac.digest(_bytes(self.secret), signed, self.algorithm)
        return digest.hex() if self.encoding == "hex" else base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class StampedHmacHeader:
    """The HMAC of `<stamp>.<body>`, where the stamp is a header of seconds since 1970, at most 5 min off."""

    header: str
    stamp_header: str
    secret: SecretStr
    clock: Clock
    algorithm: Literal["sha256", "sha512"] = "sha256"
    prefix: str = ""

    def __post_init__(self) -> None:
        _require_secret(self.secret)

    def holds(self, call: Call) -> bool:
        stamp = _one(call.headers, self.stamp_header)
        signed = stamp.encode("utf-8", "surrogateescape") + b"." + call.body
        expected = self.prefix + hmac.digest(_bytes(self.secret), signed, self.algorithm).hex()
        fresh = bool(_SECONDS.fullmatch(stamp)) and self._off(int(stamp)) <= STAMP_SECONDS
        return _same(_one(call.headers, self.header), expected) and fresh

    def _off(self, stamp: int) -> float:
        return abs(self.clock.now().timestamp() - stamp)


@dataclass(frozen=True, slots=True)
class EqualHeader:
    """`X-Telegram-Bot-Api-Secret-Token: <secret>`."""

    header: str
    secret: SecretStr

    def __post_init__(self) -> None:
        _require_secret(self.secret)

    def holds(self, call: Call) -> bool:
        return _same(_one(call.headers, self.header), self.secret.get_secret_value())


@dataclass(frozen=True, slots=True)
class EqualQuery:
    """`?hub.verify_token=<secret>`: for the challenge of a provider."""

    name: str
    secret: SecretStr

    def __post_init__(self) -> None:
        _require_secret(self.secret)

    def holds(self, call: Call) -> bool:
        return _same(_one(call.query, self.name), self.secret.get_secret_value())


@dataclass(frozen=True, slots=True)
class UnguessablePath:
    """The last segment of the address that we gave the provider."""

    secret: SecretStr

    def __post_init__(self) -> None:
        _require_secret(self.secret)

    def holds(self, call: Call) -> bool:
        return _same(call.key, self.secret.get_secret_value())


@dataclass(frozen=True, slots=True)
class SecretInBody:
    """`{"secret": "…"}`: a field of the JSON object or form; the one proof that must read the body first."""

    field: str
    secret: SecretStr
    reads: Literal["json", "form"] = "json"

    def __post_init__(self) -> None:
        _require_secret(self.secret)

    def holds(self, call: Call) -> bool:
        try:
            body = read_json(call.body) if self.reads == "json" else read_form(call.body)
        except Malformed:
            body = None
        given = body.get(self.field) if isinstance(body, Mapping) else None
        return _same(given if isinstance(given, str) else "", self.secret.get_secret_value())


def _require_secret(secret: SecretStr) -> None:
    if len(secret.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"a webhook's secret has at least {SHORTEST_SECRET} characters: make a longer one")


def _bytes(secret: SecretStr) -> bytes:
    return secret.get_secret_value().encode()


def _one(values: MultiMapping[str], name: str) -> str:
    """The value, or nothing when it is absent or given twice."""
    found = values.getall(name, [])
    return found[0] if len(found) == 1 else ""


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
