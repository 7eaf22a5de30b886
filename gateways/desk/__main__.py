"""`python -m gateways.desk` runs it; with words it migrates the database or sets a password."""

from __future__ import annotations

import sys

from gateways.desk import command_line
from gateways.desk.process import PACKAGE, serve
from gateways.desk.settings import DeskSettings
from shared import log
from shared.config import load
from shared.db.schema import upgrade_and_tell
from shared.service import run


def main(arguments: list[str]) -> int:
    settings = load(DeskSettings, arguments)
    if not arguments:
        run("desk", settings, serve)
    secrets = settings.secrets()
    log.configure("desk", settings.instance, level="error", secrets=secrets, stream=sys.stderr.buffer)
    if arguments == ["migrate"]:
        return upgrade_and_tell(settings.secret("database_url"), PACKAGE)
    return command_line.main(arguments, settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
