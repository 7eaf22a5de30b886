"""What stands in a mailbox: messages, and every later change of the chat, each under a number of its own.

kind     text            body
msg      the words       {"files": […], "quote": {…}, "sticker": {…}, "buttons": […], "avatar": "<id>"}
edit     the new words   {"of": seq}
delete                   {"of": seq}
seen                     {"up_to": seq}         an operator has read the visitor's messages so far
closed                                          by the author of the row
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from uuid import UUID

Author: TypeAlias = Literal["client", "operator", "bot", "system"]
Kind: TypeAlias = Literal["msg", "edit", "delete", "seen", "closed"]
Body: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Append:
    """A row on its way into the mailbox. `message_id` is given for ours and made for the visitor's.

    `once` tells a repeat of what is no message: an act, a conversation that is closed.
    """

    dialog_id: UUID
    account: str
    visitor: str
    author: Author
    text: str = ""
    cid: str | None = None
    message_id: UUID | None = None
    name: str | None = None
    traceparent: str | None = None
    kind: Kind = "msg"
    body: Body | None = None
    once: str | None = None

    @property
    def mark(self) -> str:
        if self.once is not None:
            return f"{self.kind}:{self.once}"
        return f"c:{self.cid}" if self.cid is not None else f"m:{self.message_id}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the mailbox; `at` in microseconds since 1970."""

    dialog_id: UUID
    seq: int
    cid: str | None
    message_id: UUID
    author: Author
    name: str | None
    text: str
    at: int
    traceparent: str | None
    kind: Kind = "msg"
    body: Body | None = None

    @property
    def external_id(self) -> str:
        """How the rest of the house names this message: the browser's own id of it, or the number of ours."""
        return self.cid if self.cid is not None else str(self.seq)

    @property
    def is_ours(self) -> bool:
        return self.kind == "msg" and self.author != "client"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a dialog stands: its last number, what an operator has read of the visitor's, and its end.

    `delivered_seq` and `read_seq`: how far the visitor said to be with what is ours. `handed_seq`: up to
    there, what the visitor said has left this gateway.
    """

    last_seq: int = 0
    seen_seq: int = 0
    closed: bool = False
    delivered_seq: int = 0
    read_seq: int = 0
    handed_seq: int = 0
