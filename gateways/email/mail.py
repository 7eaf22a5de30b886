"""A mail as a value: what reading the raw bytes gives, whatever program wrote them.

Message ids are without their angle brackets. Texts are clean (no NUL, no lone surrogates), lines end with
"\\n". Nothing is dropped: `text` is split into `reply_text`, `quoted_text` and `signature`, and what could
not be read is named in `defects` while the raw bytes are kept by whoever read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from shared.contract.content import Address, LetterKind

MARK: Final = "X-Switchboard-Auto"
"""The header that our own automatic mails carry; whoever gets it back has a loop."""

Protection: TypeAlias = Literal["signed", "encrypted"]
Verdict: TypeAlias = Literal["pass", "fail", "none"]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a mail. `name` is as the sender wrote it, made safe for a file system; never empty."""

    name: str
    mime_type: str
    content: bytes
    inline: bool = False
    """Shown in the place of the HTML that names its `content_id`, not among the files."""
    content_id: str | None = None
    written_name: str = ""
    """As the sender wrote it, on one line: for people, never for a path; empty where there was none."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a server says of a mail of ours (RFC 3464), or its reader's program (RFC 8098)."""

    message_id: str | None
    recipient: str | None
    outcome: Literal["failed", "delayed", "delivered", "read"]
    status: str | None = None
    """Enhanced status code: "5.1.1"."""
    words: str | None = None
    """The server's own words."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A meeting of text/calendar: times are aware, or bare dates for whole days."""

    method: str
    summary: str
    starts: str | None
    ends: str | None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    kind: LetterKind
    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    date: datetime | None
    """Aware; None where there is none or nobody can read it."""
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    """Oldest first."""
    text: str
    """All of its words; made from the HTML where there is no text."""
    html: str | None
    """Sanitised: no scripts, no styles from elsewhere, no remote content; pictures of its own as `cid:…`."""
    remote_content: bool
    """The HTML named pictures elsewhere; they are kept as `data-remote-src`."""
    reply_text: str
    quoted_text: str
    signature: str
    attachments: tuple[Attached, ...]
    reports: tuple[Report, ...] = ()
    invitation: Invitation | None = None
    protection: Protection | None = None
    """Kept whole among the attachments."""
    list_id: str | None = None
    looped: bool = False
    """It carries the mark that our own automatic mails carry."""
    delivered_to: tuple[str, ...] = ()
    """Addresses of Delivered-To and X-Original-To, for our own token behind a plus."""
    dmarc: Verdict = "none"
    """Of the Authentication-Results of the servers that are believed."""
    defects: tuple[str, ...] = ()
    """What was wrong with it and was read all the same."""


class UnreadableMail(Exception):
    """Nobody can read this within the limits; the operator gets it as a file. `reason` is one word."""

    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.reason = reason
