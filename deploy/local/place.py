"""Where `make run` keeps things: `.local/`, ignored by git, or the folder that LOCAL_FOLDER names.

Deleting it starts anew, with empty databases.
"""

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from deploy.local import keys
from deploy.local.accounts import write_accounts
from deploy.local.databases import addresses
from deploy.local.ports import free_ports, is_free
from deploy.local.rabbitmq import RabbitNode
from deploy.local.services import PORTS, Service, owners, services
from deploy.local.supervision import Program

SECRETS = ("service_token", "webchat_secret")


class Place:
    """Paths, ports, secrets, addresses. `prepare` makes what is missing; everything else only reads."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self.folder = Path(environment.get("LOCAL_FOLDER", root / ".local")).absolute()
        self.logs, self.data = self.folder / "logs", self.folder / "data"
        self.accounts = self.folder / "accounts.toml"
        self._broker_url = environment.get("AMQP_URL")
        self._database_url = environment.get("DATABASE_URL")

    @property
    def own_broker(self) -> bool:
        return not self._broker_url

    @property
    def own_databases(self) -> bool:
        """Whether they are SQLite files here."""
        files = {path.stem for path in self.data.glob("*.db")}
        return not self._database_url and files >= set(owners(self.accounts))

    def prepare(self) -> None:
        """Ports that are free now, secrets, accounts, databases. The broker's package is there already."""
        for folder in (self.folder, self.logs, self.data):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        former = json.loads(self._ports.read_text()) if self._ports.exists() else {}
        self._ports.write_text(json.dumps(_choose(PORTS | former), indent=1))
        for name in SECRETS:
            keys.generated(self.secret(name))
        broker_url = self._broker_url or RabbitNode.at(self.folder / "broker").url()
        keys.keep(self.secret("amqp_url"), broker_url)
        write_accounts(self.accounts, self.ports, self.secret("webchat_secret"))
        for name, url in addresses(owners(self.accounts), self.data, self._database_url).items():
            keys.keep(self.secret(f"database_{name}"), url)

    @property
    def _ports(self) -> Path:
        return self.folder / "ports.json"

    @cached_property
    def ports(self) -> dict[str, int]:
        return {name: int(port) for name, port in json.loads(self._ports.read_text()).items()}

    def secret(self, name: str) -> Path:
        """The file that holds it."""
        return self.folder / "secrets" / name

    def services(self) -> list[Service]:
        return services(self.ports, self.secret, self.accounts, self.data / "blobs")

    def programs(self) -> list[Program]:
        """What the supervisor keeps running."""
        kept = [
            Program(each.name, each.command(), each.environment(), self.root, autostart=False)
            for each in self.services()
        ]
        if not self.own_broker:
            return kept
        node = RabbitNode.running_at(self.folder / "broker")
        logs = self.folder / "broker"
        return [
            Program("epmd", node.epmd_command(), node.environment(), logs, priority=10),
            Program("rabbitmq", node.command(), node.environment(), logs, priority=20),
            *kept,
        ]


def _choose(wished: Mapping[str, int]) -> dict[str, int]:
    """Each port as wished where it is free, else any that is."""
    spare = iter(free_ports(len(wished)))
    return {name: port if port and is_free(port) else next(spare) for name, port in wished.items()}
