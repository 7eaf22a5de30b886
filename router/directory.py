"""Reading and writing operators, groups, accounts, presence, and what is known of contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from router import tables
from router.presence import Presence, Seat
from router.registry import Account, Entity, Group, Operator, Registry, Routing, Statuses, Templates
from shared.contract.capabilities import Capabilities
from shared.contract.events import ContactFacts
from shared.contract.inbound import AccountHealth, KnownTemplate
from shared.contract.statuses import StatusRow
from shared.db.dialect import insert, upsert

_ALL: Final = "all"
"""The name of the one table of statuses."""


async def load_registry(conn: AsyncConnection, now: datetime) -> Registry:
    """Everybody and everything that decisions may know."""
    entities: list[Entity] = []
    for row in await conn.execute(select(tables.operators)):
        values = dict(row._mapping)  # noqa: SLF001 - the public way to read a row by names
        values |= {"without": tuple(row.without), "groups": tuple(row.groups)}
        values["accounts"] = None if row.accounts is None else tuple(row.accounts)
        entities.append(Operator(**values))
    entities += [Group(row.slug, row.name, row.version) for row in await conn.execute(select(tables.groups))]
    for row in await conn.execute(select(tables.accounts)):
        values = dict(row._mapping)  # noqa: SLF001 - as above
        values["capabilities"] = Capabilities.model_validate(row.capabilities)
        values["health"] = None if row.health is None else AccountHealth.model_validate(row.health)
        settings = row.routing | {"close_untaken": values.pop("close_untaken")}
        settings["categories"] = tuple(row.routing.get("categories", ()))
        values["routing"] = Routing(**settings)
        entities.append(Account(**(values | {"groups": tuple(row.groups)})))
    for row in await conn.execute(select(tables.statuses)):
        table = tuple(StatusRow.model_validate(one) for one in row.rows)
        entities.append(Statuses(table, row.version))
    for row in await conn.execute(select(tables.account_templates)):
        listed = tuple(KnownTemplate.model_validate(one) for one in row.templates)
        entities.append(Templates(row.channel, row.account, listed, row.at, row.version))
    registry = Registry(entities)
    registry.blocks = await _load_blocks(conn, now)
    return registry


async def _load_blocks(conn: AsyncConnection, now: datetime) -> dict[tuple[str, str], datetime]:
    c = tables.contact_facts.c
    query = select(c.channel, c.address, c.blocked_until).where(c.blocked_until > now)
    return {(row.channel, row.address): row.blocked_until for row in await conn.execute(query)}


async def save_entities(conn: AsyncConnection, entities: Iterable[Entity]) -> None:
    """Writes the entities as they are now; of several of one, the last counts."""
    latest = tuple({entity.subject: entity for entity in entities}.values())
    kinds = (
        (Operator, tables.operators),
        (Group, tables.groups),
        (Account, tables.accounts),
        (Templates, tables.account_templates),
    )
    for kind, table in kinds:
        rows = [_values(entity) for entity in latest if isinstance(entity, kind)]
        await _upsert(conn, table, rows)
    for one in latest:
        if isinstance(one, Statuses):
            listed = [row.model_dump() for row in one.rows]
            await _upsert(conn, tables.statuses, [{"name": _ALL, "rows": listed, "version": one.version}])


async def load_presence(conn: AsyncConnection) -> Presence:
    rows = await conn.execute(select(tables.presence))
    return Presence(Seat(row.operator_id, row.desk, row.until) for row in rows)


async def save_presence(conn: AsyncConnection, places: Mapping[tuple[UUID, str], Seat | None]) -> None:
    """Writes who sits at these places (an operator at a desk), or that nobody does."""
    here = tables.presence.c
    left = [place for place, seat in places.items() if seat is None]
    if left:
        gone = (and_(here.operator_id == operator, here.desk == desk) for operator, desk in left)
        await conn.execute(delete(tables.presence).where(or_(*gone)))
    await _upsert(conn, tables.presence, [asdict(seat) for seat in places.values() if seat is not None])


async def save_contact_facts(conn: AsyncConnection, facts: Iterable[ContactFacts]) -> None:
    """Keeps what the store tells of a person under each of their addresses; older news change nothing."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for fact in sorted(facts, key=lambda fact: fact.version):
        for identity in fact.identities:
            for address in (identity.address, *identity.aliases):
                rows[identity.channel, address] = {
                    "channel": identity.channel,
                    "address": address,
                    "contact_id": fact.contact_id,
                    "version": fact.version,
                    "personal_manager": fact.personal_manager,
                    "blocked_until": fact.blocked_until,
                }
    if not rows:
        return
    table = tables.contact_facts
    statement = insert(conn, table)
    values = {
        name: statement.excluded[name]
        for name in ("contact_id", "version", "personal_manager", "blocked_until")
    }
    newer = or_(
        table.c.version < statement.excluded.version, table.c.contact_id != statement.excluded.contact_id
    )
    upsert = statement.on_conflict_do_update(index_elements=["channel", "address"], set_=values, where=newer)
    await conn.execute(upsert, list(rows.values()))


async def _upsert(conn: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    await conn.execute(upsert(conn, table), list(rows))


def _values(entity: Entity) -> dict[str, Any]:
    """The columns of an entity: its fields, models as plain data."""
    values = {field.name: getattr(entity, field.name) for field in fields(entity)}
    for name in ("capabilities", "health"):
        if values.get(name) is not None:
            values[name] = values[name].model_dump(mode="json", exclude_none=True)
    if isinstance(entity, Templates):
        listed = [one.model_dump(mode="json", exclude_none=True) for one in entity.templates]
        values |= {"templates": listed}
    if isinstance(entity, Account):
        values |= {"routing": asdict(entity.routing), "close_untaken": entity.routing.close_untaken}
    return values
