"""The documentation's tables are the code's. `python -m tests.architecture.test_readme` writes them anew."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateways.capability_table import table
from gateways.registry import GATEWAYS
from shared.topology import EXCHANGES

ROOT = Path(__file__).parents[2]


def topology_table() -> str:
    rows = [
        "| exchange | routing key | publishers | consumers | delivery |",
        "|---|---|---|---|---|",
        *(
            f"| `{row.name}` | `{row.routing_key}` | {row.publishers} | {row.consumers} | {row.delivery} |"
            for row in EXCHANGES
        ),
    ]
    return "\n".join(rows)


def capability_table() -> str:
    """What `python -m gateways capabilities` prints."""
    return table({name: gateway.capabilities for name, gateway in GATEWAYS.items()})


TABLES: dict[str, Callable[[], str]] = {"topology": topology_table, "capabilities": capability_table}
PLACES = [("README.md", "topology"), ("README.md", "capabilities"), ("docs/capabilities.md", "capabilities")]


def between(text: str, mark: str) -> str:
    """What stands between a mark's two comments."""
    _, _, after = text.partition(f"<!-- {mark} -->\n")
    inside, _, _ = after.partition(f"\n<!-- /{mark} -->")
    return inside


@pytest.mark.parametrize(("page", "mark"), PLACES)
def test_the_table_is_current(page: str, mark: str) -> None:
    assert between((ROOT / page).read_text(encoding="utf-8"), mark) == TABLES[mark]()


if __name__ == "__main__":
    for page, mark in PLACES:
        path = ROOT / page
        start, rest = path.read_text(encoding="utf-8").split(f"<!-- {mark} -->\n")
        end = rest.partition(f"<!-- /{mark} -->")[2]
        path.write_text(f"{start}<!-- {mark} -->\n{TABLES[mark]()}\n<!-- /{mark} -->{end}", encoding="utf-8")
