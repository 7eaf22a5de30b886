"""Reading cases: `{why, given, then}` as JSON. A mistake is a line with its place and its remedy."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
_SHAPE: Final = 'write {"why": "…", "given": {…}, "then": {…}}'


class BadCase(Exception):
    """`<file>:<line>: what is wrong; what to do`."""


@dataclass(frozen=True)
class Case:
    why: str
    given: dict[str, Any]
    then: dict[str, Any]


def read_case(path: Path) -> Case:
    """The case in a file; raises `BadCase`."""
    read = _object(path)
    for name in ("why", "given", "then"):
        if name not in read:
            raise BadCase(f"{path}:1: {name} is missing; {_SHAPE}")
    for name in read.keys() - {"why", "given", "then"}:
        raise BadCase(f"{path}:{_line(path, name)}: {name!r} is not known in a case; {_SHAPE}")
    if not isinstance(read["why"], str) or not read["why"].strip():
        raise BadCase(f"{path}:{_line(path, 'why')}: why is empty; say in a sentence what the case shows")
    for name in ("given", "then"):
        if not isinstance(read[name], dict) or not read[name]:
            raise BadCase(f"{path}:{_line(path, name)}: {name} is no object with something in it; {_SHAPE}")
    return Case(read["why"], read["given"], read["then"])


def read_exemptions(folder: Path) -> dict[str, str]:
    """Case → why the channel cannot show it; raises `BadCase`."""
    path = folder / "exempt.json"
    if not path.exists():
        raise BadCase(
            f"{path}:1: there is no such file; write {{}}, or the cases that it cannot show and why"
        )
    read = _object(path)
    for name, why in read.items():
        if not isinstance(why, str):
            raise BadCase(f"{path}:{_line(path, name)}: the reason of {name} is no text; say it in words")
    return read


def case_paths(folder: Path = FOLDER) -> list[Path]:
    """The cases of all channels."""
    return [path for path in sorted(folder.glob("*/*.json")) if path.name != "exempt.json"]


def channels(folder: Path = FOLDER) -> list[str]:
    """The channels that have cases."""
    return sorted({path.parent.name for path in folder.glob("*/*.json")})


def _object(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(
            path.read_text(encoding="utf-8"), object_pairs_hook=lambda pairs: _once(path, pairs)
        )
    except UnicodeDecodeError:
        raise BadCase(f"{path}:1: not UTF-8; save it in UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadCase(f"{path}:{error.lineno}: not JSON ({error.msg}); correct it there") from None
    if not isinstance(read, dict):
        raise BadCase(f"{path}:1: no object; {_SHAPE}")
    return read


def _once(path: Path, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        twice = next(name for name, _ in pairs if sum(1 for one, _ in pairs if one == name) > 1)
        raise BadCase(f"{path}:{_line(path, twice)}: {twice!r} stands twice; leave one")
    return read


def _line(path: Path, name: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if json.dumps(name) in line), 1)
