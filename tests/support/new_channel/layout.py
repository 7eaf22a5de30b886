"""The files of a new channel, from the templates beside this file; `@name@` and the like are filled in."""

import keyword
import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
KINDS: Final = ("webhook", "polling")
"""How its provider tells us what is new: it calls, or it is asked."""
_TEMPLATE: Final = Path(__file__).parent / "template"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST: Final = 20


class BadName(Exception):
    """Why a channel cannot be called so, and what to do."""


def check(name: str, kind: str = "webhook") -> None:
    """Raises `BadName`; nothing was written."""
    if kind not in KINDS:
        raise BadName(f"{kind!r} is no kind of a channel; write one of {', '.join(KINDS)}")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or keyword.iskeyword(name):
        raise BadName(f"{name!r} is no name of a channel; write a-z, 0-9 and single _, at most {_LONGEST}")
    for folder in (ROOT / "gateways" / name, ROOT / "tests" / "channels" / name):
        if folder.exists() or folder.with_suffix(".py").exists():
            raise BadName(f"{folder.relative_to(ROOT)} is there already; choose another name")


def class_of(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def words_of(name: str) -> str:
    """What people read."""
    return name.replace("_", " ").capitalize()


def lay_out(name: str, kind: str) -> list[Path]:
    """Writes the files, those that every channel has and those of its kind; which they are."""
    folders = {"channel": ROOT / "gateways" / name, "cases": ROOT / "tests" / "channels" / name}
    written: list[Path] = []
    for place, folder in folders.items():
        folder.mkdir()
        for template in sorted(
            [*(_TEMPLATE / place).glob("*.txt"), *(_TEMPLATE / kind / place).glob("*.txt")]
        ):
            path = folder / template.stem
            path.write_text(_filled(template.read_text(encoding="utf-8"), name), encoding="utf-8")
            written.append(path)
    return written


def _filled(text: str, name: str) -> str:
    for mark, value in (("@name@", name), ("@Class@", class_of(name)), ("@Words@", words_of(name))):
        text = text.replace(mark, value)
    return text
