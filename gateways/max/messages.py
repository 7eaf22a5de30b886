"""A message of MAX, as an update or a chat's history gives it → its fact; how updates came in. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateways.kit.aliases import Alias
from gateways.kit.beside import Errand
from gateways.kit.intake import heard
from gateways.kit.payload import Malformed
from gateways.kit.spool import SpoolRow
from gateways.max import people
from gateways.max.contents import Told, content, mapping, shared_phone, transcriptions
from gateways.max.people import CHANNEL, GROUP, chat_of, identity, is_bot, kind_of, moment, number, user_alias
from shared.contract.content import Unsupported
from shared.contract.ids import fact_id, message_id
from shared.contract.inbound import Fact, MessageHeard
from shared.trace import new_trace


@dataclass(frozen=True, slots=True)
class Said:
    """What an update says; `aliases` are learned with its facts, `errands` done after them."""

    rows: tuple[SpoolRow, ...] = ()
    aliases: tuple[Alias, ...] = ()
    errands: tuple[Errand, ...] = ()


@dataclass(frozen=True, slots=True)
class Hearing:
    """Where and how updates came in. `bot`: our own id, where it is known; `late`: from a chat's history."""

    account: str
    at: datetime
    aliases: Mapping[str, str] = field(default_factory=dict)
    bot: int | None = None
    late: bool = False

    def row(self, fact: Fact, kind: str, target: str, discriminator: str = "") -> SpoolRow:
        named = fact_id(kind, f"{fact.dialog.dialog_id} {target}", discriminator)
        return heard(fact, identity=named, time=self.at, traceparent=new_trace())


def message_row(message: Told, hearing: Hearing, locale: Any = None) -> SpoolRow:
    """The fact of a message, as an update or a chat's history gives it; raises `Malformed`."""
    sender, recipient, body = message.get("sender"), message.get("recipient"), mapping(message.get("body"))
    chat, mid = chat_of(recipient, sender, hearing.aliases), body.get("mid")
    sent_at = moment(message.get("timestamp"))
    if chat is None or not isinstance(mid, str) or not mid:
        raise Malformed("shape")
    named = message_id(CHANNEL, hearing.account, chat, mid, sent_at)
    made, wanted = content(message, named)
    if not made.parts and made.quote is None and not made.buttons:
        made = made.model_copy(update={"parts": (Unsupported(raw=dict(message), words="an empty message"),)})
    spoken = transcriptions(message)
    fact = MessageHeard(
        dialog=people.dialog(hearing.account, chat, kind_of(recipient)),
        provider={"transcriptions": spoken} if spoken else {},
        message_id=named,
        external_id=mid,
        sender=identity(sender, chat, locale=locale, phone=shared_phone(message)),
        origin="external" if is_ours(sender, recipient, hearing) else "client",
        content=made,
        sent_at=sent_at,
        received_at=hearing.at,
        sequence=number(body.get("seq")),
        backfill=hearing.late,
    )
    return heard(fact, identity=named, time=hearing.at, traceparent=new_trace(), files=wanted)


def is_ours(sender: Any, recipient: Any, hearing: Hearing) -> bool:
    """Whether the bot itself wrote it; in a group there may be others, told apart where ours is known."""
    if not is_bot(sender):
        return False
    return kind_of(recipient) == "personal" or hearing.bot in (None, number(sender.get("user_id")))


def names(chat: str, kind: people.Kind, user: Any, hearing: Hearing) -> tuple[Alias, ...]:
    """The other name of a chat, where it is new."""
    alias = f"{GROUP}{chat}" if kind == "group" else user_alias(user)
    return () if alias is None or alias in hearing.aliases else (Alias(alias, chat),)
