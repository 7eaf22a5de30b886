"""`python -m store write | serve | migrate | parked …`; see README.md."""

from __future__ import annotations

import sys
from typing import Final

from shared import log
from shared.config import load
from shared.db.schema import upgrade_and_tell
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
    if verb == "migrate":
        return upgrade_and_tell(settings.secret("database_url"), "store")
    return command_line.main(rest, settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
