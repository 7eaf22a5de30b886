"""The virtual environment: exactly the pinned, hashed packages of requirements/, or nothing.

Runs with any Python from 3.11 and nothing installed: `python3 -m deploy.local.installation runtime|dev`.
Does nothing when the environment is already what the file says.
"""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".venv"
OLDEST = (3, 11)


def install(group: str) -> None:
    if sys.version_info < OLDEST:
        sys.exit(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; this is {sys.version.split()[0]}.")
    wanted = ROOT / "requirements" / f"{group}.txt"
    stamp = FOLDER / f"{group}.installed"
    identity = hashlib.sha256(wanted.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == identity:
        return
    if not (FOLDER / "bin" / "python").exists():
        print("Making the virtual environment in .venv", flush=True)
        _make()
    print(f"Installing the packages of {wanted.relative_to(ROOT)} (a minute or two)", flush=True)
    pip = [
        str(FOLDER / "bin" / "python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
    ]
    done = subprocess.run([*pip, "--quiet", "--require-hashes", "-r", str(wanted)], check=False)
    if done.returncode != 0:
        sys.exit("The packages could not be installed; what pip said is above.")
    stamp.write_text(identity)


def _make() -> None:
    try:
        venv.create(FOLDER, with_pip=True, symlinks=True, clear=FOLDER.exists())
    except (subprocess.CalledProcessError, ImportError):
        sys.exit("This Python cannot make virtual environments. On Debian: apt-get install -y python3-venv")


if __name__ == "__main__":
    install(sys.argv[1] if len(sys.argv) > 1 else "dev")
