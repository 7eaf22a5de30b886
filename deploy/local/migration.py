"""Every service's database to its newest shape, by the service's own command, all at once.

SQLite files that were migrated by the same scripts before are not asked again: it saves seconds at a restart.
"""

import hashlib
import subprocess
from pathlib import Path

from deploy.local.place import Place
from deploy.local.refusal import NotPossibleError
from deploy.local.supervision import inherited_environment


def migrate(place: Place) -> None:
    stamp = place.data / "migrated-by"
    scripts = _content_hash(place.root)
    if place.own_databases and stamp.exists() and stamp.read_text() == scripts:
        return
    running = []
    for service in (each for each in place.services() if each.migration):
        log = place.logs / f"migrate-{service.name}.log"
        with log.open("wb") as output:
            child = subprocess.Popen(
                service.command_line(*service.migration),
                env=inherited_environment() | service.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=place.root,
            )
        running.append((service, child, log))
    failed = [(service, log) for service, child, log in running if child.wait() != 0]
    for service, log in failed:
        words = log.read_text()[-2000:]
        raise NotPossibleError(f"the database of {service.name} could not be migrated:\n{words}")
    if place.own_databases:
        stamp.write_text(scripts)


def _content_hash(root: Path) -> str:
    digest = hashlib.sha256()
    for package in ("gateways", "router", "store"):
        for script in sorted((root / package).rglob("migrations/versions/*.py")):
            digest.update(script.relative_to(root).as_posix().encode())
            digest.update(hashlib.sha256(script.read_bytes()).digest())
    return digest.hexdigest()
