"""Where blobs lie, as one address: `file://blobs`, `file:///var/lib/blobs`, `s3://bucket/prefix?region=…`.

An address is a setting that may be printed: keys in it are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_QUERY: Final = frozenset({"endpoint", "region"})
_EXAMPLES: Final = "file://blobs, file:///var/lib/blobs or s3://bucket/prefix?endpoint=https://…&region=…"


@dataclass(frozen=True, slots=True)
class FolderAddress:
    path: Path


@dataclass(frozen=True, slots=True)
class BucketAddress:
    bucket: str
    prefix: str
    endpoint: str | None
    region: str | None


def blob_address(url: str) -> FolderAddress | BucketAddress:
    """The place that `url` names; ValueError says in words what is wrong with it, without repeating it."""
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise ValueError("keys do not belong into the address: set AWS_ACCESS_KEY_ID and its secret")
    if parts.scheme == "file":
        return _folder(unquote(parts.netloc + parts.path), parts.query or parts.fragment)
    if parts.scheme == "s3":
        return _bucket(parts.netloc, unquote(parts.path).strip("/"), parts.query)
    raise ValueError(f"write it as {_EXAMPLES}")


def _folder(path: str, more: str) -> FolderAddress:
    if not path or more or "\0" in path:
        raise ValueError(f"write it as {_EXAMPLES}")
    return FolderAddress(Path(path))


def _bucket(bucket: str, prefix: str, query: str) -> BucketAddress:
    if not _BUCKET.fullmatch(bucket):
        raise ValueError(f"that is not the name of a bucket: write it as {_EXAMPLES}")
    options = dict(parse_qsl(query, keep_blank_values=True))
    if not options.keys() <= _QUERY:
        raise ValueError("after ? only endpoint and region are known; keys come from AWS_ACCESS_KEY_ID")
    endpoint = options.get("endpoint") or None
    if endpoint is not None:
        where = urlsplit(endpoint)
        if where.scheme not in ("http", "https") or not where.hostname or "@" in where.netloc:
            raise ValueError("write the endpoint as https://storage.example.org")
    return BucketAddress(bucket, prefix, endpoint, options.get("region") or None)
