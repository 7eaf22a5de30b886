"""A copy of the project in which a new channel may be laid out and thrown away."""

import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.support.new_channel.layout import ROOT

_PARTS = ("shared", "gateways", "router", "store", "deploy", "tests", "docs")
_FILES = ("README.md", "CHANGELOG.md", "Makefile", "pyproject.toml")
_LEFT_OUT = shutil.ignore_patterns("node_modules", "dist", ".*_cache", "*.db")


def copy_project(to: Path) -> Path:
    """The sources, with what Python and the type checker know of them, so that both are quick there too."""
    for part in _PARTS:
        shutil.copytree(ROOT / part, to / part, ignore=_LEFT_OUT)
    for file in _FILES:
        shutil.copy2(ROOT / file, to / file)
    known = ROOT / ".mypy_cache"
    if known.exists():
        with suppress(shutil.Error):  # somebody checks types right now: what is missing is worked out anew
            shutil.copytree(known, to / known.name)
    return to


def call(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a module of Python there."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
