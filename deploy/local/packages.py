"""Programs of the system that we run on: found, or installed with apt by root, or named to the user.

Debian starts a service as soon as its package is installed; we run our own private ones, so nothing is
started (policy-rc.d). `python -m deploy.local.packages test` is for `make test`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import rabbitmq
from deploy.local.refusal import NotPossibleError


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    package: str
    installed: Callable[[], bool]


def _postgresql_installed() -> bool:
    return any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb") is not None


RABBITMQ = Program("RabbitMQ", "rabbitmq-server", rabbitmq.is_installed)
POSTGRESQL = Program("PostgreSQL", "postgresql", _postgresql_installed)
CHROMIUM = Program(
    "Chromium", "chromium-headless-shell", lambda: shutil.which("chromium-headless-shell") is not None
)
FFMPEG = Program("ffmpeg", "ffmpeg", lambda: shutil.which("ffmpeg") is not None)
DOVECOT = Program("Dovecot", "dovecot-imapd", lambda: Path("/usr/lib/dovecot/imap").exists())
PURPOSES: dict[str, Sequence[Program]] = {
    "run": (RABBITMQ,),
    "test": (RABBITMQ, POSTGRESQL, CHROMIUM, FFMPEG, DOVECOT),
}


def provide(programs: Sequence[Program]) -> None:
    """Returns when all are there."""
    missing = [program for program in programs if not program.installed()]
    if not missing:
        return
    names = ", ".join(program.name for program in missing)
    packages = [program.package for program in missing]
    by_hand = f"apt-get install -y {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise NotPossibleError(
            f"{names}: not installed. On Debian: {by_hand}; elsewhere by your package manager."
        )
    if os.geteuid() != 0:
        raise NotPossibleError(f"{names}: not installed. Run as root: {by_hand}")
    print(f"Installing {names} with apt (nothing of it is started)", flush=True)
    with _nothing_is_started() as environment:
        _apt(["update"], environment)
        _apt(["install", "--yes", "--no-install-recommends", *packages], environment)
    if still := [program.name for program in missing if not program.installed()]:
        raise NotPossibleError(f"{', '.join(still)}: still not found after `{by_hand}`.")


def _apt(words: Sequence[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["apt-get", "-q", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise NotPossibleError(
            f"apt-get {' '.join(words)} failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}"
        )


@contextmanager
def _nothing_is_started() -> Iterator[dict[str, str]]:
    """The environment for apt. A policy of the machine's owner is left as it is."""
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield os.environ | {"DEBIAN_FRONTEND": "noninteractive", "TMPDIR": folder}
    finally:
        if ours:
            policy.unlink()


if __name__ == "__main__":
    try:
        provide(PURPOSES[sys.argv[1]])
    except NotPossibleError as missing:
        sys.exit(str(missing))
