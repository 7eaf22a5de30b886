"""The door of every channel's gateway.

python -m gateways webchat [--check-config | --print-config]   run the gateway of one channel
python -m gateways migrate webchat                             bring its database to this version
python -m gateways capabilities                                print what every channel can do
python -m gateways webchat parse [ACCOUNT] < payload           print the facts in what a provider says
python -m gateways webchat render < outbound.json              print the provider's requests of an act
"""

from __future__ import annotations

import sys
from typing import BinaryIO

from gateways import command_line
from gateways.registry import GATEWAYS, accounts_of
from shared.config import CHECK_FLAG, load
from shared.db.schema import upgrade_and_tell
from shared.environment import ConfigError
from shared.log import configure
from shared.service import run


def main(arguments: list[str], stdin: BinaryIO | None = None) -> int:
    match arguments:
        case ["capabilities"]:
            return command_line.capabilities()
        case ["migrate", channel] if channel in GATEWAYS:
            url = load(GATEWAYS[channel].settings).secret("database_url")
            return upgrade_and_tell(url, GATEWAYS[channel].package)
        case [channel, "parse" | "render" as verb, *account] | [
            "parse" | "render" as verb,
            channel,
            *account,
        ] if channel in GATEWAYS and len(account) < 2:
            raw = (stdin or sys.stdin.buffer).read()
            return command_line.TRANSLATE[verb](channel, account[0] if account else "main", raw)
        case [channel, *flags] if channel in GATEWAYS:
            return serve(channel, flags)
        case _:
            print(__doc__, file=sys.stderr)
    return 2


def serve(channel: str, flags: list[str]) -> int:  # noqa: RET503  # `run` never returns
    """Runs until told to stop; a mistake in settings or accounts file is told and ends it with 2."""
    settings = load(GATEWAYS[channel].settings, [flag for flag in flags if flag != CHECK_FLAG])
    try:
        accounts = accounts_of(channel, settings)
    except ConfigError as error:
        print(*error.lines, sep="\n", file=sys.stderr)
        return 2
    if CHECK_FLAG in flags:
        print(f"the settings are right; {len(accounts)} accounts: {', '.join(one.slug for one in accounts)}")
        return 0
    run(channel, settings, lambda service: GATEWAYS[channel].serve(service, GATEWAYS.keys()))


if __name__ == "__main__":
    configure("gateways", "command line", stream=sys.stderr.buffer)  # a service says it anew, for stdout
    sys.exit(main(sys.argv[1:]))
