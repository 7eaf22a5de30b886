"""Addresses of the files that we send: signed, good for a day, opened by whoever has them.

    /http/main/files/0198…?name=bill.pdf&until=1769940000&key=kP3…

The same file has the same address for an hour. Nothing else of the account is opened by it.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from pydantic import SecretStr

from shared.files.names import safe_name

DAY_HOURS: Final = 25
"""Retries of a notice last a day, and each makes its addresses anew."""
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Links:
    """Of one account. `base`: how the integrator reaches us; empty: addresses begin with the path."""

    account: str
    secrets: tuple[SecretStr, ...]
    base: str = ""

    def to(self, attachment: UUID, name: str, now: datetime) -> str:
        until = (int(now.timestamp()) // _HOUR + DAY_HOURS) * _HOUR
        safe = safe_name(name)
        query = urlencode(
            {"name": safe, "until": until, "key": self._key(self.secrets[0], attachment, safe, until)}
        )
        return f"{self.base.rstrip('/')}/http/{self.account}/files/{attachment}?{query}"

    def opens(self, attachment: UUID, name: str, until: int, key: str, now: datetime) -> bool:
        """Whether the address is one of ours, and not too old."""
        good = [
            hmac.compare_digest(self._key(secret, attachment, name, until).encode(), key.encode())
            for secret in self.secrets
        ]
        return any(good) and now.timestamp() <= until

    def _key(self, secret: SecretStr, attachment: UUID, name: str, until: int) -> str:
        said = f"file.{self.account}.{attachment}.{name}.{until}".encode()
        return (
            urlsafe_b64encode(hmac.digest(secret.get_secret_value().encode(), said, "sha256"))
            .rstrip(b"=")
            .decode()
        )
