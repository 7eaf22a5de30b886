"""Which bytes are answered to a Range header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.files.ranges import byte_range

SIZE = 1000

RANGES = [
    (None, 200, 0, 1000),
    ("", 200, 0, 1000),
    ("bytes=0-", 206, 0, 1000),
    ("bytes=0-0", 206, 0, 1),
    ("bytes=0-999", 206, 0, 1000),
    ("bytes=0-1000", 206, 0, 1000),
    ("bytes=500-599", 206, 500, 600),
    ("bytes=999-", 206, 999, 1000),
    ("bytes=-1", 206, 999, 1000),
    ("bytes=-1000", 206, 0, 1000),
    ("bytes=-5000", 206, 0, 1000),
    ("Bytes = 5-6 ", 206, 5, 7),
    ("bytes=0-999999999999999999", 206, 0, 1000),
    ("bytes=1000-", 416, 0, 0),
    ("bytes=1000-2000", 416, 0, 0),
    ("bytes=-0", 416, 0, 0),
    ("bytes=-", 200, 0, 1000),
    ("bytes=6-5", 200, 0, 1000),
    ("bytes=0-1,5-6", 200, 0, 1000),
    ("bytes=" + ",".join(["0-"] * 5000), 200, 0, 1000),
    ("bytes=a-b", 200, 0, 1000),
    ("bytes=--1", 200, 0, 1000),
    ("bytes=+1-2", 200, 0, 1000),
    ("bytes=1.5-2", 200, 0, 1000),
    ("bytes=٣-٤", 200, 0, 1000),
    ("bytes=" + "9" * 10_000 + "-", 200, 0, 1000),
    ("lines=1-2", 200, 0, 1000),
    ("bytes 1-2", 200, 0, 1000),
    ("bytes=1-2\r\nX: y", 200, 0, 1000),
    ("bytes=1-2\n", 200, 0, 1000),
]


@pytest.mark.parametrize(("header", "status", "start", "end"), RANGES, ids=range(len(RANGES)))
def test_ranges(header: str | None, status: int, start: int, end: int) -> None:
    part = byte_range(header, SIZE)
    assert (part.status, part.start, part.end) == (status, start, end)
    assert part.headers["Content-Length"] == str(end - start)


def test_headers() -> None:
    assert byte_range(None, 10).headers == {"Accept-Ranges": "bytes", "Content-Length": "10"}
    assert byte_range("bytes=2-4", 10).headers["Content-Range"] == "bytes 2-4/10"
    assert byte_range("bytes=10-", 10).headers["Content-Range"] == "bytes */10"


@pytest.mark.parametrize(("header", "status"), [(None, 200), ("bytes=0-", 416), ("bytes=-1", 416)])
def test_an_empty_file(header: str | None, status: int) -> None:
    part = byte_range(header, 0)
    assert (part.status, part.start, part.end) == (status, 0, 0)


@given(st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}", fullmatch=True), st.integers(0, 3000))
def test_never_outside(header: str, size: int) -> None:
    part = byte_range(header, size)
    assert 0 <= part.start <= part.end <= size
