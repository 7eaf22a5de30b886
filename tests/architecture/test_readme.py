"""The README's tables are those of the code: print them anew with `python -m tests.architecture.test_readme`."""

from pathlib import Path

from shared.topology import EXCHANGES

README = Path(__file__).parents[2] / "README.md"


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


def between(text: str, mark: str) -> str:
    return text.split(f"<!-- {mark} -->\n")[1].split(f"\n<!-- /{mark} -->")[0]


def test_the_topology_table_is_current() -> None:
    assert between(README.read_text(encoding="utf-8"), "topology") == topology_table()
