"""Cutting connections from the broker's side, as an administrator or a restarting proxy would."""

import asyncio
from urllib.parse import unquote, urlsplit

from tests.support.broker import Broker


async def cut_connections(broker: Broker, amqp_url: str) -> int:
    """Closes all connections to the virtual host of the address; how many there were."""
    host = unquote(urlsplit(amqp_url).path[1:])
    ours = (
        f"Ours = [Pid || Pid <- rabbit_networking:connections(), "
        f'rabbit_networking:connection_info(Pid, [vhost]) =:= [{{vhost, <<"{host}">>}}]], '
        f"[exit(Pid, kill) || Pid <- Ours], length(Ours)"
    )
    return int(await asyncio.to_thread(broker.node.evaluate, ours))
