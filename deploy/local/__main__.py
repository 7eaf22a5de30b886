"""The doors of this folder: `run` starts everything; `call SERVICE WORDS…` is a service's command line.

`call store-write parked list` is `python -m store parked list` with the settings of this clone's store.
"""

import os
import subprocess
import sys

from deploy.local.installation import ROOT
from deploy.local.place import Place
from deploy.local.run import run
from deploy.local.supervision import inherited_environment

USAGE = "python -m deploy.local run | call SERVICE WORDS…   (SERVICE as in .local/logs)"


def main(words: list[str]) -> int:
    match words:
        case ["run"]:
            return run()
        case ["call", name, *rest]:
            return call(name, rest)
    print(USAGE, file=sys.stderr)
    return 2


def call(name: str, words: list[str]) -> int:
    place = Place(ROOT, os.environ)
    services = {service.name: service for service in place.services()}
    if name not in services:
        print(f"{name} is none of: {', '.join(services)}", file=sys.stderr)
        return 2
    environment = inherited_environment() | services[name].environment()
    return subprocess.run(services[name].command_line(*words), env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
