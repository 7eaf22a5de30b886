"""Threads and mails on their way into them, as values. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Self
from uuid import UUID

from gateways.email.mail import Mail
from shared.contract.content import LetterMark

REFERENCES: Final = 20
_LONGEST_NAME: Final = 900
"""Of a Message-ID that is named in a header of ours."""


@dataclass(frozen=True, slots=True)
class Last:
    """What an answer needs of the thread's last mail. `name`: what it answers; `at` in microseconds."""

    name: str | None = None
    references: tuple[str, ...] = ()
    address: str = ""
    person: str | None = None
    at: int = 0
    text: str = ""
    cc: tuple[tuple[str, str | None], ...] = ()
    answer_to: str = ""
    subject: str = ""

    def plain(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Self:
        cc = tuple((address, name) for address, name in plain["cc"])
        return cls(**plain | {"references": tuple(plain["references"]), "cc": cc})


@dataclass(frozen=True, slots=True)
class Thread:
    chat: str
    token: str
    client: str
    subject: str
    bare_subject: str
    last_at: int
    last: Last


@dataclass(frozen=True, slots=True)
class Filed:
    """The thread of a Message-ID; `ours`: which of our messages has it."""

    chat: str
    ours: UUID | None = None


@dataclass(slots=True)
class Known:
    """What the tables hold about a page of mails; it grows while they are placed."""

    mails: dict[str, Filed] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    participants: dict[tuple[str, str], bool] = field(default_factory=dict)
    """(chat, address) → whether they wrote."""
    new_mails: dict[str, Filed] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    """Threads that are to be written."""
    new_participants: dict[tuple[str, str], bool] = field(default_factory=dict)

    def file(self, name: str, filed: Filed) -> None:
        if name not in self.mails:
            self.mails[name] = self.new_mails[name] = filed

    def join(self, chat: str, address: str, *, wrote: bool) -> None:
        before = self.participants.get((chat, address))
        if before is None or (wrote and not before):
            self.participants[chat, address] = self.new_participants[chat, address] = wrote

    def change(self, thread: Thread) -> None:
        self.threads[thread.chat] = thread
        self.changed.add(thread.chat)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whose threads these are. `key` makes our names."""

    account: str
    address: str
    key: bytes


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail that was read: `identity` is its own for ever, `name` its Message-ID as a key."""

    mail: Mail
    identity: str
    name: str | None
    at: int
    """When it came, by the mail server, in microseconds since 1970."""
    outside: bool = False
    """One of us sent it, past us: it stood in Sent."""

    @property
    def sender(self) -> str:
        """Whom it claims to be from; a mail of nobody is its own sender."""
        sender = self.mail.sender
        return sender.address.lower()[:320] if sender else f"unknown:{self.identity[-16:]}"

    @property
    def by_person(self) -> bool:
        return self.mail.kind == "message"


@dataclass(frozen=True, slots=True)
class Placed:
    thread: Thread
    joined: bool
    marks: tuple[LetterMark, ...]


def named(message_id: str | None) -> str | None:
    """A Message-ID that can stand in a header of ours."""
    if message_id is None or len(message_id) > _LONGEST_NAME or not message_id.isprintable():
        return None
    return None if not message_id.isascii() or set(message_id) & set("<> ") else message_id


def chained(references: tuple[str, ...], name: str | None) -> tuple[str, ...]:
    """References with one more at the end: where the thread began, and the last ones."""
    if name is None or name in references:
        return references
    longer = (*references, name)
    return longer if len(longer) <= REFERENCES else (longer[0], *longer[-REFERENCES + 1 :])
