"""What an account can do, and how it is, is told to whoever may see it (CH16)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shared.contract.capabilities import Capabilities
from shared.contract.events import AccountChanged
from tests.integration.store.shop import Shop
from tests.support.waiting import eventually
from tests.unit.store.story import START, envelope, operator

ANNA = UUID(int=1)


@pytest.mark.feature("CH16")
async def test_capabilities_and_health_of_an_account(shop: Shop) -> None:
    event = AccountChanged(
        channel="webchat", account="site", name="Site", capabilities=Capabilities(images=True, file_bytes=7),
        connected=True, health="throttled", health_reason="too much at once",
        health_until=START + timedelta(minutes=1), version=1, cause=uuid4(),
    )  # fmt: skip
    await shop.publish(operator(ANNA), envelope(event, "account:webchat.site"))
    await shop.caught_up()
    (told,) = (await shop.get("/v1/accounts", ANNA))["items"]
    assert told["capabilities"]["images"] is True
    assert told["capabilities"]["file_bytes"] == 7
    assert told["capabilities"]["voice"] is False
    assert (told["health"], told["health_reason"]) == ("throttled", "too much at once")
    assert told["health_until"] == "2026-03-01T09:01:00Z"
    well = event.model_copy(
        update={"version": 2, "health": "well", "health_reason": None, "health_until": None}
    )
    await shop.publish(envelope(well, "account:webchat.site"))
    await shop.caught_up()
    news = ("account", 2)
    (row,) = await eventually(lambda: [row for row in shop.heard if (row["entity"], row["version"]) == news])
    assert (row["state"]["health"], row["state"]["health_reason"]) == ("well", None)
