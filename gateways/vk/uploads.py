"""A file of ours on its way to VK: where to, the bytes, then saved under a name that a message can carry.

photos.getMessagesUploadServer ─▶ {"upload_url": "https://…"} ─▶ POST the form ─▶ {"server", "photo", "hash"}
    ─▶ photos.saveMessagesPhoto ─▶ [{"id": 4, "owner_id": -1, "access_key": "k"}] ─▶ "photo-1_4_k"
docs.getMessagesUploadServer ─▶ … ─▶ {"file": "…"} ─▶ docs.save ─▶ {"type": "doc", "doc": {…}} ─▶ "doc-1_5"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateways.kit.attachments import Attachment
from gateways.kit.http import GuardedClient
from gateways.kit.multipart import form
from gateways.kit.payload import Malformed
from gateways.kit.recordings import playable
from gateways.kit.request import Request, ask, require_taken
from gateways.kit.voice import Voice
from gateways.vk.api import Api
from gateways.vk.render import upload_of
from gateways.vk.values import Object, inner, number, words
from shared.contract.content import Part
from shared.failure import Rejected, Retryable

REFUSED_WORDS: Final = "VK does not take this file."
AGAIN_SECONDS: Final = 5.0
_READ: Final = 64 * 1024


class Uploads:
    """For one community."""

    def __init__(self, api: Api, client: GuardedClient) -> None:
        self._api = api
        self._client = client
        self._voice = Voice()

    async def name_of(self, part: Part, attachment: Attachment, peer: str) -> str:
        """Uploads it; the name that a message carries."""
        kind, _ = upload_of(part)
        if kind == "photo":
            return await self._photo(attachment, peer)
        if kind == "doc":
            return await self._document(kind, attachment, peer)
        async with playable(attachment, self._voice) as recording:
            return await self._document(kind, recording, peer)

    async def _photo(self, attachment: Attachment, peer: str) -> str:
        given = await self._given("photos.getMessagesUploadServer", {"peer_id": peer}, "photo", attachment)
        if words(given, "photo") in ("", "[]"):
            raise Rejected("file_refused", REFUSED_WORDS)
        values = {name: given.get(name, "") for name in ("server", "photo", "hash")}
        saved = await self._api.ask("photos.saveMessagesPhoto", values)
        return _named("photo", saved[0] if isinstance(saved, list) and saved else {})

    async def _document(self, kind: str, attachment: Attachment, peer: str) -> str:
        values = {"type": kind, "peer_id": peer}
        given = await self._given("docs.getMessagesUploadServer", values, "file", attachment)
        if not words(given, "file"):
            raise Rejected("file_refused", REFUSED_WORDS)
        saved = await self._api.ask("docs.save", {"file": words(given, "file"), "title": attachment.name})
        said = saved if isinstance(saved, Mapping) else {}
        return _named("doc", inner(said, words(said, "type") or kind))

    async def _given(self, method: str, values: Object, field: str, attachment: Attachment) -> Object:
        """What VK's server makes of the bytes."""
        where = await self._api.ask(method, values)
        address = words(where, "upload_url") if isinstance(where, Mapping) else ""
        if not address:
            raise Retryable(AGAIN_SECONDS, "dialog")
        answer = await ask(self._client, address, Request("POST", "", {}), {}, form({}, field, attachment))
        require_taken(answer, {}, None)
        try:
            said: Any = answer.json()
        except Malformed:
            said = None
        if not isinstance(said, Mapping):
            raise Retryable(AGAIN_SECONDS, "dialog")
        return said


def _named(kind: str, saved: Object) -> str:
    owner, own, key = number(saved, "owner_id"), number(saved, "id"), words(saved, "access_key")
    if owner is None or own is None:
        raise Retryable(AGAIN_SECONDS, "dialog")
    return f"{kind}{owner}_{own}" + (f"_{key}" if key else "")
