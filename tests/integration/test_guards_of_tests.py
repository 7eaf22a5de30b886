"""The guards of the test run itself, tripped: each makes a run of pytest on a small invented suite fail."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.waiting import eventually_blocking

ROOT = Path(__file__).parents[2]
FIXTURES = """
from tests.conftest import amqp_url, broker, database, database_url, postgres, pytest_configure, servers
"""


def run_of(folder: Path, room: str, test: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest on one file of that room, with our fixtures and plug-ins."""
    place = folder / "tests" / room
    place.mkdir(parents=True)
    (folder / "conftest.py").write_text(FIXTURES)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = feature(*ids): which\n")
    (place / "test_invented.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "--import-mode=importlib", "-p", "no:cacheprovider", "tests"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_test_on_one_database_only_fails_the_run(tmp_path: Path) -> None:
    one = "import pytest\n@pytest.mark.parametrize('database', ['sqlite'], indirect=True)\n"
    done = run_of(tmp_path, "integration", f"{one}def test_one(database): pass\n")
    assert done.returncode == 1, done.stdout
    assert "integration: sqlite 1, postgresql 0" in done.stdout
    assert "FAILED: not the same on both databases: integration" in done.stdout


def test_the_same_on_both_is_well(tmp_path: Path) -> None:
    done = run_of(tmp_path, "acceptance", "def test_both(database): pass\ndef test_neither(): pass\n")
    assert done.returncode == 0, done.stdout
    assert "acceptance: sqlite 1, postgresql 1, without a database 1" in done.stdout


def test_a_server_in_a_pure_room_is_refused(tmp_path: Path) -> None:
    done = run_of(tmp_path, "unit", "def test_impure(amqp_url): pass\n")
    assert done.returncode == 1
    assert "tests/unit is pure" in done.stdout


def test_a_mark_without_an_id_stops_the_run(tmp_path: Path) -> None:
    done = run_of(tmp_path, "unit", "import pytest\n@pytest.mark.feature\ndef test_vague(): pass\n")
    assert done.returncode == 4
    assert "feature(...) takes ids" in done.stderr


def test_a_process_left_running_is_named_and_ended_and_fails_the_run(tmp_path: Path) -> None:
    left = "import subprocess\ndef test_leaving(servers):\n    left = subprocess.Popen(['sleep', '61.25'])\n"
    there = "    while not open(f'/proc/{left.pid}/environ').read(): pass\n"  # it is known by its environment
    pid = "    open('pid', 'w').write(str(left.pid)); left.returncode = 0\n"
    done = run_of(tmp_path, "unit", left + there + pid)
    assert done.returncode == 1, done.stdout
    assert "left running by tests, and ended now" in done.stdout
    assert "sleep 61.25" in done.stdout
    started = int((tmp_path / "pid").read_text())
    eventually_blocking(lambda: not Path(f"/proc/{started}/exe").is_symlink())
