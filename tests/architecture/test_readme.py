"""The README's tables are those of the code. `python -m tests.architecture.test_readme` prints them anew."""

import subprocess
import sys
from pathlib import Path

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
    command = [sys.executable, "-m", "gateways", "capabilities"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


TABLES = {"topology": topology_table, "capabilities": capability_table}


def between(text: str, mark: str) -> str:
    """What stands between a mark's two comments."""
    _, _, after = text.partition(f"<!-- {mark} -->\n")
    inside, _, _ = after.partition(f"\n<!-- /{mark} -->")
    return inside


def test_the_topology_table_is_current() -> None:
    assert between((ROOT / "README.md").read_text(encoding="utf-8"), "topology") == topology_table()


def test_the_capability_table_is_current() -> None:
    assert between((ROOT / "README.md").read_text(encoding="utf-8"), "capabilities") == capability_table()


if __name__ == "__main__":
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    for mark, table in TABLES.items():
        start, rest = text.split(f"<!-- {mark} -->\n")
        text = f"{start}<!-- {mark} -->\n{table()}\n<!-- /{mark} -->{rest.partition(f'<!-- /{mark} -->')[2]}"
    readme.write_text(text, encoding="utf-8")
