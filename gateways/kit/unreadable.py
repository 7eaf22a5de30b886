"""What a provider said and we could not read is kept: a message of an unknown kind with what came.

All of an account stand in one dialog, `unreadable`, where an operator sees them; the same bytes are one
message, however often they come.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from gateways.kit.intake import heard
from gateways.kit.payload import Malformed
from gateways.kit.spool import SpoolRow
from gateways.kit.text import clean_text
from shared.contract.content import Content, Unsupported
from shared.contract.ids import dialog_id, message_id
from shared.contract.inbound import MessageHeard
from shared.contract.people import DialogRef, Identity
from shared.log import get_logger

CHAT: Final = "unreadable"
KEPT_BYTES: Final = 256 * 1024
"""Of one notice; the head of a longer one, with its true length and hash."""
WORDS: Final = "a notice of the provider that could not be read"

log = get_logger()


def unreadable(channel: str, account: str, raw: bytes, *, at: datetime, why: str) -> SpoolRow:
    """The fact; `why` is one word for the log."""
    digest = sha256(raw).hexdigest()
    log.warning(
        "notice_unreadable", channel=channel, account=account, reason=why, bytes=len(raw), hash=digest
    )
    identity = message_id(channel, account, CHAT, digest)
    fact = MessageHeard(
        dialog=DialogRef(
            dialog_id=dialog_id(channel, account, CHAT), channel=channel, account=account, chat=CHAT
        ),
        message_id=identity,
        external_id=digest,
        sender=Identity(channel=channel, address=f"{CHAT}:{account}"),
        content=Content(parts=(Unsupported(raw=_kept(raw, digest), words=WORDS),)),
        received_at=at,
    )
    return heard(fact, identity=identity, time=at, traceparent=None)


def readable(
    channel: str,
    account: str,
    updates: Sequence[Any],
    read: Callable[[Any], Sequence[SpoolRow]],
    *,
    at: datetime,
) -> list[SpoolRow]:
    """The facts of what came together; an update that cannot be read is kept, and holds up no other."""
    rows: list[SpoolRow] = []
    for update in updates:
        try:
            rows += read(update)
            continue
        except Malformed as error:
            why = error.reason
        except Exception:  # our bug: the cursor must pass it, and what came must not be lost to it
            log.exception("update_not_parsed", channel=channel, account=account)
            why = "bug"
        raw = json.dumps(update, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
        rows.append(unreadable(channel, account, raw, at=at, why=why))
    return rows


def _kept(raw: bytes, digest: str) -> dict[str, Any]:
    head = raw[:KEPT_BYTES]
    try:
        kept: dict[str, Any] = {"text": clean_text(head.decode("utf-8"))}
    except UnicodeDecodeError:
        kept = {"base64": base64.b64encode(head).decode()}
    return kept if len(head) == len(raw) else {**kept, "bytes": len(raw), "sha256": digest}
