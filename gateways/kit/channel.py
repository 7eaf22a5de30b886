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
its provider calls nobody; `fetch()`, where a file that came is not simply behind an address; `typing()`, by
`typing_out`, and `run()`, which are tried once and never waited for; `close()`, where it holds a connection.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from gateways.kit.beside import Errand
from gateways.kit.pace import Pace
from gateways.kit.polling import Source
from shared.contract.capabilities import Capabilities
from shared.contract.envelope import Envelope
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider has it: its ids of what became of the message, and its order where it gives one."""

    external_ids: tuple[str, ...]
    sequence: int | None = None


class Channel(Protocol):
    """One account of a channel."""

    @property
    def capabilities(self) -> Capabilities:
        """Of the class, frozen; of the account, where its accounts differ (`Account.able`)."""
        ...

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
class Showing(Protocol):
    """A channel that shows its client that somebody writes; its capabilities announce `typing_out`."""

    async def typing(self, dialog: DialogRef, *, on: bool) -> None:
        """An operator writes in the dialog, or has stopped.

        The kit calls it for the owner only, in 4 s at most once with `on`, and not while the account is
        stopped or throttled; 5 s later it is cancelled. What it raises is a line of the log; after a
        `Retryable` the account's typing pauses as long as that says.
        """
        ...


@runtime_checkable
class Obliging(Protocol):
    """A channel that answers at once what its provider says beside facts."""

    async def run(self, errand: Errand) -> None:
        """Does an errand of `Parsed.errands` or `Page.errands`, on the replica that took it in.

        Called once the facts are safe, on an object that may own nothing; 5 s later it is cancelled. What it
        raises is a line of the log.
        """
        ...


@runtime_checkable
class Connected(Protocol):
    """A channel that holds a connection."""

    async def close(self) -> None:
        """Gives it up; called once, after everything else of the account has ended."""
        ...
