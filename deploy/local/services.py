"""What `make run` keeps running, as one table: each service's command and exactly the settings it knows.

`owner` is the name of the database the service works on; one service of each has the words that migrate it.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.accounts import SITE_KEY, channels
from deploy.local.ports import LOOPBACK

OWNERS = ("router", "store", "webchat", "desk")
OF_CHANNELS = {
    "email": 0,
    "telegram_bot": 8084,
    "vk": 8085,
    "whatsapp_cloud": 8086,
    "max": 8087,
    "http": 8088,
}
"""Owners that are there where the accounts file names their channel, and where providers may call them."""
PORTS = {
    "workplace": 8080,
    "website": 8081,
    "webchat": 8082,
    "queries": 0,
    "supervisor": 0,
    "router-ops": 0,
    "store-write-ops": 0,
    "store-serve-ops": 0,
    "gateway-webchat-ops": 0,
    "gateway-desk-ops": 0,
    **{f"gateway-{channel}-ops": 0 for channel in OF_CHANNELS},
    **OF_CHANNELS,
}
"""The wished ones; 0 is any."""
COMMON = ("LOG_LEVEL", "DRAIN_SECONDS", "HEARTBEAT_SECONDS", "LEASE_SECONDS")
"""Settings that every service knows: passed on from the caller's environment."""
PREFIX = "SWITCHBOARD_"


@dataclass(frozen=True, slots=True)
class Service:
    """`python -m <module> <words>`, kept running; other words to the same module are its command line."""

    name: str
    module: str
    words: tuple[str, ...]
    settings: Mapping[str, str]
    ready_url: str
    migration: tuple[str, ...] = ()

    def command(self) -> list[str]:
        return [sys.executable, "-m", self.module, *self.words]

    def command_line(self, *words: str) -> list[str]:
        return [sys.executable, "-m", self.module, *words]

    def environment(self) -> dict[str, str]:
        return {f"{PREFIX}{name.upper()}": value for name, value in self.settings.items()}


def services(
    ports: Mapping[str, int], secret: Callable[[str], Path], accounts: Path, blobs: Path
) -> list[Service]:
    """All of them; `secret` names the file of a secret, `blobs` the folder of files of messages."""
    passed_on = {name: os.environ[PREFIX + name] for name in COMMON if PREFIX + name in os.environ}

    def row(name: str, owner: str, command: str, *migration: str, **settings: str | Path | int) -> Service:
        ops = ports[f"{name}-ops"]
        every = {
            "amqp_url_file": secret("amqp_url"),
            "database_url_file": secret(f"database_{owner}"),
            "ops_port": ops,
        }
        module, *words = command.split()
        known = passed_on | {key: str(value) for key, value in (every | settings).items()}
        return Service(name, module, tuple(words), known, f"http://{LOOPBACK}:{ops}/readyz", migration)

    token = secret("service_token")
    files = os.environ.get(f"{PREFIX}BLOBS_URL", f"file://{blobs}")
    return [
        row("router", "router", "router", "migrate"),
        row("store-write", "store", "store write", "migrate", blobs_url=files),
        row("store-serve", "store", "store serve", http_port=ports["queries"], service_token_file=token),
        row(
            "gateway-webchat",
            "webchat",
            "gateways webchat",
            "migrate",
            "webchat",
            http_port=ports["webchat"],
            accounts_file=accounts,
            blobs_url=files,
        ),
        row(
            "gateway-desk",
            "desk",
            "gateways.desk",
            "migrate",
            http_port=ports["workplace"],
            store_url=f"http://{LOOPBACK}:{ports['queries']}",
            blobs_url=files,
            service_token_file=token,
        ),
        *(
            row(
                f"gateway-{channel}",
                channel,
                f"gateways {channel}",
                "migrate",
                channel,
                http_port=ports[channel],
                accounts_file=accounts,
                blobs_url=files,
            )
            for channel in OF_CHANNELS
            if channel in channels(accounts)
        ),
        _website(ports),
    ]


def owners(accounts: Path) -> tuple[str, ...]:
    """Whose databases there are."""
    return (*OWNERS, *(channel for channel in OF_CHANNELS if channel in channels(accounts)))


def _website(ports: Mapping[str, int]) -> Service:
    """It has no settings and no port for operations: its first page says that it is there."""
    widget = f"http://{LOOPBACK}:{ports['webchat']}/widget.js"
    words = ("--port", str(ports["website"]), "--widget-url", widget, "--site-key", SITE_KEY)
    return Service("demo-website", "deploy.demo", words, {}, f"http://{LOOPBACK}:{ports['website']}/")
