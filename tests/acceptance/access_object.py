"""A conversation that only some may see, and a file in it: told on the bus as a gateway tells it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from shared.bus.connection import Broker
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import uuid7
from shared.contract import ids
from shared.contract.content import Content, Document, File, Html
from shared.contract.envelope import wrap
from shared.contract.inbound import MessageHeard, fact_word
from shared.contract.people import DialogRef, Identity
from shared.files.blobs import Blobs
from shared.http.route import Route
from shared.topology import INBOUND, inbound_key
from tests.support.stack import Stack

ACCOUNT = "main"
SECRET = "words that only sales may read"


@dataclass
class Object:
    """A conversation that only some may see."""

    conversation_id: str
    dialog_id: str
    visitor: str = ""
    message_id: object = field(default_factory=uuid4)
    attachment_id: object = field(default_factory=uuid4)

    def leaks_into(self, text: str) -> bool:
        return any(word in text for word in (self.conversation_id, self.dialog_id, SECRET, "webchat.main"))


def path_of(row: Route[Any, Any], one: Object, operator: object) -> str:
    return row.path.format(
        account=f"webchat.{ACCOUNT}",
        conversation_id=one.conversation_id,
        operator_id=operator,
        note_id=uuid4(),
        template_id=uuid4(),
        contact_id=uuid4(),
        dialog_id=one.dialog_id,
        message_id=one.message_id,
        attachment_id=one.attachment_id,
        parked_id=uuid4(),
    )


def is_about_one(row: Route[Any, Any]) -> bool:
    return not {"conversation_id", "dialog_id"}.isdisjoint(row.variables)


async def hear_file(stack: Stack, visitor: str, data: bytes) -> tuple[UUID, UUID]:
    """The ids of the message, in the visitor's dialog on `webchat.main`, and of its file; it has HTML too."""
    now, attachment_id = datetime.now(UTC), uuid7()

    async def chunks() -> AsyncIterator[bytes]:
        yield data

    blobs = Blobs.open(f"file://{stack.blobs_folder}")
    html = Html(attachment_id=uuid7(), size_bytes=len(data))
    for one in (attachment_id, html.attachment_id):
        await blobs.put(str(one), chunks(), limit=len(data))
    file = File(attachment_id=attachment_id, name="a.json", size_bytes=len(data), state="stored")
    external = f"file-{attachment_id.hex}"
    dialog_id = ids.dialog_id("webchat", ACCOUNT, visitor)
    fact = MessageHeard(
        dialog=DialogRef(dialog_id=dialog_id, channel="webchat", account=ACCOUNT, chat=visitor),
        message_id=ids.message_id("webchat", ACCOUNT, visitor, external, now),
        external_id=external,
        sender=Identity(channel="webchat", address=visitor),
        content=Content(parts=(Document(file=file),), html=html),
        received_at=now,
    )
    envelope = wrap(fact, id=fact.message_id, source=f"webchat/{ACCOUNT}", time=now, subject=str(dialog_id))
    key = inbound_key(fact_word(fact), "webchat", ACCOUNT)
    async with Broker(stack.amqp_url, name="heard-file") as broker:
        await broker.ready()
        message = Outgoing(INBOUND, key, envelope.encode(), str(envelope.id), envelope.type)
        await Publisher(broker).publish(message)
    return fact.message_id, attachment_id
