"""A file is a download, whatever its name and type try."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.files.disposition import disposition

NAMES = [
    ("report.pdf", "filename=\"report.pdf\"; filename*=UTF-8''report.pdf"),
    ("отчёт.pdf", "filename=\"_____.pdf\"; filename*=UTF-8''%D0%BE%D1%82%D1%87%D1%91%D1%82.pdf"),
    ('a"b.txt', "filename=\"a_b.txt\"; filename*=UTF-8''a_b.txt"),
    ("a\r\nSet-Cookie: x", "filename=\"a__Set_Cookie__x\"; filename*=UTF-8''a__Set_Cookie__x"),
    ("", "filename=\"file\"; filename*=UTF-8''file"),
    ("a%0d%0ab", "filename=\"a_0d_0ab\"; filename*=UTF-8''a_0d_0ab"),
]

TYPES = [
    ("application/pdf", "attachment", "application/pdf"),
    ("image/png", "attachment", "image/png"),
    ("text/plain", "attachment", "text/plain; charset=utf-8"),
    ("audio/ogg", "inline", "audio/ogg"),
    ("video/mp4", "inline", "video/mp4"),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "attachment",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("text/html", "attachment", "application/octet-stream"),
    ("TEXT/HTML", "attachment", "application/octet-stream"),
    ("application/xhtml+xml", "attachment", "application/octet-stream"),
    ("application/xml", "attachment", "application/octet-stream"),
    ("image/svg+xml", "attachment", "application/octet-stream"),
    ("text/javascript", "attachment", "application/octet-stream"),
    ("application/x-shockwave-flash", "attachment", "application/octet-stream"),
    ("application/vnd.mozilla.xul+xml", "attachment", "application/octet-stream"),
    ("application/vnd.adobe.flash.movie", "attachment", "application/octet-stream"),
    ("application/vnd.oasis.opendocument.text", "attachment", "application/vnd.oasis.opendocument.text"),
    ("multipart/x-mixed-replace", "attachment", "application/octet-stream"),
    ("application/vnd.x\r\nX: y", "attachment", "application/octet-stream"),
    ("audio/ogg\r\nSet-Cookie: x", "attachment", "application/octet-stream"),
    ("audio/ogg, text/html", "attachment", "application/octet-stream"),
    ("*/*", "attachment", "application/octet-stream"),
    ("", "attachment", "application/octet-stream"),
]


@pytest.mark.parametrize(("name", "then"), NAMES, ids=[ascii(name) for name, _ in NAMES])
def test_names(name: str, then: str) -> None:
    assert disposition(name, "application/pdf")["Content-Disposition"] == f"attachment; {then}"


@pytest.mark.parametrize(("mime_type", "how", "served"), TYPES, ids=[ascii(row[0]) for row in TYPES])
def test_types(mime_type: str, how: str, served: str) -> None:
    headers = disposition("a.bin", mime_type)
    assert headers["Content-Disposition"].partition(";")[0] == how
    assert headers["Content-Type"] == served
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_only_our_own_preview_is_shown() -> None:
    assert disposition("a.webp", "image/webp", preview=True)["Content-Disposition"].startswith("inline")
    assert disposition("a.webp", "image/webp")["Content-Disposition"].startswith("attachment")
    assert disposition("a.svg", "image/svg+xml", preview=True)["Content-Disposition"].startswith("attachment")


@given(st.text(alphabet=st.characters()), st.text(alphabet=st.characters(), max_size=40))
def test_nothing_gets_out_of_its_header(name: str, mime_type: str) -> None:
    for value in disposition(name, mime_type).values():
        assert value.isascii()
        assert value.isprintable()
        assert value.count('"') in {0, 2}
