"""What a part of a notice is read with: the account, the chats, the people it names. And times. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from gateways.kit.intake import heard
from gateways.kit.media import Wanted
from gateways.kit.spool import SpoolRow
from gateways.whatsapp_cloud.people import Chats, Person, Told, dialog_of, identity_of, person_of
from shared.contract.ids import fact_id
from shared.contract.inbound import Fact, IdentityLearned
from shared.contract.people import DialogRef, Identity
from shared.trace import new_trace

Update: TypeAlias = Mapping[str, Any]

_EARLIEST: Final = datetime(2010, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in a dialog; `fresh` are those of their names that nobody knew."""

    person: Person
    dialog: DialogRef
    identity: Identity
    fresh: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One change of a notice: `contacts` are the people that it introduces, `own` is our number."""

    chats: Chats
    at: datetime
    contacts: tuple[Told, ...] = ()
    own: str = ""
    sole: bool = False
    """All of it is of one person."""

    @property
    def account(self) -> str:
        return self.chats.account

    def party(self, told: Told, group: Any = None) -> Party:
        """Whom `told` is from or to, in their chat or in a group's; raises `Malformed`."""
        person = person_of(told, self.contacts, sole=self.sole)
        chat, fresh = self.chats.of(person)
        identity = identity_of(person, chat)
        if isinstance(group, str) and group:
            return Party(person, dialog_of(self.account, group[:200], "group"), identity, ())
        return Party(person, dialog_of(self.account, chat), identity, fresh)

    def row(self, fact: Fact, kind: str, target: str, word: str) -> SpoolRow:
        """A fact whose id is hashed from these, within its dialog."""
        identity = fact_id(kind, f"{fact.dialog.dialog_id} {target}", word)
        return heard(fact, identity=identity, time=self.at, traceparent=new_trace())

    def learned(self, party: Party) -> list[SpoolRow]:
        """That names of a person are one, where that is news."""
        if not party.fresh:
            return []
        fact = IdentityLearned(dialog=party.dialog, identity=party.identity)
        return [self.row(fact, "identity", party.dialog.chat, " ".join(party.fresh))]

    def message(self, fact: Fact, identity: Any, files: Sequence[Wanted]) -> SpoolRow:
        return heard(fact, identity=identity, time=self.at, traceparent=new_trace(), files=tuple(files))


def moment(told: Any) -> datetime | None:
    """A time in whole seconds since 1970, as a number or in words; none where it is no time."""
    try:
        at = datetime.fromtimestamp(int(told), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return at if _EARLIEST <= at < _LATEST else None


def word(told: Any) -> str | None:
    """A word of the provider's that has to be there to mean anything."""
    return told if isinstance(told, str) and told else None


def objects(told: Any) -> list[Update]:
    """Those of a list that are objects."""
    return [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []
