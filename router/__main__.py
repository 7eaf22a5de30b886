"""`python -m router` runs it; with words it migrates the database, or tells the running one what to do."""

from __future__ import annotations

import sys

from router import console
from router.process import serve
from router.settings import RouterSettings
from shared import log
from shared.config import load
from shared.db.schema import upgrade_and_tell
from shared.service import run


def main(arguments: list[str]) -> int:
    settings = load(RouterSettings, arguments)
    if not arguments:
        run("router", settings, serve)
    secrets = settings.secrets()
    log.configure("router", settings.instance, level="critical", secrets=secrets, stream=sys.stderr.buffer)
    if arguments == ["migrate"]:
        return upgrade_and_tell(settings.secret("database_url"), "router")
    return console.main(arguments, settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
