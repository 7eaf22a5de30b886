"""The socket that every channel plugs into: small on purpose.

A channel's class holds one account. It opens with its frozen `capabilities`; of the four failures of
shared/failure.py that a connector may raise (`Retryable`, `Rejected`, `Unconfirmed`, `ChannelDown`) it raises
nothing else. What the capabilities do not announce is refused before it comes here.

What they announce has a verb of its own beside `send`: `edit`, `delete`, `mark_read`, `close_chat` (by
`closes`), `react` (by `reactions`), each `async def verb(self, act: Envelope[…]) -> Sent | None`. Edits and
deletions bring the provider's names of the message as `external_ids`. Verbs are repeated after a crash, or
when nobody knows how they ended, so doing one twice has to be as good as once.

A channel with `resumes` keeps by itself what it began to send: its `send` of a message that may have been
sent already looks for it first.

Beside verbs a channel may have: `pace`, where accounts differ in it; `sources()`, what it listens to where
its provider calls nobody; `fetch()`, where a file that came is not simply behind an address; `close()`, where
it holds a connection.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from gateways.kit.pace import Pace
from gateways.kit.polling import Source
from shared.contract.capabilities import Capabilities
from shared.contract.envelope import Envelope
from shared.contract.outbound import SendMessage


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider has it: its ids of what became of the message, and its order where it gives one."""

    external_ids: tuple[str, ...]
    sequence: int | None = None


class Channel(Protocol):
    """One account of a channel."""

    capabilities: ClassVar[Capabilities]

    async def send(self, message: Envelope[SendMessage]) -> Sent:
        """Gives the message to the provider; only the owner of the account's lease calls this."""
        ...

    async def probe(self) -> None:
        """Returns when the account works; raises `ChannelDown` or `Retryable` when it does not."""
        ...


@runtime_checkable
class Listening(Protocol):
    """A channel whose provider is asked."""

    def sources(self) -> Sequence[Source]:
        """What is listened to while the account is ours; each has a cursor of its own."""
        ...


@runtime_checkable
class Resuming(Protocol):
    """A channel whose `send` may be called again after nobody knows what: it finds out by itself."""

    resumes: ClassVar[bool]


@runtime_checkable
class Paced(Protocol):
    """A channel whose accounts differ in how fast they may send; else its capabilities say so."""

    @property
    def pace(self) -> Pace:
        """This account's own."""
        ...


@runtime_checkable
class Fetching(Protocol):
    """A channel whose files are had by a reference of the provider's."""

    def fetch(self, reference: str) -> AsyncGenerator[bytes, None]:
        """The bytes of the file, whole or an exception: `Unfetched`, or what a connector raises."""
        ...


@runtime_checkable
class Connected(Protocol):
    """A channel that holds a connection."""

    async def close(self) -> None:
        """Gives it up; called once, after everything else of the account has ended."""
        ...
