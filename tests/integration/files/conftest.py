"""Blobs in a folder and in a bucket of an S3 on loopback."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from moto.server import ThreadedMotoServer

from shared.files.blobs import Blobs
from tests.integration.files.places import KEYS, Stored, answer, in_bucket, in_folder


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server that speaks S3."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket_url(s3: str) -> str:
    bucket = f"files-{uuid4().hex}"
    answer(f"{s3}/{bucket}", "PUT")
    return f"s3://{bucket}/some/prefix?endpoint={s3}&region=us-east-1"


@pytest.fixture(params=["folder", "bucket"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Stored:
    if request.param == "folder":
        root = tmp_path / "blobs"
        return Stored(Blobs.open(f"file://{root}"), lambda: in_folder(root))
    url = str(request.getfixturevalue("bucket_url"))
    return Stored(Blobs.open(url, environ=KEYS), lambda: in_bucket(url))
