"""How both sides prove who they are: the HMAC-SHA256 of a timestamp, a dot and the body.

    Switchboard-Timestamp: 1769853600
    Switchboard-Signature: v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd

The key is the account's secret, in UTF-8. A request without a body signs its method and its path instead, as
`GET /http/main/dead?limit=10`. A timestamp more than 5 minutes off is no proof, so a recorded request is
worth nothing later. While two secrets are valid, we sign with both: two signatures, a comma between.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from multidict import MultiMapping
from pydantic import SecretStr

from gateways.kit.verification import Call
from shared.clock import Clock

TIMESTAMP: Final = "Switchboard-Timestamp"
SIGNATURE: Final = "Switchboard-Signature"
WINDOW_SECONDS: Final = 300
_MOST: Final = 3
"""Signatures that one request may carry."""
_STAMP: Final = re.compile(r"\d{1,12}")
_ONE: Final = re.compile(r"v1=([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says that proves it, before the body is looked at."""

    stamp: str
    signatures: tuple[str, ...]


def claim(headers: MultiMapping[str]) -> Claim | None:
    """None where a header is missing, given twice, or of another form."""
    stamps, signatures = headers.getall(TIMESTAMP, []), headers.getall(SIGNATURE, [])
    if len(stamps) != 1 or len(signatures) != 1 or not _STAMP.fullmatch(stamps[0]):
        return None
    given = [_ONE.fullmatch(one.strip()) for one in signatures[0][:400].split(",")]
    found = tuple(match[1] for match in given if match is not None)
    return Claim(stamps[0], found) if found and len(given) <= _MOST else None


def fresh(claimed: Claim, now: datetime) -> bool:
    """Whether it was signed within the window around `now`."""
    return abs(now.timestamp() - int(claimed.stamp)) <= WINDOW_SECONDS


class Proof:
    """The HMACs of one request under each secret; `update` with the body as it comes."""

    def __init__(self, secrets: Sequence[SecretStr], stamp: str) -> None:
        head = stamp.encode() + b"."
        self._macs = [hmac.new(one.get_secret_value().encode(), head, sha256) for one in secrets]

    def update(self, chunk: bytes) -> None:
        for mac in self._macs:
            mac.update(chunk)

    def holds(self, claimed: Claim) -> bool:
        """Compared in constant time, each with each."""
        pairs = [
            hmac.compare_digest(mac.hexdigest(), given) for mac in self._macs for given in claimed.signatures
        ]
        return any(pairs)

    @property
    def signature(self) -> str:
        return ",".join(f"v1={mac.hexdigest()}" for mac in self._macs)


def signed(secrets: Sequence[SecretStr], body: bytes, at: datetime) -> Mapping[str, str]:
    """The headers that prove a request of ours."""
    stamp = str(int(at.timestamp()))
    proof = Proof(secrets, stamp)
    proof.update(body)
    return {TIMESTAMP: stamp, SIGNATURE: proof.signature}


@dataclass(frozen=True, slots=True)
class Signed:
    """The proof of a webhook call by itself; without a clock its age is not judged."""

    secrets: tuple[SecretStr, ...]
    clock: Clock | None = None

    def holds(self, call: Call) -> bool:
        claimed = claim(call.headers)
        if claimed is None or (self.clock is not None and not fresh(claimed, self.clock.now())):
            return False
        proof = Proof(self.secrets, claimed.stamp)
        proof.update(call.body)
        return proof.holds(claimed)
