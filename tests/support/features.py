"""Which test shows which promise to the user (`make features`): read from the marks `feature("LC3")`."""

import sys
from collections import defaultdict
from collections.abc import Sequence

import pytest


class FeatureMarks:
    """A plug-in: keeps what was collected; a mark without an id, or with something else, stops the run."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("feature"):
                if not mark.args or not all(isinstance(name, str) for name in mark.args):
                    raise pytest.UsageError(f"{item.nodeid}: feature(...) takes ids, as in feature('LC3')")
        self.items = list(items)


def tests_by_feature(items: Sequence[pytest.Item]) -> dict[str, list[str]]:
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


def main() -> int:
    marks = FeatureMarks()
    code = pytest.main(["--collect-only", "-p", "no:terminal", "tests"], plugins=[marks])
    if code != pytest.ExitCode.OK:
        print(
            "The tests cannot be collected: python -m pytest --collect-only tests says why", file=sys.stderr
        )
        return 1
    for name, tests in tests_by_feature(marks.items).items():
        print(name, *(f"    {test}" for test in tests), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
