"""A faultpoint ends the process at the nth arrival at its name, a planted bug strikes what it is planted on;
without their variables they are nothing.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "from shared.faultpoint import reach\nfor n in range(3):\n    reach('a'); print(n, flush=True)\n"


@pytest.mark.parametrize(
    ("fault", "status", "lines"), [("", 0, "0 1 2"), ("a", 137, ""), ("a:3", 137, "0 1"), ("b", 0, "0 1 2")]
)
def test_ends_at_the_nth_arrival(fault: str, status: int, lines: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "SWITCHBOARD_FAULT_AT": fault},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (status, lines.split())
    assert ("reached" in done.stderr) == (status == 137)


PLANTED = """
from types import SimpleNamespace
from shared.faultpoint import PlantedError, stumble
for mark in ("x", None, "a", "b"):
    try:
        stumble(SimpleNamespace(external_id=mark)); stumble(object()); print("well", flush=True)
    except PlantedError:
        print("raised", flush=True)
"""


@pytest.mark.parametrize(
    ("bugs", "status", "lines"),
    [
        ("", 0, "well well well well"),
        ("raise:a", 0, "well well raised well"),
        ("raise:a,kill:b", 137, "well well raised"),
    ],
)
def test_a_planted_bug_strikes_its_mark_alone(bugs: str, status: int, lines: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PLANTED],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "SWITCHBOARD_FAULT_ON": bugs},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (status, lines.split())
