"""Blobs in a folder and in a bucket of a loopback S3, and a look at everything that lies there."""

import os
import re
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from moto.server import ThreadedMotoServer

from shared.files.blobs import Blobs

KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "invented"}


@dataclass
class Stored:
    """Blobs and what is really there, unfinished uploads and temporary files included."""

    blobs: Blobs
    everything: Callable[[], list[str]]


@dataclass
class Synced:
    """What was synced, in order: the path, and how many bytes a file had then."""

    seen: list[tuple[Path, int]] = field(default_factory=list)

    def __call__(self, descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        self.seen.append((path, 0 if path.is_dir() else os.fstat(descriptor).st_size))
        os.fsync(descriptor)


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


def in_folder(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def in_bucket(url: str) -> list[str]:
    """Objects, and uploads that nobody finished."""
    bucket, _, endpoint = url.removeprefix("s3://").partition("/some/prefix?endpoint=")
    where = f"{endpoint.partition('&')[0]}/{bucket}"
    found = answer(where) + answer(f"{where}?uploads")
    return sorted(key.removeprefix("some/prefix/") for key in re.findall(r"<Key>(.+?)</Key>", found))


def answer(url: str, method: str = "GET") -> str:
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as response:
        return str(response.read().decode())
