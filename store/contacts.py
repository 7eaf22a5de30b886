"""Contacts and their identities: a person is born with the first address that we hear, under its hash.

So a repeat, or a second store, gives the same person the same id. Whatever changes is told to everybody as
`contact.facts`, so that the router knows a client's manager before the first message on a new channel.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.bus.outgoing import Outgoing
from shared.contract import ids
from shared.contract.envelope import wrap
from shared.contract.events import ContactFacts
from shared.contract.ids import effect_id
from shared.contract.people import Identity
from shared.db.dialect import upsert
from shared.topology import EVENTS, event_key
from store import names
from store.tables import contacts, identities

SOURCE: Final = "store"


@lru_cache(maxsize=50_000)
def address_id(channel: str, address: str) -> UUID:
    """The hash of an address: its identity's id, and the id of a contact that is born with it."""
    return ids.contact_id(channel, address)


@dataclass(frozen=True, slots=True)
class Block:
    """Until when, why and by which actor somebody is blocked (RT12); none of it: they are not."""

    until: datetime | None = None
    reason: str | None = None
    by: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A person. `number` is for those without a name."""

    contact_id: UUID
    number: int
    name: str | None
    personal_manager: UUID | None
    version: int
    created_at: datetime
    blocked_until: datetime | None = None
    block_reason: str | None = None
    blocked_by: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An address and whose it is; `identity_id` is its hash."""

    identity_id: UUID
    contact_id: UUID
    identity: Identity


_CONTACT: Final = tuple(one.name for one in fields(Contact))


@dataclass(slots=True)
class People:
    """The people of one batch; `met` changes them in memory, `save` writes what changed."""

    now: datetime
    last_number: int
    known: dict[UUID, Known] = field(default_factory=dict)
    contacts: dict[UUID, Contact] = field(default_factory=dict)
    _identities: set[UUID] = field(default_factory=set)
    _renamed: dict[UUID, str | None] = field(default_factory=dict)
    _changed: dict[UUID, UUID] = field(default_factory=dict)
    """Contact to the input that changed it first."""
    joined: dict[UUID, UUID] = field(default_factory=dict)
    """A contact who turned out to be another one, to the input that said so, until that is carried out."""
    same: dict[UUID, UUID] = field(default_factory=dict)
    """Such a contact to the other one."""

    def of(self, contact_id: UUID) -> Contact:
        """The person whom this id means now."""
        while contact_id in self.same:
            contact_id = self.same[contact_id]
        return self.contacts[contact_id]

    def met(self, identity: Identity, cause: UUID) -> Contact:
        """The person behind an identity, born now if need be; what it newly says is kept."""
        contact = self._met(identity, cause)
        addresses = (address_id(identity.channel, one) for one in (identity.address, *identity.aliases))
        owners = {self.of(self.known[one].contact_id).contact_id for one in addresses if one in self.known}
        for other in sorted((self.contacts[one] for one in owners), key=lambda one: one.number):
            if other.contact_id != contact.contact_id:
                contact = self._join(contact, other, cause)
        return contact

    def _join(self, one: Contact, other: Contact, cause: UUID) -> Contact:
        """Of two the one whom we met first, with what the other had."""
        stays, gone = sorted((one, other), key=lambda each: each.number)
        blocked = max((stays, gone), key=lambda each: (each.blocked_until is not None, each.blocked_until))
        name = stays.name or gone.name
        if name != stays.name:
            self._renamed[stays.contact_id] = name
        stays = replace(
            stays,
            name=name,
            personal_manager=stays.personal_manager or gone.personal_manager,
            blocked_until=blocked.blocked_until,
            block_reason=blocked.block_reason,
            blocked_by=blocked.blocked_by,
        )
        self.joined[gone.contact_id] = cause
        self.same[gone.contact_id] = stays.contact_id
        for known in list(self.known.values()):
            if known.contact_id == gone.contact_id:
                self._keep(replace(known, contact_id=stays.contact_id))
        for changed in (self._changed, self._renamed, self.contacts):
            changed.pop(gone.contact_id, None)
        return self._changed_by(stays, cause)

    def _met(self, identity: Identity, cause: UUID) -> Contact:
        identity_id = address_id(identity.channel, identity.address)
        known = self.known.get(identity_id)
        if known is None:
            return self._learned(identity_id, identity, cause)
        merged = merge(known.identity, identity)
        contact = self.contacts[known.contact_id]
        if merged is known.identity:
            return contact
        self._keep(Known(identity_id, known.contact_id, merged))
        self._keep_aliases(identity, contact)
        return self._named(contact, merged, known.identity.name, cause)

    def written_to(self, identity: Identity, cause: UUID) -> Contact:
        """The same where one of us wrote first: what an operator says of somebody known is not learned."""
        known = self.known.get(address_id(identity.channel, identity.address))
        return self.met(identity, cause) if known is None else self.contacts[known.contact_id]

    def _learned(self, identity_id: UUID, identity: Identity, cause: UUID) -> Contact:
        """An address that is new: another one of somebody known by an alias, or a new person's."""
        same = (address_id(identity.channel, alias) for alias in identity.aliases)
        owner = next((self.known[one].contact_id for one in same if one in self.known), None)
        if owner is None:
            self.last_number += 1
            contact = Contact(identity_id, self.last_number, None, None, 0, self.now)
        else:
            contact = self.contacts[owner]
        self._keep(Known(identity_id, contact.contact_id, identity))
        self._keep_aliases(identity, contact)
        return self._named(contact, identity, None, cause)

    def _keep_aliases(self, identity: Identity, contact: Contact) -> None:
        for alias in identity.aliases:
            id_ = address_id(identity.channel, alias)
            if id_ not in self.known:
                self._keep(Known(id_, contact.contact_id, Identity(channel=identity.channel, address=alias)))

    def _named(self, contact: Contact, identity: Identity, before: str | None, cause: UUID) -> Contact:
        """The person takes an identity's name unless it has one of its own."""
        if identity.name and contact.name in (None, before):
            contact = replace(contact, name=identity.name)
            self._renamed[contact.contact_id] = contact.name
        return self._changed_by(contact, cause)

    def change_block(self, contact: Contact, block: Block, cause: UUID) -> Contact:
        """Blocks the person, or ends that."""
        contact = replace(contact, blocked_until=block.until, block_reason=block.reason, blocked_by=block.by)
        return self._changed_by(contact, cause)

    def _changed_by(self, contact: Contact, cause: UUID) -> Contact:
        """A new version, one for each batch."""
        if contact.contact_id not in self._changed:
            contact = replace(contact, version=contact.version + 1)
            self._changed[contact.contact_id] = cause
        self.contacts[contact.contact_id] = contact
        return contact

    def _keep(self, known: Known) -> None:
        self.known[known.identity_id] = known
        self._identities.add(known.identity_id)

    async def save(self, conn: AsyncConnection) -> list[Outgoing]:
        """Writes what changed; the facts to tell everybody."""
        if not self._changed:
            return []
        await _save_contacts(conn, [self.contacts[one] for one in self._changed])
        await names.save(conn, self._renamed)
        await _save_identities(conn, [self.known[one] for one in self._identities])
        all_of = await _identities_of(conn, list(self._changed))
        return [
            _facts(self.contacts[one], all_of[one], cause, self.now) for one, cause in self._changed.items()
        ]


def merge(old: Identity, new: Identity) -> Identity:
    """What is known of an address after one more hearing: what is newly said wins, what is not said stays."""
    said = {name: value for name, value in new.__dict__.items() if value not in (None, (), False)}
    said["aliases"] = tuple(dict.fromkeys((*old.aliases, *new.aliases)))
    changed = {name: value for name, value in said.items() if getattr(old, name) != value}
    return old.model_copy(update=changed) if changed else old


async def load(conn: AsyncConnection, ids: Collection[UUID], people: People) -> None:
    """Whoever has these addresses, by their hashes, into `people`."""
    if not ids:
        return
    rows = await conn.execute(
        select(identities.c.identity_id, identities.c.known, contacts)
        .join(contacts, contacts.c.contact_id == identities.c.contact_id)
        .where(identities.c.identity_id.in_(ids))
    )
    for row in rows:
        contact = Contact(*(getattr(row, name) for name in _CONTACT))
        people.contacts.setdefault(contact.contact_id, contact)
        identity = Identity.model_validate(row.known)
        people.known[row.identity_id] = Known(row.identity_id, contact.contact_id, identity)


async def load_contacts(conn: AsyncConnection, ids: Iterable[UUID], people: People) -> None:
    """These contacts, into `people`."""
    wanted = list(ids)
    if wanted:
        for row in await conn.execute(select(contacts).where(contacts.c.contact_id.in_(wanted))):
            people.contacts[row.contact_id] = Contact(*(getattr(row, name) for name in _CONTACT))


async def _save_contacts(conn: AsyncConnection, changed: list[Contact]) -> None:
    await conn.execute(upsert(conn, contacts, _CONTACT[1:]), [asdict(one) for one in changed])


async def _save_identities(conn: AsyncConnection, changed: list[Known]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "identity_id": one.identity_id,
            "contact_id": one.contact_id,
            "channel": one.identity.channel,
            "address": one.identity.address,
            "known": one.identity.model_dump(mode="json", exclude_none=True),
        }
        for one in changed
    ]
    if rows:
        await conn.execute(upsert(conn, identities, ("known", "contact_id")), rows)


async def _identities_of(conn: AsyncConnection, ids: list[UUID]) -> dict[UUID, list[Identity]]:
    query = select(identities.c.contact_id, identities.c.known).where(identities.c.contact_id.in_(ids))
    found: dict[UUID, list[Identity]] = {one: [] for one in ids}
    for row in await conn.execute(query.order_by(identities.c.channel, identities.c.address)):
        found[row.contact_id].append(Identity.model_validate(row.known))
    return found


def _facts(contact: Contact, known: list[Identity], cause: UUID, now: datetime) -> Outgoing:
    facts = ContactFacts(
        contact_id=contact.contact_id,
        version=contact.version,
        name=contact.name,
        identities=tuple(known),
        personal_manager=contact.personal_manager,
        blocked_until=contact.blocked_until,
    )
    id_ = effect_id(cause, contact.version)
    envelope = wrap(facts, id=id_, source=SOURCE, time=now, subject=f"contact:{contact.contact_id}")
    return Outgoing(EVENTS, event_key(facts.TYPE), envelope.encode(), str(id_), facts.TYPE)
