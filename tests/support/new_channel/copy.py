"""A copy of the project in which a new channel may be laid out and thrown away."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from shared.db.file_lock import FileLock
from tests.support.new_channel.layout import ROOT
from tests.support.waiting import eventually_blocking

PUSHED, POLLED = "acme_talk", "acme_poll"
"""The channels of `with_channels`: one whose provider calls us, one whose provider is asked."""

_PARTS = ("shared", "gateways", "router", "store", "deploy", "tests", "docs")
_FILES = ("README.md", "CHANGELOG.md", "Makefile", "pyproject.toml")
_LEFT_OUT = shutil.ignore_patterns("node_modules", "*.pyc.*", "dist", ".*_cache", "*.db")


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


def with_channels(temporary: pytest.TempPathFactory) -> Path:
    """A copy with a new channel of each kind, made by whichever worker of pytest asks first."""
    base = temporary.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    project, made, turn = shared / "project", shared / "project.made", FileLock(shared / "project.lock")
    eventually_blocking(turn.take, seconds=150, every_seconds=0.1)
    try:
        if not made.exists():
            copy_project(project)
            for arguments in ((PUSHED,), (POLLED, "polling")):
                laid_out = call(project, "tests.support.new_channel", *arguments)
                assert laid_out.returncode == 0, laid_out.stderr
            made.touch()
    finally:
        turn.drop()
    return project


def call(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a module of Python there."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
