"""The checks of readiness that router and store share: database, broker, and which role this process has."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.bus.connection import Broker
from shared.db.engine import reading
from shared.db.lease import Lease
from shared.failure import Unavailable
from shared.health import OK, Check, Health, failed


def database_check(engine: AsyncEngine) -> Check:
    """Well while the database answers."""

    async def check() -> Health:
        try:
            async with reading(engine) as conn:
                await conn.execute(text("SELECT 1"))
        except Unavailable as error:
            return failed(str(error))
        return OK

    return check


def broker_check(broker: Broker) -> Check:
    """Well while both connections to the broker are up."""

    async def check() -> Health:
        return OK if broker.connected else failed(broker.trouble or "not connected yet")

    return check


def role_check(lease: Lease) -> Check:
    """A standby is as ready as the active one; the page says which it is."""

    async def check() -> Health:
        return Health(words="active" if lease.held else "standby")

    return check
