"""Empty databases of either kind, and the promise that whole rooms of tests run on both.

Integration and acceptance tests are counted by database; the summary prints the counts and the run fails
if they differ.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.postgres import Postgres

DATABASES = ("sqlite", "postgresql")
ROOMS = ("integration", "acceptance")
_COUNTED = "counted by database"


@contextmanager
def sqlite_databases(folder: Path) -> Iterator[Callable[[str], str]]:
    """Addresses of files that do not exist yet, one more with each call."""
    numbers = itertools.count(1)
    yield lambda name: f"sqlite:///{folder / f'{name}-{next(numbers)}.db'}"


@contextmanager
def postgresql_databases(server: Postgres) -> Iterator[Callable[[str], str]]:
    """Addresses of databases made at each call and dropped at the end."""
    made: list[str] = []

    def make(name: str) -> str:
        made.append(server.fresh_database(name))
        return server.url(made[-1])

    try:
        yield make
    finally:
        for name in made:
            server.drop_database(name)


class DatabaseCounts:
    """A plug-in: tests of each room by the database they ran on, wherever they ran (`-n`: in workers)."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.ran: dict[str, Counter[str]] = {room: Counter() for room in ROOMS}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        room = item.nodeid.split("/")[1:2]
        if room and room[0] in ROOMS and report.when == "call":
            parameters = item.callspec.params if isinstance(item, pytest.Function) and _varied(item) else {}
            report.user_properties.append((_COUNTED, [room[0], str(parameters.get("database", ""))]))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or report.skipped:
            return
        for name, value in report.user_properties:
            if name == _COUNTED and isinstance(value, list):
                self.ran[value[0]][value[1]] += 1

    def differing(self) -> list[str]:
        return [room for room, ran in self.ran.items() if len({ran[name] for name in DATABASES}) > 1]

    def whole(self) -> bool:
        """Whether nothing was picked out, and all of it is reported here: a worker sees its share only."""
        if hasattr(self.config, "workerinput"):
            return False
        root, options = self.config.rootpath, self.config.option
        picked = any(getattr(options, name, None) for name in ("keyword", "markexpr", "deselect", "lf"))
        return not picked and all(Path(root, word).is_dir() for word in self.config.args)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.whole() and self.differing() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for room, ran in self.ran.items():
            if ran:
                counts = ", ".join(f"{name} {ran[name]}" for name in DATABASES)
                terminalreporter.write_line(f"{room}: {counts}, without a database {ran['']}")
        if self.whole() and (rooms := self.differing()):
            terminalreporter.write_line(
                f"FAILED: not the same on both databases: {', '.join(rooms)}", red=True
            )


def _varied(item: pytest.Function) -> bool:
    return hasattr(item, "callspec")
