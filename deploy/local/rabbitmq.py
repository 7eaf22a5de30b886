"""A private RabbitMQ node: runs as the caller, keeps everything in one folder, touches no system service.

Its epmd (Erlang's registry of names, one more process) is private too and started by us in the
foreground: a node that starts epmd by itself leaves it running when it stops.
"""

import json
import os
import secrets
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from deploy.local.ports import LOOPBACK, choose, free_ports, is_listening

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""The wrapper of the same name on the PATH changes the user; this one does not."""
NODE = "switchboard@localhost"
USER = "switchboard"


def is_installed(root: Path = Path("/")) -> bool:
    return (root / SERVER.relative_to("/")).exists() and shutil.which("epmd") is not None


class NodeRefusedError(Exception):
    """The node did not do what it was asked."""


@dataclass(frozen=True, slots=True)
class RabbitNode:
    """`folder` is absolute; `root` is the folder of another Debian system to run the server from (chroot)."""

    folder: Path
    amqp_port: int
    dist_port: int
    epmd_port: int
    password: str
    cookie: str
    root: Path | None = None

    @classmethod
    def at(cls, folder: Path, root: Path | None = None) -> Self:
        """The node of this folder; ports and password are kept, a port that was taken since is changed."""
        described = folder / "node.json"
        if described.exists():
            former = json.loads(described.read_text())
            amqp, dist, epmd = (choose(former[name]) for name in ("amqp_port", "dist_port", "epmd_port"))
            node = cls(folder, amqp, dist, epmd, former["password"], former["cookie"], root)
        else:
            amqp, dist, epmd = free_ports(3)
            node = cls(folder, amqp, dist, epmd, secrets.token_hex(16), secrets.token_hex(16), root)
        node._prepare()
        return node

    @classmethod
    def running_at(cls, folder: Path) -> Self:
        """The node of this folder as it was started by somebody else."""
        fields = json.loads((folder / "node.json").read_text())
        root = fields.pop("root")
        return cls(**fields | {"folder": folder, "root": Path(root) if root else None})

    def _prepare(self) -> None:
        for folder in (self.folder, self.folder / "data", self.folder / "log"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = (
            f"listeners.tcp.local = {LOOPBACK}:{self.amqp_port}",
            f"default_user = {USER}",
            f"default_pass = {self.password}",
            "default_user_tags.administrator = true",
            "log.file.level = warning",
            "disk_free_limit.absolute = 200MB",
        )
        self._write("rabbitmq.conf", "\n".join(settings) + "\n")
        self._write("enabled_plugins", "[].\n")
        self._write(".erlang.cookie", self.cookie, mode=0o400)
        self._write("node.json", json.dumps(asdict(self), default=str))

    def _write(self, name: str, text: str, mode: int = 0o600) -> None:
        (self.folder / name).unlink(missing_ok=True)
        with os.fdopen(os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(text)

    @property
    def inside(self) -> Path:
        """The folder as the server sees it."""
        return self.folder if self.root is None else Path("/") / self.folder.relative_to(self.root)

    def url(self, virtual_host: str = "%2F") -> str:
        return f"amqp://{USER}:{self.password}@{LOOPBACK}:{self.amqp_port}/{virtual_host}"

    def epmd_command(self) -> list[str]:
        return ["epmd", "-address", LOOPBACK, "-port", str(self.epmd_port)]

    def command(self) -> list[str]:
        chroot = [] if self.root is None else ["chroot", str(self.root)]
        return [*chroot, str(SERVER)]

    def environment(self) -> dict[str, str]:
        folder = str(self.inside)
        only_loopback = f"-kernel inet_dist_use_interface {{{LOOPBACK.replace('.', ',')}}}"
        no_busy_waiting = "+sbwt none +sbwtdcpu none +sbwtdio none"  # the cores are shared with the services
        return {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "NOTIFY_SOCKET": f"{folder}/none",  # so the script becomes the server: no shell in between
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_DIST_PORT": str(self.dist_port),
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/none",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{no_busy_waiting} {only_loopback}",
        }

    def listening(self) -> bool:
        return is_listening(self.amqp_port)

    def evaluate(self, expression: str) -> str:
        """The node's answer to an Erlang expression, in milliseconds (rabbitmqctl takes two seconds).

        Each call has a name of its own: a node refuses a second caller who bears the name of the first.
        """
        caller = f"caller{secrets.token_hex(8)}"
        call = subprocess.run(
            ["erl_call", "-address", f"{LOOPBACK}:{self.dist_port}", "-h", caller, "-c", self.cookie, "-e"],
            input=f"{expression}.\n",
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        if call.returncode != 0 or not call.stdout.startswith("{ok,"):
            raise NodeRefusedError(f"{expression}: {call.stdout}{call.stderr}")
        return call.stdout.removeprefix("{ok,").removesuffix("}").strip()

    def add_virtual_host(self, name: str) -> str:
        """Its address. The default user may do everything in it."""
        every = '<<".*">>'
        self.evaluate(
            f'rabbit_vhost:add(<<"{name}">>, <<"{USER}">>), rabbit_auth_backend_internal:set_permissions('
            f'<<"{USER}">>, <<"{name}">>, {every}, {every}, {every}, <<"{USER}">>)'
        )
        return self.url(name)

    def delete_virtual_host(self, name: str) -> None:
        self.evaluate(f'rabbit_vhost:delete(<<"{name}">>, <<"{USER}">>)')
