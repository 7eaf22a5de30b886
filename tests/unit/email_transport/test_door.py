"""Who holds which library: aioimaplib is the e-mail process's alone, for its licence."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
LIBRARIES = "aioimaplib aiosmtplib nh3 tnefparse icalendar charset_normalizer"


def test_the_processes_of_other_channels_never_import_what_e_mail_needs() -> None:
    """Where e-mail is not installed they would not even start."""
    script = f"import sys, gateways.__main__; print(*set({LIBRARIES.split()}) & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_one_file_imports_aioimaplib() -> None:
    folders = (ROOT / "gateways", ROOT / "shared", ROOT / "router", ROOT / "store")
    files = [path for folder in folders for path in folder.rglob("*.py")]
    naming = [
        path.name
        for path in files
        if "from aioimaplib" in path.read_text() or "import aioimaplib" in path.read_text()
    ]
    assert naming == ["imap.py"]
