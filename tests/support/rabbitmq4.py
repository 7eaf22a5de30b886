"""`make test-rabbitmq4`: the tests of the bus on the next major RabbitMQ, which Debian 12 does not have.

Debian 13 is unpacked into a folder of the clone (debootstrap, 40 s, as root) and its server runs there.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.packages import Program, provide
from deploy.local.rabbitmq import is_installed
from deploy.local.refusal import NotPossibleError
from tests.support.session import LOCAL

DEBIAN = "trixie"
TESTS = ("tests/integration/bus", "tests/integration/test_servers_of_tests.py")
DEBOOTSTRAP = Program("debootstrap", "debootstrap", lambda: shutil.which("debootstrap") is not None)


def unpacked() -> Path:
    """The folder of that Debian, complete."""
    folder = LOCAL / f"{DEBIAN}-rabbitmq"
    if is_installed(folder):
        return folder
    if os.geteuid() != 0:
        raise NotPossibleError("debootstrap and chroot need root: run this as root")
    provide([DEBOOTSTRAP])
    draft = folder.with_suffix(".unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    print(
        f"Unpacking Debian {DEBIAN} with its RabbitMQ into {draft.parent.name} (under a minute)", flush=True
    )
    LOCAL.mkdir(exist_ok=True)
    command = ["debootstrap", "--variant=minbase", "--include=rabbitmq-server", DEBIAN, str(draft)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise NotPossibleError(f"debootstrap failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
    draft.rename(folder)
    return folder


def main() -> None:
    try:
        root = unpacked()
    except NotPossibleError as missing:
        sys.exit(str(missing))
    tests = [name for name in TESTS if Path(name).exists()]
    environment = os.environ | {"TEST_BROKER_ROOT": str(root)}
    sys.exit(
        subprocess.run([sys.executable, "-m", "pytest", *tests], env=environment, check=False).returncode
    )


if __name__ == "__main__":
    main()
