"""A bucket that is away, refuses or loses blobs while they are read."""

import time

import pytest

from shared.failure import Unavailable
from shared.files.blobs import BlobGone, Blobs
from tests.integration.files.places import KEYS, in_bucket
from tests.integration.files.sending import fresh, repeated, sent, whole

pytestmark = pytest.mark.feature("MS3")


async def test_a_bucket_that_is_away_is_unavailable_soon() -> None:
    blobs = Blobs.open("s3://files?endpoint=http://127.0.0.1:9&region=us-east-1", environ=KEYS)
    began = time.monotonic()
    with pytest.raises(Unavailable, match="the bucket of blobs"):
        await blobs.put(fresh(), sent(b"x"), limit=10)
    with pytest.raises(Unavailable):
        await blobs.size(fresh())
    with pytest.raises(Unavailable):
        await whole(blobs, fresh())
    with pytest.raises(Unavailable):
        await blobs.delete(fresh())
    assert time.monotonic() - began < 30


async def test_a_bucket_that_does_not_exist(s3: str) -> None:
    blobs = Blobs.open(f"s3://nowhere?endpoint={s3}&region=us-east-1", environ=KEYS)
    with pytest.raises(Unavailable):
        await blobs.put(fresh(), sent(b"x"), limit=10)


async def test_a_blob_that_is_deleted_while_it_is_read_is_gone(bucket_url: str) -> None:
    blobs = Blobs.open(bucket_url, environ=KEYS)
    name = fresh()
    await blobs.put(name, repeated(b"x" * 1_000_000, 9), limit=10**7)
    reading = blobs.read(name)
    assert 0 < len(await anext(reading)) < 9_000_000
    await blobs.delete(name)
    with pytest.raises(BlobGone):
        await anext(reading)


async def test_two_services_share_a_bucket_under_their_prefix(s3: str, bucket_url: str) -> None:
    one, other = (Blobs.open(bucket_url, environ=KEYS) for _ in range(2))
    name = fresh()
    await one.put(name, sent(b"x"), limit=10)
    assert await whole(other, name) == b"x"
    assert in_bucket(bucket_url) == [name]
    elsewhere = Blobs.open(bucket_url.replace("some/prefix", "another"), environ=KEYS)
    assert await elsewhere.size(name) is None
