"""One publishing channel, and the bytes that go through it: the hot path of everything that is published.

Below aiormq's `basic_publish`, which costs a lock, a task switch and several futures a message: frames of all
messages pushed in one turn of the event loop leave as one write, and the confirms find their futures where
aiormq keeps them (`confirmations`, `message_id_delivery_tag`). Only a `Line` publishes on its channel, so the
order of `push` is the order on the wire and of the broker's tags.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import lru_cache
from typing import Final, Self, cast

from aiormq.abc import ChannelFrame
from aiormq.channel import Channel, Returning
from aiormq.exceptions import PublishError
from pamqp import commands, frame
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from shared.bus.connection import BROKER_FAILURES, CLOSE_SECONDS, Connection
from shared.bus.outgoing import Outgoing
from shared.failure import Unavailable, Unroutable

_RETRY_SECONDS: Final = 0.002
_REMEMBERED_IDS: Final = 4000
_PERSISTENT: Final = 2
_TRANSIENT: Final = 1


class Line:
    """A channel that only this object publishes on; `confirming` ones answer each message."""

    def __init__(self, connection: Connection, channel: Channel, confirming: bool) -> None:
        self.connection = connection
        self._channel = channel
        self._confirming = confirming
        self._frames: list[bytes] = []
        self._flushing = False
        self._loop = asyncio.get_running_loop()
        self._ended = channel.closing
        self._ended.add_done_callback(self._fail)

    @classmethod
    async def open(cls, connection: Connection, *, confirming: bool) -> Self:
        """A new channel of the connection; raises what aiormq raises when it is lost."""
        channel = await connection.channel(publisher_confirms=confirming, on_return_raises=True)
        return cls(connection, cast(Channel, channel), confirming)

    @property
    def alive(self) -> bool:
        """Whether the channel is open, as far as is known."""
        return not self._channel.is_closed and not self.connection.is_closed

    def in_flight(self, message_id: str) -> asyncio.Future[object] | None:
        """The unanswered future of a message with this id: until it ends the id must not be pushed again,
        because a returned message is recognised by its id."""
        tag = self._channel.message_id_delivery_tag.get(message_id)
        future = None if tag is None else self._channel.confirmations.get(tag)
        return None if future is None or future.done() or isinstance(future, Returning) else future

    def push(self, message: Outgoing) -> asyncio.Future[object]:
        """Sends the message with this turn's write; the future ends with the broker's answer to it:
        a result, `PublishError` when it was returned, another exception when nothing is known."""
        channel = self._channel
        future: asyncio.Future[object] = self._loop.create_future()
        future.add_done_callback(_seen)
        if not self.alive:
            future.set_exception(Unavailable("the publishing channel is closed"))
            return future
        if self._confirming:
            channel.delivery_tag += 1
            channel.confirmations[channel.delivery_tag] = future
            ids = channel.message_id_delivery_tag
            if len(ids) > _REMEMBERED_IDS:
                self._forget_answered(ids)
            ids[message.message_id] = channel.delivery_tag
        self._frames.append(_marshal(message, channel.number, channel.max_content_size))
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)
        return future

    async def close(self) -> None:
        """Ends the channel; what is unanswered fails."""
        with suppress(*BROKER_FAILURES):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._channel.close()

    def _flush(self) -> None:
        try:
            payload = b"".join(self._frames)
            self._channel.write_queue.put_nowait(ChannelFrame(payload=payload, should_close=False))
        except asyncio.QueueFull:
            self._loop.call_later(_RETRY_SECONDS, self._flush)
            return
        self._frames.clear()
        self._flushing = False

    def _forget_answered(self, ids: dict[str, int]) -> None:
        waiting = self._channel.confirmations
        for message_id in [name for name, tag in ids.items() if tag not in waiting]:
            del ids[message_id]

    def _fail(self, ended: asyncio.Future[object]) -> None:
        """The channel is gone: nobody will answer what is still unanswered."""
        _seen(ended)
        for future in list(self._channel.confirmations.values()):
            if not future.done() and not isinstance(future, Returning):
                future.set_exception(Unavailable("the connection to the broker was lost before its confirm"))
        self._channel.confirmations.clear()
        self._frames.clear()


def _seen(future: asyncio.Future[object]) -> None:
    """Asks for the exception, so that a waiter who has gone leaves no warning behind."""
    if not future.cancelled():
        future.exception()


def outcome(future: asyncio.Future[object], message: Outgoing) -> Unroutable | None:
    """What became of a pushed message whose future is done; raises `Unavailable` when nobody knows."""
    if future.cancelled():
        raise Unavailable("no confirm from the broker")
    error = future.exception()
    if error is None:
        return None
    if isinstance(error, PublishError):
        return Unroutable(message.exchange, message.routing_key)
    if isinstance(error, Unavailable):
        raise Unavailable(str(error))
    raise Unavailable(f"the broker did not take it: {type(error).__name__}") from error


@lru_cache(maxsize=2048)
def _method(exchange: str, routing_key: str, mandatory: bool, channel: int) -> bytes:
    publish = commands.Basic.Publish(exchange=exchange, routing_key=routing_key, mandatory=mandatory)
    return frame.marshal(publish, channel)


def _marshal(message: Outgoing, channel: int, most: int) -> bytes:
    body = message.body
    properties = commands.Basic.Properties(
        content_type="application/json",
        delivery_mode=_PERSISTENT if message.persistent else _TRANSIENT,
        message_id=message.message_id or None,
        message_type=message.type or None,
        reply_to=message.reply_to,
        correlation_id=message.correlation_id,
        headers=dict(message.headers) if message.headers else None,
    )
    header = ContentHeader(properties=properties, body_size=len(body))
    parts = [
        _method(message.exchange, message.routing_key, message.persistent, channel),
        frame.marshal(header, channel),
    ]
    parts += [frame.marshal(ContentBody(body[at : at + most]), channel) for at in range(0, len(body), most)]
    return b"".join(parts)
