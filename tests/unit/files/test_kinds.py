"""The type is what the content is, whatever the name says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.files.kinds import HEAD_BYTES, IMAGES, Kind, kind_of, sniff

pytestmark = pytest.mark.feature("MS1")


def box(kind: bytes, inside: bytes) -> bytes:
    return (len(inside) + 8).to_bytes(4, "big") + kind + inside


FTYP = box(b"ftyp", b"isom\0\0\2\0iso5")
SOUND = box(b"moov", box(b"trak", b"hdlr\0\0\0\0soun"))
MOVIE = box(b"moov", box(b"trak", b"hdlr\0\0\0\0vide") + box(b"trak", b"hdlr\0\0\0\0soun"))

FORMATS = [
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
    (b"\xff\xd8\xff\xe1\0\x18Exif", "image/jpeg"),
    (b"GIF87a\1\0\1\0", "image/gif"),
    (b"GIF89a\1\0\1\0", "image/gif"),
    (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
    (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
    (b"RIFF\x24\0\0\0AVI LIST", "video/x-msvideo"),
    (b"RIFF\x24\0\0\0EVIL\0\0", "application/octet-stream"),
    (b"BM\x36\0\0\0\0\0\0\0\x36\0", "image/bmp"),
    (b"II*\0\x08\0\0\0", "image/tiff"),
    (b"MM\0*\0\0\0\x08", "image/tiff"),
    (b"\0\0\1\0\1\0", "image/x-icon"),
    (box(b"ftyp", b"heic\0\0\0\0"), "image/heic"),
    (box(b"ftyp", b"avif\0\0\0\0"), "image/avif"),
    (box(b"ftyp", b"M4A \0\0\0\0"), "audio/mp4"),
    (box(b"ftyp", b"qt  \0\0\0\0"), "video/quicktime"),
    (box(b"ftyp", b"3gp4\0\0\0\0"), "video/3gpp"),
    (FTYP + box(b"mdat", b"soun"), "video/mp4"),
    (FTYP + SOUND, "audio/mp4"),
    (FTYP + MOVIE, "video/mp4"),
    (FTYP + SOUND[:-1], "video/mp4"),
    (b"\x1a\x45\xdf\xa3\x9fB\x82\x84webm\0\0A_OPUS", "audio/webm"),
    (b"\x1a\x45\xdf\xa3\x9fB\x82\x84webm\0\0V_VP8 A_OPUS", "video/webm"),
    (b"\x1a\x45\xdf\xa3\x93B\x82\x88matroska", "video/x-matroska"),
    (b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead", "audio/ogg"),
    (b"OggS\0\2" + bytes(20) + b"\1\x2a\x80theora", "video/ogg"),
    (b"ID3\4\0\0\0\0\0\0", "audio/mpeg"),
    (b"\xff\xfb\x90\x64\0\0", "audio/mpeg"),
    (b"\xff\xf1\x50\x80\0\0", "audio/aac"),
    (b"fLaC\0\0\0\x22", "audio/flac"),
    (b"#!AMR\n<", "audio/amr"),
    (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
    (b"PK\x03\x04\x14\0", "application/zip"),
    (b"PK\x05\x06" + bytes(18), "application/zip"),
    (b"Rar!\x1a\x07\1\0", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c\0\4", "application/x-7z-compressed"),
    (b"\x1f\x8b\x08\0\0", "application/gzip"),
    (b"\xfd7zXZ\0\0\4", "application/x-xz"),
    (b"a.txt" + bytes(252) + b"ustar\0", "application/x-tar"),
    (b"{\\rtf1\\ansi", "application/rtf"),
    (b"\x7fELF\2\1\1\0", "application/x-executable"),
    (b"MZ\x90\0\3\0", "application/x-dosexec"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "application/x-ole-storage"),
    (b"Good day", "text/plain"),
    ("Добрый день".encode(), "text/plain"),
    ("Добрый день".encode("cp1251"), "text/plain"),
    ("Добрый день".encode("utf-16"), "text/plain"),
    (b"MZ is a country code", "text/plain"),
    (b"BMW is a car", "text/plain"),
    (b"x < y > z", "text/plain"),
    (b"", "application/octet-stream"),
    (b"\0", "application/octet-stream"),
    (bytes(range(256)), "application/octet-stream"),
]

LIES = [
    ("an EXE as .jpg", b"MZ\x90\0\3\0", "cat.jpg", "application/x-dosexec"),
    ("an EXE as .docx", b"MZ\x90\0\3\0", "cv.docx", "application/x-dosexec"),
    ("HTML as .png", b"<html><script>alert(1)</script>", "cat.png", "text/html"),
    ("HTML after a mark of byte order", b"\xef\xbb\xbf<!DOCTYPE html><p>", "cat.gif", "text/html"),
    ("HTML in UTF-16", "<script>alert(1)</script>".encode("utf-16"), "cat.gif", "text/html"),
    ("HTML in UTF-16, big end first", b"\xfe\xff\0<\0p\0>", "cat.gif", "text/html"),
    ("HTML after blanks", b" \t\r\n\f<BODY onload=x>", "cat.jpg", "text/html"),
    ("HTML after a comment", b"<!-- GIF89a --><script>", "cat.gif", "text/html"),
    ("a tag nobody knows", b"<x onclick=alert(1)>", "cat.gif", "text/html"),
    ("a closing tag", b"</p><script>", "cat.gif", "text/html"),
    ("SVG as an avatar", b"<svg onload=alert(1)>", "me.svg", "application/xml"),
    ("SVG as .png", b'<svg xmlns="http://www.w3.org/2000/svg">', "me.png", "application/xml"),
    ("SVG after a declaration", b'<?xml version="1.0"?><svg>', "me.svg", "application/xml"),
    ("SVG after a document type", b"<!DOCTYPE svg PUBLIC>", "me.svg", "application/xml"),
    ("SVG in UTF-16", "<svg onload=alert(1)>".encode("utf-16"), "me.svg", "application/xml"),
    ("XHTML", b'<?xml version="1.0"?><html xmlns="x">', "a.jpg", "application/xml"),
    ("a billion laughs", b"<!DOCTYPE lolz [<!ENTITY a 'b'>]>", "a.jpg", "application/xml"),
    ("a foreign XML", b"<x:svg xmlns:x='http://www.w3.org/2000/svg'>", "a.jpg", "application/xml"),
    ("GIF and JavaScript at once", b"GIF89a/*\0*/=1;alert(1)", "a.js", "image/gif"),
    ("PDF and HTML at once", b"%PDF-1.4 <script>alert(1)</script>", "a.html", "application/pdf"),
    ("JPEG and HTML at once", b"\xff\xd8\xff\xe0<html>", "a.html", "image/jpeg"),
    ("ZIP and HTML at once", b"PK\x03\x04<html>", "a.html", "application/zip"),
    ("JavaScript", b"alert(1)", "a.js", "text/plain"),
    ("text as .html", b"nothing here", "a.html", "text/plain"),
    ("text as .png", b"nothing here", "a.png", "text/plain"),
    (
        "a document",
        b"PK\x03\x04",
        "a.DOCX",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("an old document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", "application/msword"),
    ("a table", b"a;b\n1;2", "a.csv", "text/csv"),
    ("HTML as .csv", b"<html>", "a.csv", "text/html"),
]


@pytest.mark.parametrize(("head", "mime_type"), FORMATS, ids=range(len(FORMATS)))
def test_formats(head: bytes, mime_type: str) -> None:
    assert sniff(head) == mime_type


@pytest.mark.parametrize(("head", "name", "then"), [lie[1:] for lie in LIES], ids=[lie[0] for lie in LIES])
def test_lies_and_names(head: bytes, name: str, then: str) -> None:
    assert sniff(head, name) == then


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"  \r\n"])
@pytest.mark.parametrize(
    "markup", [b"<svg>", b"<SVG>", b"<html>", b"<?xml ?>", b"<math>", b"<!doctype html>"]
)
def test_markup_is_never_an_image(before: bytes, markup: bytes) -> None:
    found = sniff(before + markup, "me.png")
    assert not found.startswith("image/")
    assert kind_of(found) == "file"


@given(st.binary(max_size=64), st.text(max_size=20))
def test_anything_has_a_type(head: bytes, name: str) -> None:
    assert "/" in sniff(head, name)


def test_only_the_beginning_is_looked_at() -> None:
    assert sniff(b" " * HEAD_BYTES + b"<html>") == "text/plain"
    assert sniff(b"a" * 10_000_000) == "text/plain"


@pytest.mark.parametrize(
    ("mime_type", "kind"),
    [
        *((image, "image") for image in sorted(IMAGES)),
        ("image/svg+xml", "file"),
        ("image/heic", "file"),
        ("video/mp4", "video"),
        ("audio/ogg", "audio"),
        ("application/pdf", "file"),
        ("text/html", "file"),
    ],
)
def test_the_part_it_becomes(mime_type: str, kind: Kind) -> None:
    assert kind_of(mime_type) == kind
