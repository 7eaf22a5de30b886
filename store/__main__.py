"""`python -m store write | serve | migrate | parked …`; see README.md."""

from __future__ import annotations

import sys
from typing import Final

from shared import log
from shared.config import load
from shared.db.migrate import SchemaMismatch, upgrade
from shared.failure import Unavailable
from shared.service import run
from store import command_line
from store.process import serve, write
from store.settings import ServerSettings, StoreSettings, WriterSettings

USAGE: Final = "usage: python -m store write | serve | migrate | parked list|show|replay|discard"


def main(arguments: list[str]) -> int:
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if verb == "write":
        run("store-writer", load(WriterSettings, rest), write)
    if verb == "serve":
        run("store", load(ServerSettings, rest), serve)
    if verb not in ("migrate", "parked"):
        print(USAGE, file=sys.stderr)
        return 2
    settings: StoreSettings = load(WriterSettings, rest)
    log.configure(
        "store", settings.instance, level="error", secrets=settings.secrets(), stream=sys.stderr.buffer
    )
    return _migrate(settings) if verb == "migrate" else command_line.main(rest, settings)


def _migrate(settings: StoreSettings) -> int:
    try:
        upgrade(settings.secret("database_url"), "store")
    except (SchemaMismatch, Unavailable) as error:
        print(error, file=sys.stderr)
        return 1
    print("the store's database is at this version")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
