"""A private PostgreSQL server of the tests: real, without fsync (processes are killed here, not machines).

PostgreSQL refuses to run as root; root becomes somebody else in a user namespace of its own, or, where
such namespaces are forbidden, the user `postgres` of the system.
"""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.local.ports import LOOPBACK
from deploy.local.processes import Run
from tests.support.quiet_ports import quiet_ports
from tests.support.waiting import eventually_blocking

SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
    "max_connections": "300",
    "unix_socket_directories": "",
    "listen_addresses": LOOPBACK,
    "timezone": "UTC",
}
NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]


def programs() -> Path:
    """The folder of the newest PostgreSQL that is installed (Debian keeps it off the PATH)."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3])
    )
    if versions:
        return versions[-1].parent
    if found := shutil.which("initdb"):
        return Path(found).parent
    raise FileNotFoundError("PostgreSQL is not installed: apt-get install -y postgresql")


class Postgres:
    """One server in one folder; databases are made from it as tests ask."""

    def __init__(self, run: Run, folder: Path) -> None:
        self.run, self.folder = run, folder
        self.log = folder.with_suffix(".log")
        self.port = quiet_ports(1)[0]
        self._prefix: list[str] = []
        self._server: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)

    def create(self) -> None:
        """Makes the server's files (initdb), once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            self._prefix = self._somebody_else()
        words = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._do([str(programs() / "initdb"), "-D", str(self._data), *words], prefix=self._prefix)

    def _somebody_else(self) -> list[str]:
        if subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0:
            return NAMESPACE
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))  # one it can enter
        shutil.chown(self.folder, "postgres", "postgres")
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]

    def _do(self, command: Sequence[str], prefix: Sequence[str] = ()) -> None:
        done = subprocess.run([*prefix, *command], capture_output=True, text=True, check=False, cwd="/")
        if done.returncode != 0:
            raise RuntimeError(f"{command[0]} refused: {done.stdout}{done.stderr}")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def pid(self) -> int:
        if self._server is None:
            raise RuntimeError("the server has not been started")
        return self._server.pid

    def start(self) -> None:
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
        command = [str(programs() / "postgres"), "-D", str(self._data), "-p", str(self.port), *settings]
        self._server = self.run.start([*self._prefix, *command], dict(os.environ), self.log)
        ready = [str(programs() / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port)]
        eventually_blocking(
            lambda: subprocess.run(ready, check=False).returncode == 0, seconds=30, every_seconds=0.05
        )

    def signal(self, number: signal.Signals) -> None:
        if self._server is None:
            raise RuntimeError("the server has not been started")
        self._server.send_signal(number)

    def kill(self) -> None:
        """SIGKILL; its workers see it and end. start() then recovers from the log of writes."""
        self.signal(signal.SIGKILL)
        if self._server is not None:
            self._server.wait(10)

    def stop(self) -> None:
        """Ends it and cuts every connection ("fast" shutdown)."""
        self.signal(signal.SIGINT)
        if self._server is not None:
            self._server.wait(30)

    def url(self, database: str) -> str:
        return f"postgresql://postgres@{LOOPBACK}:{self.port}/{database}"

    def fresh_database(self, name: str) -> str:
        """The name of a new empty database."""
        fresh = f"{name}_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{fresh}" TEMPLATE template0 STRATEGY wal_log')
        return fresh

    def drop_database(self, name: str) -> None:
        """Connections that are still open are cut."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """A statement of the administrator."""
        client = [str(programs() / "psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-d", self.url("postgres")]
        self._do([*client, "-c", statement])
