"""What has lain among the blobs for long can be found, in a folder and in a bucket."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.integration.files.places import Stored
from tests.integration.files.sending import fresh, sent


@pytest.mark.feature("MS3")
async def test_blobs_are_listed_by_age(stored: Stored) -> None:
    names = {fresh() for _ in range(5)}
    preview = f"{min(names)}.preview"
    for name in (*names, preview):
        await stored.blobs.put(name, sent(b"bytes"), limit=100)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert {name async for name in stored.blobs.older_than(soon)} == {*names, preview}
    before = datetime.now(UTC) - timedelta(minutes=1)
    assert [name async for name in stored.blobs.older_than(before)] == []
