"""Steps of what is sent: answers, edits, deletions and withdrawals, each refused before anything happens.

A channel's capabilities decide what it can carry; an account that is not connected carries nothing.
An answer to a conversation that nobody took takes it (LC4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from router.acting import need, of_act, ready
from router.dialog import CLIENT, Refused, Turn
from router.handing import give
from router.hearing import later
from router.permission import require_mine, self_as_operator, taken_by_other
from router.receiving import check_taker
from router.taking import accept_offered
from router.templates import check_template, filled
from router.window import check_window, sendable_until
from shared.contract.capabilities import Capabilities
from shared.contract.content import Content, File
from shared.contract.events import MessageQueued
from shared.contract.outbound import DeleteMessage, EditMessage, React, SendMessage, WithdrawMessage

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
    operator = self_as_operator(turn)
    check_taker(turn, operator)
    give(turn, operator, "answered")
    send(turn)


def answer_offered(turn: Turn) -> None:
    """The offered one takes it by answering; another only by the right to take over."""
    check_content(turn)
    accept_offered(turn)
    send(turn)


def answer(turn: Turn) -> None:
    """The responsible one and participants answer; another by right, and takes it over (RT8)."""
    operator = self_as_operator(turn)
    mine = operator.operator_id in (turn.open.assignee, *turn.open.participants)
    if not mine and "others.reply" not in operator.rights:
        raise taken_by_other(turn)
    row = turn.facts.registry.status_of(operator)
    if not row.answers:
        raise Refused("status_forbids", status=row.name)
    check_content(turn)
    if not mine:
        check_taker(turn, operator)
        give(turn, operator, "taken_over")
    send(turn)


def send(turn: Turn) -> None:
    command, now = turn.data, turn.facts.now
    content = filled(turn, command.content)
    author = self_as_operator(turn).public_name
    last = later(turn.open.last_message_at, now)
    turn.change(waiting_since=None, last_message_at=last, last_author="us")
    said: dict[str, Any] = {
        "message_id": command.message_id,
        "content": content,
        "origin": "operator",
        "author_name": author,
        "resend_of": command.resend_of,
        "created_at": now,
    }
    title = content.subject if turn.recipient is not None else None
    turn.emit(MessageQueued, **said, recipient=turn.recipient, dialog_title=title)
    turn.spoke(turn.actor.id)
    quoted = content.quote.external_id if content.quote else None
    carried = of_act(turn)
    carried["not_after"] = sendable_until(turn, content, carried["not_after"])
    turn.act(SendMessage.model_construct(**said, **carried, priority="reply", quoted_external_id=quoted))
    turn.result["message_id"] = str(command.message_id)


def edit(turn: Turn) -> None:
    require_mine(turn)
    capabilities = ready(turn).capabilities
    need(capabilities, "edit")
    _check_parts(turn.data.content, capabilities)
    turn.act(
        EditMessage.model_construct(
            **of_act(turn), message_id=turn.data.message_id, content=turn.data.content
        )
    )


def delete(turn: Turn) -> None:
    require_mine(turn)
    need(ready(turn).capabilities, "delete")
    turn.act(DeleteMessage.model_construct(**of_act(turn), message_id=turn.data.message_id))


def withdraw(turn: Turn) -> None:
    """Undo: the gateway drops it if it is not too late, and reports either way."""
    require_mine(turn)
    ready(turn)
    turn.act(WithdrawMessage.model_construct(**of_act(turn), message_id=turn.data.message_id))


def react(turn: Turn) -> None:
    """The command names the provider's message: the router keeps no history."""
    require_mine(turn)
    need(ready(turn).capabilities, "reactions")
    command = turn.data
    turn.act(React.model_construct(**of_act(turn), external_id=command.external_id, emoji=command.emoji))


def check_content(turn: Turn) -> None:
    """Refuses what the account cannot send now, and what was overtaken (BY14), before anything happens."""
    capabilities = ready(turn).capabilities
    _check_parts(turn.data.content, capabilities)
    check_template(turn, turn.data.content)
    check_window(turn, turn.data.content)
    if turn.data.not_before is not None:
        raise Refused("not_possible", capability="scheduled")
    spoken, by = turn.spoken
    seen = turn.data.seen_version
    if seen is not None and spoken > seen and by != turn.actor.id:
        raise Refused("conversation_moved_on", by="client" if by == CLIENT else "operator")


def _check_parts(content: Content, capabilities: Capabilities) -> None:
    text = content.text
    others = [part for part in content.parts if part.kind != "text"]
    if not text.strip() and not others:
        raise Refused("text_empty")
    if len(text) > capabilities.text_length:
        raise Refused("text_too_long", length=str(len(text)), limit=str(capabilities.text_length))
    for part in others:
        need(capabilities, CAPABILITY_OF.get(part.kind, part.kind))
    _check_files([file for part in others if (file := getattr(part, "file", None)) is not None], capabilities)
    if content.quote is not None:
        need(capabilities, "quote")
    if content.buttons:
        need(capabilities, "buttons")
    if content.subject is not None or content.cc or content.letter is not None:
        need(capabilities, "threads")


def _check_files(files: list[File], capabilities: Capabilities) -> None:
    """Limits of 0 are none."""
    if 0 < capabilities.files_per_message < len(files):
        raise Refused("not_possible", capability="files_per_message")
    for file in files:
        image = file.mime_type.startswith("image/")
        name = "image_bytes" if image and capabilities.image_bytes else "file_bytes"
        if 0 < getattr(capabilities, name) < (file.size_bytes or 0):
            raise Refused("not_possible", capability=name)
        if capabilities.file_types and not _among(file.mime_type, capabilities.file_types):
            raise Refused("not_possible", capability="file_types")
    if 0 < capabilities.message_bytes < sum(file.size_bytes or 0 for file in files):
        raise Refused("not_possible", capability="message_bytes")


def _among(mime_type: str, allowed: tuple[str, ...]) -> bool:
    """Whether one of `type/subtype` or `type/*` is this type; parameters after `;` say nothing."""
    plain = mime_type.partition(";")[0].strip().lower()
    return plain in allowed or f"{plain.partition('/')[0]}/*" in allowed
