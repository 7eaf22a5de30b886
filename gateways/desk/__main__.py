"""`python -m gateways.desk` runs it; with words it migrates the database or sets a password."""

from __future__ import annotations

import sys

from gateways.desk import command_line
from gateways.desk.process import PACKAGE, serve
from gateways.desk.settings import DeskSettings
from shared import log
from shared.config import load
from shared.db.migrate import SchemaMismatch, upgrade
from shared.failure import Unavailable
from shared.service import run


def main(arguments: list[str]) -> int:
    settings = load(DeskSettings, arguments)
    if not arguments:
        run("desk", settings, serve)
    secrets = settings.secrets()
    log.configure("desk", settings.instance, level="error", secrets=secrets, stream=sys.stderr.buffer)
    if arguments == ["migrate"]:
        return _migrate(settings)
    return command_line.main(arguments, settings)


def _migrate(settings: DeskSettings) -> int:
    try:
        upgrade(settings.secret("database_url"), PACKAGE)
    except (SchemaMismatch, Unavailable) as error:
        print(error, file=sys.stderr)
        return 1
    print("the desk's database is at this version")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
