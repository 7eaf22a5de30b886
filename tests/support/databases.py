"""Empty databases of either kind, and the promise that whole rooms of tests run on both.

Integration and acceptance tests are counted by database; the summary prints the counts and the run fails
if they differ.
"""

import itertools
import shutil
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.db.migrate import upgrade
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


@contextmanager
def empty_databases(
    kind: str, folder: Path, server: Callable[[], Postgres]
) -> Iterator[Callable[[str], str]]:
    """Addresses of fresh, empty databases of that kind; `server` is asked for PostgreSQL alone."""
    made = sqlite_databases(folder) if kind == "sqlite" else postgresql_databases(server())
    with made as fresh:
        yield fresh


class Models:
    """Databases at the newest revision: one of each kind and package is migrated, the rest are its copies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._postgresql: dict[str, str] = {}
        self._numbers = itertools.count(1)

    @contextmanager
    def migrated_databases(
        self, kind: str, folder: Path, server: Callable[[], Postgres]
    ) -> Iterator[Callable[[str], str]]:
        """Addresses of fresh databases of a package; `server` is asked for PostgreSQL alone."""
        made: list[str] = []

        def make(package: str) -> str:
            number = next(self._numbers)
            if kind == "sqlite":
                return self._copied(package, folder / f"{package}-migrated-{number}.db")
            made.append(f"{package.rpartition('.')[2]}_migrated_{number}")
            statement = f'CREATE DATABASE "{made[-1]}" TEMPLATE "{self._model(package, server())}"'
            server().execute(f"{statement} STRATEGY wal_log")
            return server().url(made[-1])

        try:
            yield make
        finally:
            for name in made:
                server().drop_database(name)

    def _copied(self, package: str, path: Path) -> str:
        model = self._folder / f"{package}.db"
        if not model.exists():
            upgrade(f"sqlite:///{model}", package)
        shutil.copyfile(model, path)
        return f"sqlite:///{path}"

    def _model(self, package: str, server: Postgres) -> str:
        if package not in self._postgresql:
            name = server.fresh_database(f"model_{package}")
            upgrade(server.url(name), package)
            self._postgresql[package] = name
        return self._postgresql[package]


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
