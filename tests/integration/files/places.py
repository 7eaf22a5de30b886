"""What really lies in a folder or a bucket, temporary files and unfinished uploads included."""

import os
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

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


def in_folder(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


def in_bucket(url: str) -> list[str]:
    """Objects, and uploads that nobody finished."""
    bucket, _, endpoint = url.removeprefix("s3://").partition("/some/prefix?endpoint=")
    where = f"{endpoint.partition('&')[0]}/{bucket}"
    found = answer(where) + answer(f"{where}?uploads")
    return sorted(key.removeprefix("some/prefix/") for key in re.findall(r"<Key>(.+?)</Key>", found))


def answer(url: str, method: str = "GET") -> str:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    with closing(connection):
        connection.request(method, url)
        return connection.getresponse().read().decode()
