"""Who a visitor is: 128 random bits, and a token that proves them to us; nobody is asked to sign in.

    v1.<visitor: 32 hex digits>.<issued: seconds since 1970>.<HMAC-SHA256 of all that and the site, base64url>

The token is bound to one site by the site's slug and secret. There is one algorithm and nothing to choose.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Final

LIFETIME: Final = timedelta(days=400)
"""Renewed at each visit."""
SKEW: Final = timedelta(seconds=60)

_TOKEN: Final = re.compile(r"v1\.([0-9a-f]{32})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")


def new_visitor() -> str:
    """An identity that nobody has had and nobody can guess."""
    return secrets.token_hex(16)


def issue(visitor: str, site: str, secret: str, now: datetime) -> str:
    """The token of `visitor` on the site with this slug."""
    head = f"v1.{visitor}.{int(now.timestamp())}"
    return f"{head}.{_signature(head, site, secret)}"


def visitor_of(token: str, site: str, secret: str, now: datetime) -> str | None:
    """The visitor whom the token proves; none when it is forged, altered, another site's, or too old."""
    if len(token) > 200 or (match := _TOKEN.fullmatch(token)) is None:
        return None
    visitor, issued, signature = match.groups()
    if not hmac.compare_digest(signature, _signature(f"v1.{visitor}.{issued}", site, secret)):
        return None
    try:
        at = datetime.fromtimestamp(int(issued), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return visitor if -SKEW <= now - at <= LIFETIME else None


def _signature(head: str, site: str, secret: str) -> str:
    digest = hmac.digest(secret.encode(), f"{head}.{site}".encode(), "sha256")
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
