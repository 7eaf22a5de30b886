"""The accounts file of `make run`: one chat, that of the demonstration website.

While its first line stands it is written anew at each start, for the ports of that start. Without that line
it is the user's, and every channel that it names gets a process.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

OURS = "# Written at each start of `make run`. To make the file your own, remove this line."
SITE_KEY = "demonstration-site"


def write_accounts(file: Path, ports: Mapping[str, int], secret: Path) -> None:
    """An edited one stays as it is."""
    if file.exists() and not file.read_text().startswith(OURS):
        return
    origins = ", ".join(f'"http://{host}:{ports["website"]}"' for host in ("127.0.0.1", "localhost"))
    lines = [
        OURS,
        "[[webchat]]",
        'slug = "demo"',
        'name = "Demonstration"',
        f'site_key = "{SITE_KEY}"',
        f"origins = [{origins}]",
        f'secret_file = "{secret}"',
    ]
    file.write_text("\n".join(lines) + "\n")


def channels(file: Path) -> frozenset[str]:
    """The channels that have an account; of a file with mistakes none: the services themselves name them."""
    try:
        return frozenset(tomllib.loads(file.read_text()))
    except (FileNotFoundError, tomllib.TOMLDecodeError):
        return frozenset()
