"""Steps of what is sent: answers, edits, deletions and withdrawals, each refused before anything happens.

A channel's capabilities decide what it can carry; an account that is not connected carries nothing.
An answer to a conversation that nobody took takes it (LC4).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from router.dialog import Refused, Turn
from router.hearing import later
from router.permission import require_mine, self_as_operator
from router.registry import Account
from router.taking import assign
from shared.contract.capabilities import Capabilities
from shared.contract.content import Content
from shared.contract.events import MessageQueued
from shared.contract.outbound import DeleteMessage, EditMessage, SendMessage, WithdrawMessage

KEPT: Final = timedelta(hours=24)
"""A reply that could not be sent for so long is failed: it has lost its sense."""

CAPABILITY_OF: Final[Mapping[str, str]] = {
    "image": "images",
    "file": "files",
    "voice": "voice",
    "video": "video",
    "audio": "audio",
    "sticker": "stickers",
    "location": "locations",
    "contact": "contact_cards",
    "template": "templates",
}
"""Kind of a part → the capability that it needs; text needs none, an unsupported part is never sent."""


def answer_new(turn: Turn) -> None:
    """LC4: answering an unassigned conversation takes it."""
    check_content(turn)
    assign(turn, "answered")
    send(turn)


def answer(turn: Turn) -> None:
    require_mine(turn)
    check_content(turn)
    send(turn)


def send(turn: Turn) -> None:
    command, now = turn.data, turn.facts.now
    author = self_as_operator(turn).public_name
    last = later(turn.open.last_message_at, now)
    turn.change(waiting_since=None, last_message_at=last, last_author="us")
    said: dict[str, Any] = {
        "message_id": command.message_id,
        "content": command.content,
        "origin": "operator",
        "author_name": author,
        "resend_of": command.resend_of,
        "created_at": now,
    }
    turn.emit(MessageQueued, **said)
    quote = command.content.quote
    quoted = quote.external_id if quote else None
    turn.act(SendMessage.model_construct(**said, **_act(turn), priority="reply", quoted_external_id=quoted))
    turn.result["message_id"] = str(command.message_id)


def edit(turn: Turn) -> None:
    require_mine(turn)
    capabilities = _ready(turn).capabilities
    _need(capabilities, "edit")
    _check_parts(turn.data.content, capabilities)
    turn.act(
        EditMessage.model_construct(**_act(turn), message_id=turn.data.message_id, content=turn.data.content)
    )


def delete(turn: Turn) -> None:
    require_mine(turn)
    _need(_ready(turn).capabilities, "delete")
    turn.act(DeleteMessage.model_construct(**_act(turn), message_id=turn.data.message_id))


def withdraw(turn: Turn) -> None:
    """Undo: the gateway drops it if it is not too late, and reports either way."""
    require_mine(turn)
    _ready(turn)
    turn.act(WithdrawMessage.model_construct(**_act(turn), message_id=turn.data.message_id))


def react(turn: Turn) -> None:
    """A reaction names the provider's message, which the router does not know: it passes on none yet."""
    require_mine(turn)
    _need(_ready(turn).capabilities, "reactions")
    raise Refused("message_not_found")


def check_content(turn: Turn) -> None:
    """Refuses what the account cannot send now, before anything happens."""
    capabilities = _ready(turn).capabilities
    _check_parts(turn.data.content, capabilities)
    if turn.data.not_before is not None:
        raise Refused("not_possible", capability="scheduled")


def _ready(turn: Turn) -> Account:
    """The account of the dialog, connected."""
    account = turn.account
    if account is None or not account.connected:
        raise Refused("account_not_connected", account=account.name if account else turn.before.account)
    return account


def _check_parts(content: Content, capabilities: Capabilities) -> None:
    text = content.text
    others = [part for part in content.parts if part.kind != "text"]
    if not text.strip() and not others:
        raise Refused("text_empty")
    if len(text) > capabilities.text_length:
        raise Refused("text_too_long", length=str(len(text)), limit=str(capabilities.text_length))
    for part in others:
        _need(capabilities, CAPABILITY_OF.get(part.kind, part.kind))
    files = [file for part in others if (file := getattr(part, "file", None)) is not None]
    if capabilities.files_per_message and len(files) > capabilities.files_per_message:
        raise Refused("not_possible", capability="files_per_message")
    for file in files:
        limit = capabilities.image_bytes if file.mime_type.startswith("image/") else capabilities.file_bytes
        if limit and (file.size_bytes or 0) > limit:
            raise Refused("not_possible", capability="file_bytes")
    if content.quote is not None:
        _need(capabilities, "quote")
    if content.buttons:
        _need(capabilities, "buttons")


def _need(capabilities: Capabilities, name: str) -> None:
    if not getattr(capabilities, name, False):
        raise Refused("not_possible", capability=name)


def _act(turn: Turn) -> dict[str, Any]:
    """What every act for the dialog's account carries."""
    return {"dialog": turn.ref, "provider": turn.provider, "not_after": turn.facts.now + KEPT}
