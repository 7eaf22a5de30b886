"""A channel that hands each delivery to a plain function: the hot path of everything that is consumed.

aiormq starts a task per delivery, because its callbacks may wait. Ours only put it into a buffer, so they are
called by the channel's reader itself, in the broker's order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Self, TypeAlias, cast

from aiormq.channel import Channel
from pamqp import commands
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from shared.bus.connection import Connection

FRAMES: Final = 3000
"""Frames that may wait for the reader; what the prefetch allows is the true bound."""

Received: TypeAlias = Callable[[commands.Basic.Deliver, commands.Basic.Properties, bytes], None]


class DeliveryChannel(Channel):
    """Opened by `open_on`; `received` must neither wait nor raise."""

    received: Received

    @classmethod
    async def open_on(cls, connection: Connection, received: Received) -> Self:
        """A channel of the connection under the next free number, as `Connection.channel` opens its own."""
        number = next(n for n in range(1, 65536) if n not in connection.channels)
        channel = cls(connection, number, publisher_confirms=False, frame_buffer=FRAMES)
        channel.received = received
        connection.channels[number] = channel
        await channel.open()
        return channel

    async def start(self, queue: str, prefetch: int = 0, *, no_ack: bool = False) -> None:
        """Consumes a queue with up to `prefetch` unacknowledged deliveries."""
        if prefetch:
            await self.basic_qos(prefetch_count=prefetch)
        await self.basic_consume(queue, _never_called, no_ack=no_ack)

    async def _on_deliver_frame(self, frame: commands.Basic.Deliver) -> None:
        header = cast(ContentHeader, await self._get_frame())
        chunks: list[bytes] = []
        missing = header.body_size
        while missing > 0:
            chunk = cast(ContentBody, await self._get_frame()).value
            chunks.append(chunk)
            missing -= len(chunk)
        if frame.consumer_tag in self.consumers:
            self.received(frame, header.properties, chunks[0] if len(chunks) == 1 else b"".join(chunks))


async def _never_called(_message: object) -> None:
    raise AssertionError("deliveries go to `received`")
