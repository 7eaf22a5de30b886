"""Answers of commands: their bytes, what makes two commands the same act, the refusals of the loop itself."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import Final
from uuid import UUID, uuid5

from shared.bus.outgoing import Outgoing
from shared.contract.commands import Answer, Command, Refusal
from shared.contract.envelope import Catalogue, Data, Envelope, wrap
from shared.contract.refusals import RefusalCode
from shared.failure import Undecodable

_NAMESPACE: Final = UUID("0d0c7a3e-63a4-5a9c-8f0e-2b7b3f7d9f11")
_catalogue: Final = Catalogue(Answer)
_NOT_THE_ACT: Final = {"deadline", "received_at"}
"""Fields that a repetition by the same client may change: when it was asked, not what."""


def digest(envelope: Envelope[Data]) -> bytes | None:
    """What a command asks, by whom and of what, in 16 bytes; None for anything but a command."""
    data = envelope.data
    if not isinstance(data, Command):
        return None
    asked = data.model_dump_json(exclude=_NOT_THE_ACT)
    return blake2b("\0".join((envelope.type, envelope.subject, asked)).encode(), digest_size=16).digest()


def refused(command_id: UUID, code: RefusalCode) -> Answer:
    """A refusal by the loop: `expired` or `conflict`."""
    return Answer(command_id=command_id, ok=False, refusal=Refusal(code=code))


def store_form(answer: Answer) -> bytes:
    """The bytes that stand beside the command's key."""
    return answer.model_dump_json(exclude_none=True).encode()


def from_store_form(stored: bytes) -> Answer:
    """The answer that was given the first time."""
    return Answer.model_validate_json(stored)


def message(
    answer: Answer, reply_to: str, source: str, now: datetime, traceparent: str | None = None
) -> Outgoing:
    """The transient message to the queue of whoever asked."""
    subject = str(answer.command_id)
    envelope = wrap(
        answer,
        id=uuid5(_NAMESPACE, subject),
        source=source,
        time=now,
        subject=subject,
        traceparent=traceparent,
    )
    return Outgoing(
        exchange="",
        routing_key=reply_to,
        body=envelope.encode(),
        message_id=str(envelope.id),
        type=Answer.TYPE,
        persistent=False,
        correlation_id=subject,
    )


def read(body: bytes) -> Answer:
    """The answer in a body; raises `Undecodable`."""
    data = _catalogue.decode(body, Answer.TYPE).data
    if not isinstance(data, Answer):
        raise Undecodable("not an answer")
    return data
