"""What every fact has in common: its dialog, its ids, what is handed back on replies. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from aiogram.types import Chat, Message

from gateways.kit.aliases import Alias
from gateways.kit.beside import Errand
from gateways.kit.intake import heard
from gateways.kit.media import Wanted
from gateways.kit.spool import SpoolRow
from gateways.telegram_bot.names import Names
from gateways.telegram_bot.people import CHANNEL
from shared.contract.ids import dialog_id, fact_id, message_id
from shared.contract.inbound import Fact
from shared.contract.people import DialogRef
from shared.trace import new_trace

_LATEST: Final = 2**32


@dataclass(frozen=True, slots=True)
class Heard:
    """What one update told: facts, names that were learned, what Telegram wants to hear at once."""

    rows: tuple[SpoolRow, ...] = ()
    aliases: tuple[Alias, ...] = ()
    errands: tuple[Errand, ...] = ()


def moment(told: Any) -> datetime | None:
    """A time in seconds since 1970; none for what is no time that a message can have."""
    return datetime.fromtimestamp(told, UTC) if type(told) is int and 0 < told < _LATEST else None


def together(heard_of: Sequence[Heard]) -> Heard:
    """What several updates told, in their order."""
    return Heard(
        tuple(row for one in heard_of for row in one.rows),
        tuple(alias for one in heard_of for alias in one.aliases),
        tuple(errand for one in heard_of for errand in one.errands),
    )


@dataclass(frozen=True, slots=True)
class Ear:
    """Who hears: the account, when, and what chats are called there."""

    account: str
    at: datetime
    names: Names = field(default_factory=lambda: Names({}))

    def knowing(self, aliases: Sequence[Alias]) -> Ear:
        """The same who has learned these names."""
        return replace(self, names=self.names.learning(aliases)) if aliases else self

    def dialog(self, chat: Chat, connection: str | None = None) -> DialogRef:
        """The dialog of a chat; with a connection, that of a business's own."""
        name = self.names.chat(chat.id, connection)
        return DialogRef(
            dialog_id=dialog_id(CHANNEL, self.account, name),
            channel=CHANNEL,
            account=self.account,
            chat=name,
            kind="personal" if chat.type == "private" else "group",
        )

    def message_id(self, dialog: DialogRef, external_id: str, sent_at: datetime | None) -> UUID:
        return message_id(CHANNEL, self.account, dialog.chat, external_id, sent_at)

    def row(self, fact: Fact, identity: UUID, files: tuple[Wanted, ...] = ()) -> SpoolRow:
        return heard(fact, identity=identity, time=self.at, traceparent=new_trace(), files=files)

    def about(
        self, kind: str, fact: Fact, target: str, discriminator: str = "", *, files: tuple[Wanted, ...] = ()
    ) -> SpoolRow:
        """A fact that is no message; `target`: what in the dialog it is about."""
        identity = fact_id(kind, f"{fact.dialog.dialog_id} {target}", discriminator)
        return self.row(fact, identity, files)


def provider_of(message: Message) -> dict[str, Any]:
    """What is handed back on replies: through whose business, into which topic."""
    topic = message.message_thread_id if message.is_topic_message else None
    known: Mapping[str, Any] = {
        "business_connection_id": message.business_connection_id,
        "message_thread_id": topic,
    }
    return {name: value for name, value in known.items() if value is not None}
