"""Effects on their way out: each an envelope whose id is made of its cause and its number."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from shared.bus.outgoing import Outgoing
from shared.contract.envelope import Catalogue, Data, wrap
from shared.contract.ids import effect_id, fact_id
from shared.contract.inbound import DeliveryReported
from shared.contract.outbound import ACTS, Act, SendMessage
from shared.contract.refusals import words
from shared.topology import EVENTS, INBOUND, OUTBOUND, event_key, inbound_key, outbound_key
from shared.trace import child

SOURCE: Final = "router"

_acts: Final = Catalogue(*ACTS)


class Effects:
    """The effects of one input, numbered in order; all of them are one hop of the input's trace."""

    def __init__(self, cause: UUID, now: datetime, traceparent: str | None = None) -> None:
        self.messages: list[Outgoing] = []
        self._cause = cause
        self._now = now
        self._traceparent = child(traceparent)

    def happened(self, event: Data, subject: str) -> None:
        """An event, for whoever listens."""
        self._add(EVENTS, event_key(event.TYPE), event, subject)

    def act(self, act: Act) -> None:
        """Something for an account to do."""
        dialog = act.dialog
        self._add(OUTBOUND, outbound_key(dialog.channel, dialog.account), act, str(dialog.dialog_id))

    def _add(self, exchange: str, routing_key: str, data: Data, subject: str) -> None:
        envelope = wrap(
            data,
            id=effect_id(self._cause, len(self.messages)),
            source=SOURCE,
            time=self._now,
            subject=subject,
            traceparent=self._traceparent,
        )
        body = envelope.encode()
        self.messages.append(Outgoing(exchange, routing_key, body, str(envelope.id), data.TYPE))


def not_connected(message: Outgoing, now: datetime) -> list[Outgoing]:
    """What the router hears instead when no queue takes a message of ours: its delivery has failed.

    It comes back as a fact and is decided like any other, so the dialog's version and order stay right.
    """
    envelope = _acts.decode(message.body, message.type)
    act = envelope.data
    if not isinstance(act, SendMessage):
        return []
    dialog = act.dialog
    fact = DeliveryReported(
        dialog=dialog,
        message_id=act.message_id,
        state="failed",
        code="account_not_connected",
        words=words("account_not_connected", "en", {"account": f"{dialog.channel}.{dialog.account}"}),
        at=now,
    )
    said = wrap(
        fact,
        id=fact_id("delivery", str(act.message_id), "unroutable"),
        source=SOURCE,
        time=now,
        subject=envelope.subject,
        traceparent=child(envelope.traceparent),
    )
    key = inbound_key("delivery", dialog.channel, dialog.account)
    return [Outgoing(INBOUND, key, said.encode(), str(said.id), fact.TYPE)]
