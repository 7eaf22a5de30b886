"""How a request of ours ends without a whole answer: each with a stable code, and words for people.

    Unfetched
    ├── Blocked(reason)   the guard refused the address           nothing was sent
    ├── Unreachable       no connection: name, network, TLS       nothing was sent
    ├── TooLarge          more than we take                       the other side has it
    ├── TooSlow           no answer, or a trickle                 nobody knows whether the other side has it
    └── Broken            the connection broke, or no HTTP        nobody knows whether the other side has it

No words repeat the address: it may hold a token.
"""

from __future__ import annotations

from typing import ClassVar, Final

BLOCKED_WORDS: Final = {
    "address": "The address leads into a closed network.",
    "downgrade": "The address leads from an encrypted connection to an open one.",
    "hops": "The address leads on too many times.",
    "host": "The address names its host in an unusual way.",
    "malformed": "This is not an address of the web.",
    "name": "The address belongs to a closed network.",
    "port": "The address uses a port that is not of the web.",
    "scheme": "The address is not one of the web.",
    "user": "The address carries a user name.",
}


class Unfetched(Exception):
    """Root of the tree above. `sent`: the other side may have got the request."""

    code: ClassVar[str]
    sent: ClassVar[bool] = True

    def __init__(self, words: str) -> None:
        super().__init__(f"{self.code}: {words}")
        self.words = words


class Blocked(Unfetched):
    """`reason` is a key of BLOCKED_WORDS."""

    code = "blocked"
    sent = False

    def __init__(self, reason: str) -> None:
        super().__init__(BLOCKED_WORDS[reason])
        self.reason = reason


class Unreachable(Unfetched):
    code = "unreachable"
    sent = False


class TooLarge(Unfetched):
    code = "too_large"


class TooSlow(Unfetched):
    code = "too_slow"


class Broken(Unfetched):
    code = "broken"
