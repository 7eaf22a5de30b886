"""A form with a file as providers take it: the size known beforehand, the bytes streamed.

body = form({"chat_id": "7"}, "document", attachment)
await client.fetch("POST", address, body=body, limits=UPLOAD_LIMITS)
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import MultipartWriter
from aiohttp.payload import AsyncIterablePayload, StringPayload

from gateways.kit.attachments import Attachment


class _Streamed(AsyncIterablePayload):
    """Bytes that come, so many of them."""

    def __init__(self, attachment: Attachment) -> None:
        super().__init__(attachment.chunks(), content_type=attachment.mime_type)
        self._size = attachment.size_bytes


def form(fields: Mapping[str, str], name: str, attachment: Attachment) -> MultipartWriter:
    """The body: the fields, then the file in the field `name`, its own name in UTF-8 as browsers write it."""
    writer = MultipartWriter("form-data")
    for field, value in fields.items():
        text = StringPayload(value, content_type="text/plain; charset=utf-8")
        text.set_content_disposition("form-data", name=field)
        writer.append_payload(text)
    file = _Streamed(attachment)
    file.set_content_disposition("form-data", quote_fields=False, name=name, filename=attachment.name)
    writer.append_payload(file)
    return writer
