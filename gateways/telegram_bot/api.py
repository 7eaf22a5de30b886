"""The Bot API of one bot: aiogram's methods, asked by the kit's guarded client. It repeats nothing by itself.

api.send(method)    what may be sent once alone: what was asked and not answered is `Unconfirmed`
api.look(method)    what changes nothing when it is asked again: `Unfetched` instead
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final
from urllib.parse import quote

from aiogram import methods
from aiogram.methods import TelegramMethod
from aiohttp import MultipartWriter
from pydantic import SecretStr

from gateways.kit.attachments import Attachment
from gateways.kit.download import download
from gateways.kit.http import GuardedClient, Limits
from gateways.kit.multipart import form
from gateways.kit.request import BLOCKED_WORDS, GRACE_SECONDS, POLLED_BYTES, Request, ask
from gateways.kit.unfetched import Blocked, Broken
from gateways.telegram_bot.answers import result_of
from gateways.telegram_bot.render import fields_of
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed

_NO_HEADERS: Final[Mapping[str, str]] = {}

Named = tuple[str, Attachment]
"""A file by the name of its part of the form."""


class BotApi:
    """`address` is without a slash at its end."""

    def __init__(self, client: GuardedClient, address: str, token: SecretStr) -> None:
        self._client = client
        self._address = address.rstrip("/")
        self._token = token.get_secret_value()

    async def send(self, method: TelegramMethod[Any], files: Sequence[Named] = ()) -> Any:
        """What the method returns; raises one of the four failures."""
        fields = fields_of(method)
        request = Request("POST", _path(method), {} if files else fields)
        body = _form(fields, files) if files else None
        return result_of(await ask(self._client, self._base, request, _NO_HEADERS, body))

    async def look(self, method: TelegramMethod[Any], wait_seconds: float = 0.0) -> Any:
        """The same; Telegram may keep us waiting so long. Raises `Unfetched`, and no `Unconfirmed`."""
        patience = Limits(
            bytes=POLLED_BYTES, seconds=wait_seconds + 60, answer_seconds=wait_seconds + GRACE_SECONDS
        )
        address = self._base + _path(method)
        try:
            answer = await self._client.fetch("POST", address, json=fields_of(method), limits=patience)
        except Blocked as error:
            raise ChannelDown(BLOCKED_WORDS.format(why=error.words)) from None
        try:
            return result_of(answer)
        except Unconfirmed:
            raise Broken(f"Telegram failed ({answer.status}).") from None
        except Retryable as later:
            raise Retryable(later.after, "account") from None

    async def file(self, file_id: str, limits: Limits) -> AsyncGenerator[bytes, None]:
        """The bytes of a file; raises as `look` does."""
        found = await self.look(methods.GetFile(file_id=file_id))
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str):
            raise Rejected("gone", "Telegram does not have this file any more.")
        address = f"{self._address}/file/bot{self._token}/{quote(self._below(path))}"
        async with aclosing(download(self._client, address, limits)) as chunks:
            async for chunk in chunks:
                yield chunk

    @property
    def _base(self) -> str:
        return f"{self._address}/bot{self._token}"

    def _below(self, path: str) -> str:
        """A server of one's own says where the file lies on its disk, below a folder named by the token."""
        return path.rpartition(f"/{self._token}/")[2].lstrip("/")


def _path(method: TelegramMethod[Any]) -> str:
    return f"/{method.__api_method__}"


def _form(fields: Mapping[str, Any], files: Sequence[Named]) -> MultipartWriter:
    """The fields, then the files; what is no text stands there as JSON."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in fields.items()
    }
    (name, first), *others = files
    writer = form(texts, name, first)
    for other, attachment in others:
        for payload, *_ in form({}, other, attachment):
            writer.append_payload(payload)
    return writer
