"""Secrets of this clone: made once, one file each that only its owner reads; services get the file's name."""

import os
import secrets
from pathlib import Path


def keep(file: Path, secret: str) -> Path:
    """Writes the secret where nobody else can read it, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(secret)
        opened.flush()
        os.fsync(opened.fileno())
    draft.rename(file)
    return file


def generated(file: Path) -> Path:
    """The file of a secret that is made up at first use: 256 bits, in letters that every format takes."""
    return file if file.exists() else keep(file, secrets.token_hex(32))
