"""Raw mails of invented people, written as programs write them."""

from __future__ import annotations

import base64
from collections.abc import Mapping

BOUNDARY = "=_part"


def letter(
    body: str | bytes = "Добрый день!",
    *,
    content_type: str = "text/plain; charset=utf-8",
    encoding: str = "8bit",
    headers: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A mail from Anna to us; a header that is given replaces the usual one, an empty one removes it."""
    usual: dict[str, str | bytes] = {
        "From": "Anna <anna@example.org>",
        "To": "desk@example.com",
        "Subject": "Order 12",
        "Date": "Sat, 21 Nov 2026 10:12:00 +0300",
        "Message-ID": "<1@example.org>",
        "MIME-Version": "1.0",
        "Content-Type": content_type,
        "Content-Transfer-Encoding": encoding,
    }
    rows = {**usual, **(headers or {})}
    head = b"".join(name.encode() + b": " + raw(value) + b"\r\n" for name, value in rows.items() if value)
    return head + b"\r\n" + raw(body)


def raw(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def part(
    content: str | bytes,
    content_type: str = "text/plain; charset=utf-8",
    *,
    disposition: str = "",
    content_id: str = "",
    encoding: str = "8bit",
) -> bytes:
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    if disposition:
        head += f"Content-Disposition: {disposition}\r\n"
    if content_id:
        head += f"Content-ID: <{content_id}>\r\n"
    return head.encode() + b"\r\n" + raw(content)


def file_part(content: bytes, content_type: str, disposition: str, content_id: str = "") -> bytes:
    """A part in base64."""
    return part(
        base64.encodebytes(content),
        content_type,
        disposition=disposition,
        content_id=content_id,
        encoding="base64",
    )


def multipart(kind: str, *parts: bytes, boundary: str = BOUNDARY, parameters: str = "") -> tuple[str, bytes]:
    """Its Content-Type, and its body."""
    mark = b"--" + boundary.encode()
    body = b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts) + mark + b"--\r\n"
    return f'multipart/{kind}; boundary="{boundary}"{parameters}', body


def letter_of(
    kind: str, *parts: bytes, headers: Mapping[str, str | bytes] | None = None, parameters: str = ""
) -> bytes:
    content_type, body = multipart(kind, *parts, parameters=parameters)
    return letter(body, content_type=content_type, headers=headers)


def nested(kind: str, *parts: bytes, boundary: str) -> bytes:
    """A multipart as a part of another one."""
    content_type, body = multipart(kind, *parts, boundary=boundary)
    return f"Content-Type: {content_type}\r\n\r\n".encode() + body
