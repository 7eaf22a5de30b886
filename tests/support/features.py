"""Prints which test shows which promise: `pytest --collect-only --features` (`make features`)."""

from collections import defaultdict

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--features", action="store_true", help="print the tests of each feature id and stop")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A mark without an id, or with something that is not text, stops the run."""
    for item in items:
        for mark in item.iter_markers("feature"):
            if not mark.args or not all(isinstance(name, str) for name in mark.args):
                raise pytest.UsageError(f"{item.nodeid}: feature(...) takes ids, as in feature('LC3')")


def tests_by_feature(items: list[pytest.Item]) -> dict[str, list[str]]:
    """A test that runs on several databases or cases is named once."""
    found: dict[str, set[str]] = defaultdict(set)
    for item in items:
        for mark in item.iter_markers("feature"):
            for name in mark.args:
                found[name].add(item.nodeid.partition("[")[0])
    return {name: sorted(found[name]) for name in sorted(found, key=_in_order)}


def _in_order(name: str) -> tuple[str, int, str]:
    letters = name.rstrip("0123456789")
    return letters, int(name[len(letters) :] or 0), name


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.getoption("--features"):
        for name, tests in tests_by_feature(session.items).items():
            print(name)
            for test in tests:
                print(f"    {test}")
        pytest.exit("the features above are shown", returncode=0)
