"""Which tests one worker of pytest-xdist runs together (`--dist loadscope`), and which begin first.

A folder of acceptance that shares a running stack is one group on each database, any other test of that room
is handed out by itself; elsewhere each file is a group on each database, so that what its tests share is
started once. Rooms with long tests begin, and in them what has many, so that in the end nobody waits for one.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types

ROOMS: Final = ("acceptance", "integration")
"""In the order of their beginning; the others follow."""
_ON_DATABASE: Final = re.compile(r"\[(?:.*-)?(sqlite|postgresql)(?:-.*)?\]$")


def group_of(nodeid: str) -> str:
    """Such as `tests/acceptance/pages sqlite`."""
    file, _, test = nodeid.partition("::")
    folder = file.rpartition("/")[0]
    found = _ON_DATABASE.search(test)
    database = f" {found[1]}" if found else ""
    if room_of(nodeid) != "acceptance":
        return file + database
    return nodeid if folder.count("/") == 1 else folder + database


def room_of(nodeid: str) -> str:
    return (*nodeid.split("/"), "")[1]


class Together:
    """A plug-in."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        sizes = Counter(group_of(item.nodeid) for item in items)
        first: dict[str, int] = {}
        for number, item in enumerate(items):
            first.setdefault(group_of(item.nodeid), number)

        def place(item: pytest.Item) -> tuple[int, int, int]:
            group, room = group_of(item.nodeid), room_of(item.nodeid)
            return ROOMS.index(room) if room in ROOMS else len(ROOMS), -sizes[group], first[group]

        items.sort(key=place)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> _Groups | None:
        return _Groups(config, log) if config.getoption("dist") == "loadscope" else None


class _Groups(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Hands out groups in the order in which they were collected. (xdist's own `loadgroup` does not know the
    ids of pytest 9.2: pytest-xdist issue 1386.)"""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
