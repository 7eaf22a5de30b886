"""Requests to a provider as values, and what its answers mean for the journal.

====================================  ==================================================
the provider                          the message
====================================  ==================================================
is not reached, or refuses to connect `Troubling(account)`: nothing was sent
breaks off, or does not answer        `Unconfirmed`: nobody knows
429                                   `Retryable(account)`, as long as Retry-After says
500 to 599                            `Troubling(account)`
401                                   `ChannelDown`: our access was taken away
any other of 400 to 499               `Rejected`, with the words of the channel's table
2xx                                   taken; the channel reads the provider's id
====================================  ==================================================

A provider whose 5xx may hide a message that was sent judges that itself, before it comes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Final

from aiohttp import MultipartWriter

from gateways.kit.http import Answer, GuardedClient, Limits
from gateways.kit.payload import Malformed
from gateways.kit.retrying import Troubling
from gateways.kit.unfetched import Blocked, Broken, Unfetched
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed

AGAIN_SECONDS: Final = 5.0
LONGEST_PAUSE_SECONDS: Final = 3600.0
POLLED_BYTES: Final = 16 * 1024 * 1024
GRACE_SECONDS: Final = 15.0
"""Beyond the wait that was asked for."""
BLOCKED_WORDS: Final = "The address of the provider is refused: {why}"
UPLOAD_LIMITS: Final = Limits(seconds=900, answer_seconds=900)
"""Of an upload itself `Attachments.uploaded` says how long it may take."""
REVOKED_WORDS: Final = "The provider does not let this account in any more: renew its secret."
UNCONFIRMED_WORDS: Final = "The provider did not confirm it: it may or may not have arrived."
REFUSED_WORDS: Final = "The provider refuses this message."
UNREACHED_WORDS: Final = "The provider cannot be reached."
FAILED_WORDS: Final = "The provider is in trouble itself ({status})."


@dataclass(frozen=True, slots=True)
class Request:
    """`path` begins with a slash and is joined to the account's base address; `json` is the body."""

    method: str
    path: str
    json: Mapping[str, Any]

    def shown(self) -> dict[str, Any]:
        """As plain data, for people and cases."""
        return asdict(self)


async def ask(
    client: GuardedClient,
    base: str,
    request: Request,
    headers: Mapping[str, str],
    body: MultipartWriter | None = None,
) -> Answer:
    """The provider's answer, whatever its status; raises as the table above says. `body`: instead of JSON."""
    address = base.rstrip("/") + request.path
    try:
        if body is not None:
            return await client.fetch(
                request.method, address, headers=headers, body=body, limits=UPLOAD_LIMITS
            )
        return await client.fetch(request.method, address, headers=headers, json=dict(request.json))
    except Blocked as error:
        raise ChannelDown(BLOCKED_WORDS.format(why=error.words)) from None
    except Unfetched as error:
        if error.sent:
            raise Unconfirmed(UNCONFIRMED_WORDS) from None
        raise Troubling(AGAIN_SECONDS, UNREACHED_WORDS, "account") from None


async def ask_for_news(
    client: GuardedClient,
    base: str,
    request: Request,
    headers: Mapping[str, str],
    wait_seconds: float,
    grace_seconds: float = GRACE_SECONDS,
) -> Answer:
    """What the provider has to tell, which may take so long; a request that changes nothing there.

    Raises `Unfetched`, which is harmless here, `Retryable` and `ChannelDown`.
    """
    patience = Limits(
        bytes=POLLED_BYTES, seconds=wait_seconds + 60, answer_seconds=wait_seconds + grace_seconds
    )
    address = base.rstrip("/") + request.path
    try:
        answer = await client.fetch(
            request.method, address, headers=headers, json=dict(request.json), limits=patience
        )
    except Blocked as error:
        raise ChannelDown(BLOCKED_WORDS.format(why=error.words)) from None
    try:
        require_taken(answer, {}, None)
    except Rejected:
        raise Broken(f"The provider does not tell what is new ({answer.status}).") from None
    return answer


def require_taken(answer: Answer, refusals: Mapping[str, tuple[str, str]], word: str | None) -> None:
    """Returns for 2xx; `word`: the provider's for what is wrong, `refusals`: our code and words of it."""
    status = answer.status
    if 200 <= status < 300:
        return
    if status == 429:
        raise Retryable(pause_of(answer.headers), "account")
    if status >= 500:
        raise Troubling(pause_of(answer.headers), FAILED_WORDS.format(status=status), "account")
    if status == 401:
        raise ChannelDown(REVOKED_WORDS)
    code, words = refusals.get(word or "", ("refused", REFUSED_WORDS))
    raise Rejected(code, words)


def object_of(answer: Answer) -> dict[str, Any]:
    """The JSON object that an answer is; empty where it is none."""
    try:
        said = answer.json()
    except Malformed:
        return {}
    return said if isinstance(said, dict) else {}


def pause_of(headers: Mapping[str, str]) -> float:
    """The seconds of Retry-After, within reason."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return AGAIN_SECONDS
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS) if isfinite(seconds) else AGAIN_SECONDS
