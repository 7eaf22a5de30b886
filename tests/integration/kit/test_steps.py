"""What a provider took of a message of several requests is known for as long as it may be sent."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from gateways.kit.channel import Sent
from gateways.kit.steps import KEPT, Steps, steps_table
from gateways.kit.transactions import Transactions
from shared.clock import FixedClock
from shared.db.engine import open_engine, writing
from shared.failure import Unavailable, Unconfirmed
from tests.integration.kit.heard import NOW


async def test_what_was_taken_is_known_until_the_message_has_expired(
    database_url: Callable[[str], str],
) -> None:
    engine, metadata, clock = open_engine(database_url("gateway")), sa.MetaData(), FixedClock(NOW)
    steps_table(metadata)
    steps, message, other = Steps(Transactions(engine), clock), uuid4(), uuid4()
    try:
        async with writing(engine) as conn:
            await conn.run_sync(metadata.create_all)
        assert await steps.known(message) == {}
        await steps.keep(message, 0, Sent(("a",)))
        await steps.keep(message, 1, Sent(("b", "c"), 7))
        await steps.keep(other, 0, Sent(("d",)))
        assert await steps.known(message) == {0: Sent(("a",)), 1: Sent(("b", "c"), 7)}
        clock.advance(KEPT + timedelta(seconds=1))
        await steps.keep(other, 1, Sent(("e",)))
        assert await steps.known(message) == {}
        assert await steps.known(other) == {1: Sent(("e",))}
    finally:
        await engine.dispose()


async def test_what_cannot_be_kept_is_unconfirmed(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/gone/gateway.db")
    steps = Steps(Transactions(engine), FixedClock(NOW))
    with pytest.raises(Unavailable):
        await steps.known(uuid4())
    with pytest.raises(Unconfirmed):
        await steps.keep(uuid4(), 0, Sent(("a",)))
    await engine.dispose()
