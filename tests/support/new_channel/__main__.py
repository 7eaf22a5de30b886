"""python -m tests.support.new_channel NAME [webhook | polling]

Lays out gateways/NAME and tests/channels/NAME, and makes the channel known; everything stays green. The
provider of a `webhook` channel, the usual one, calls us; that of a `polling` channel is asked.
"""

import subprocess
import sys

from tests.support.new_channel.layout import KINDS, ROOT, BadName, check, lay_out
from tests.support.new_channel.migration import write_migration
from tests.support.new_channel.registration import register


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    name, kind = arguments[0], arguments[1] if len(arguments) == 2 else KINDS[0]
    try:
        check(name, kind)
    except BadName as error:
        print(error, file=sys.stderr)
        return 2
    written = [*lay_out(name, kind), *register(name), write_migration(name)]
    python = [str(path) for path in written if path.suffix == ".py"]
    run("ruff", "format", "--quiet", *python)
    run("ruff", "check", "--quiet", "--select", "I", "--fix", *python)
    run("tests.architecture.test_readme")
    print(*(path.relative_to(ROOT) for path in sorted(written)), sep="\n")
    print(f"\nRead gateways/{name}/README.md; `make check` shows that all is well.")
    return 0


def run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
