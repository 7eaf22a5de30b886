"""The bytes of a file behind an address, as they come: bounded, guarded, judged by the answer's status.

====================  ===================================================
status                raised
====================  ===================================================
200                   nothing
429                   `Retryable`, as long as Retry-After says
500 to 599            `Broken`: it may be well later
any other             `Rejected`: the file is not there, or not for us
====================  ===================================================

Whatever else goes wrong is an `Unfetched`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

from gateways.kit.http import Arriving, GuardedClient, Limits
from gateways.kit.request import pause_of
from gateways.kit.unfetched import Broken
from shared.failure import Rejected, Retryable


async def download(
    client: GuardedClient, address: str, limits: Limits, headers: Mapping[str, str] | None = None
) -> AsyncGenerator[bytes, None]:
    """Chunks of the body, in order."""
    async with client.open("GET", address, headers=headers, limits=limits) as arriving:
        _require_file(arriving)
        async for chunk in arriving:
            yield chunk


def _require_file(arriving: Arriving) -> None:
    status = arriving.status
    if status == 200:
        return
    if status == 429:
        raise Retryable(pause_of(arriving.headers), "account")
    if status >= 500:
        raise Broken(f"The provider failed ({status}).")
    raise Rejected("gone", f"The provider does not give it ({status}).")
