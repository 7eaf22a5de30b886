"""`python -m router` runs it; with words it migrates the database, or tells the running one what to do."""

from __future__ import annotations

import sys

from router import console
from router.process import serve
from router.settings import RouterSettings
from shared import log
from shared.config import load
from shared.db.migrate import SchemaMismatch, upgrade
from shared.failure import Unavailable
from shared.service import run


def main(arguments: list[str]) -> int:
    settings = load(RouterSettings, arguments)
    if not arguments:
        run("router", settings, serve)
    secrets = settings.secrets()
    log.configure("router", settings.instance, level="critical", secrets=secrets, stream=sys.stderr.buffer)
    if arguments == ["migrate"]:
        return _migrate(settings)
    return console.main(arguments, settings)


def _migrate(settings: RouterSettings) -> int:
    try:
        upgrade(settings.secret("database_url"), "router")
    except (SchemaMismatch, Unavailable) as error:
        print(error, file=sys.stderr)
        return 1
    print("the router's database is at this version")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
