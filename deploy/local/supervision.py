"""The supervisor of `make run`: supervisord, from the library supervisor, told what to keep running.

Services are one group, stopped together and before the broker that they speak through.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.keys import keep
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Run
from deploy.local.refusal import NotPossibleError

RESTARTS = 1_000_000
STOP_SECONDS = 30
USER = "switchboard"


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep running. Lower priorities start first and stop last."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    priority: int = 500
    autostart: bool = True

    def section(self, logs: Path) -> str:
        lines = {
            "command": " ".join(_quoted(word) for word in self.command),
            "environment": ",".join(f"{name}={_quoted(value)}" for name, value in self.environment.items()),
            "directory": _escaped(str(self.folder)),
            "priority": self.priority,
            "autostart": _yes(self.autostart),
            "autorestart": "true",
            "startsecs": 1,
            "startretries": RESTARTS,
            "stopsignal": "TERM",
            "stopwaitsecs": STOP_SECONDS,
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": _escaped(str(logs / f"{self.name}.log")),
            "stdout_logfile_maxbytes": "20MB",
            "stdout_logfile_backups": 3,
        }
        return "\n".join([f"[program:{self.name}]", *(f"{name} = {value}" for name, value in lines.items())])


def _escaped(words: str) -> str:
    return words.replace("%", "%%")


def _quoted(word: str) -> str:
    if '"' in word or "\\" in word or "\n" in word:
        raise ValueError(f"supervisord cannot be told {word!r}")
    return f'"{_escaped(word)}"'


def _yes(flag: bool) -> str:
    return "true" if flag else "false"


@dataclass(slots=True)
class Supervisor:
    """supervisord with its control on a loopback port, behind a password of this start."""

    folder: Path
    logs: Path
    port: int
    programs: Sequence[Program]
    _password: str = field(default_factory=lambda: secrets.token_hex(16), init=False, repr=False)
    _server: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self, run: Run) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        keep(self._settings, self._text())
        command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(self._settings)]
        self._server = run.start(command, inherited_environment(), self.logs / "supervisor.log")

    @property
    def _settings(self) -> Path:
        return self.folder / "supervisord.conf"

    def _text(self) -> str:
        access = f"username = {USER}\npassword = {self._password}"
        services = [program.name for program in self.programs if not program.autostart]
        return "\n\n".join(
            [
                f"[inet_http_server]\nport = {LOOPBACK}:{self.port}\n{access}",
                "[supervisord]\nnodaemon = true\nsilent = true\n"
                f"logfile = {_escaped(str(self.logs / 'supervisord.log'))}\n"
                f"pidfile = {_escaped(str(self.folder / 'supervisord.pid'))}",
                "[rpcinterface:supervisor]\n"
                "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
                f"[supervisorctl]\nserverurl = http://{LOOPBACK}:{self.port}\n{access}",
                *(program.section(self.logs) for program in self.programs),
                f"[group:services]\npriority = 900\nprograms = {','.join(services)}",
            ]
        )

    def start_services(self) -> None:
        """Those that do not start by themselves; the supervisor answers a moment after its own start."""
        address = f"http://{USER}:{self._password}@{LOOPBACK}:{self.port}/RPC2"
        until = time.monotonic() + 60
        while True:
            try:
                with xmlrpc.client.ServerProxy(address) as control:
                    control.supervisor.startProcessGroup("services", False)
            except OSError as error:
                if time.monotonic() > until or not self.alive:
                    raise NotPossibleError(f"the supervisor does not answer: {error}") from None
                time.sleep(0.05)
            else:
                return

    @property
    def alive(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def stop(self, *, seconds: float) -> None:
        """Everything it keeps ends first, the services before the broker."""
        if self._server is not None and self.alive:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait(seconds)


def inherited_environment() -> dict[str, str]:
    """Ours without the settings of services: each gets its own, and refuses those it does not know."""
    ours = {"AMQP_URL", "DATABASE_URL"}
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("SWITCHBOARD_")
    }
