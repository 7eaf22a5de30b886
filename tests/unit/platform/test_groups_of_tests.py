"""Which tests one worker runs together, and which begin first (tests/support/together.py)."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.support.together import Together, group_of

PAGES = "tests/acceptance/pages"


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        (f"{PAGES}/test_talk.py::test_one[sqlite]", f"{PAGES} sqlite"),
        (f"{PAGES}/test_kinds.py::test_one[postgresql-looks0]", f"{PAGES} postgresql"),
        (f"{PAGES}/test_kinds.py::test_one[en-sqlite]", f"{PAGES} sqlite"),
        (
            "tests/acceptance/test_long.py::test_one[sqlite]",
            "tests/acceptance/test_long.py::test_one[sqlite]",
        ),
        ("tests/integration/kit/test_http.py::test_one[sqlite]", "tests/integration/kit/test_http.py sqlite"),
        ("tests/unit/bus/test_one.py::test_one[not-sqlite3]", "tests/unit/bus/test_one.py"),
    ],
)
def test_groups(nodeid: str, group: str) -> None:
    assert group_of(nodeid) == group


def test_long_rooms_and_large_groups_begin() -> None:
    names = [
        "tests/unit/bus/test_a.py::test_1",
        "tests/integration/bus/test_a.py::test_1[sqlite]",
        "tests/acceptance/test_a.py::test_1[sqlite]",
        "tests/acceptance/pages/test_a.py::test_1[sqlite]",
        "tests/integration/bus/test_b.py::test_1[sqlite]",
        "tests/integration/bus/test_b.py::test_2[sqlite]",
        "tests/acceptance/pages/test_b.py::test_1[sqlite]",
    ]
    items = [SimpleNamespace(nodeid=name) for name in names]
    Together().pytest_collection_modifyitems(cast(Any, items))
    assert [item.nodeid for item in items] == [names[at] for at in (3, 6, 2, 4, 5, 1, 0)]
