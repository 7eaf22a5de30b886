"""How variables and secret files become the values of a settings class, and how each mistake is told.

A line never holds a value: it may be a password in the wrong variable.
"""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined

PREFIX: Final = "SWITCHBOARD_"
FILE_SUFFIX: Final = "_FILE"
BIGGEST_FILE: Final = 64 * 1024
_FOREIGN_PREFIX: Final = "SWITCHBOARD_TEST_"
_FOREIGN: Final = frozenset({"SWITCHBOARD_FAULT_AT", "SWITCHBOARD_FAULT_ON"})

Fields = Mapping[str, FieldInfo]


class ConfigError(Exception):
    """Settings that a service cannot start with; `lines` say what to do, one each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


@dataclass(slots=True)
class Found:
    """What the environment held: values by field, the files they came from, and what was wrong."""

    values: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    mistakes: list[str] = field(default_factory=list)

    def wrong(self, name: str, line: str) -> None:
        self.broken.add(name)
        self.mistakes.append(line)


def names_of(fields: Fields) -> frozenset[str]:
    """The variables of these fields, in both spellings."""
    plain = {PREFIX + name.upper() for name in fields}
    return frozenset(plain | {name + FILE_SUFFIX for name in plain})


def read_environment(fields: Fields, environ: Mapping[str, str]) -> Found:
    """The values of the fields that these variables set."""
    found = Found()
    known = names_of(fields)
    for variable in sorted(environ):
        if variable.upper().startswith(PREFIX) and variable not in known and not _foreign(variable):
            found.mistakes.append(_unknown(variable, known))
    for name, info in fields.items():
        variable = PREFIX + name.upper()
        plain, path = environ.get(variable, ""), environ.get(variable + FILE_SUFFIX, "")
        if plain and path:
            found.wrong(name, f"{variable}: given twice; remove {variable} or {variable}{FILE_SUFFIX}")
        elif plain or path:
            _take(found, name, info, plain, path)
    return found


def secret_from(found: Found, name: str, otherwise: str) -> str:
    """What the file of field `name` holds now, else what it held last, else `otherwise`."""
    path = found.files.get(name)
    if path is not None:
        try:
            found.last[name] = _file(path)
        except (OSError, ValueError):
            return found.last.get(name, otherwise)
    return found.last.get(name, otherwise)


def remedy(name: str, error: ErrorDetails, fields: Fields, found: Found) -> str:
    """One line for what pydantic has against field `name`."""
    variable = PREFIX + name.upper()
    info = fields.get(name)
    expected = (
        f"expected: {info.description}" if info is not None and info.description else "see the documentation"
    )
    if error["type"] == "missing":
        return f"{variable}: not set; set {variable} or {variable}{FILE_SUFFIX} ({expected})"
    source = variable if name not in found.files else variable + FILE_SUFFIX
    default = "" if info is None else _default(info)
    words = error["msg"][0].lower() + error["msg"][1:]
    return f"{source}: {words}; correct it ({expected}{default})"


def _take(found: Found, name: str, info: FieldInfo, plain: str, path: str) -> None:
    variable = PREFIX + name.upper()
    if path:
        try:
            plain = found.last[name] = _file(Path(path))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            found.wrong(
                name,
                f"{variable}{FILE_SUFFIX}: the file cannot be read ({why}); correct the path or the file",
            )
            return
        found.files[name] = Path(path)
    try:
        found.values[name] = _parsed(info, plain)
    except ValueError:
        found.wrong(name, f"{variable}: not valid JSON; write a list like a,b,c or correct the JSON")


def _parsed(info: FieldInfo, text: str) -> Any:
    """Lists are written a,b,c or as JSON, mappings as JSON, all else as it stands."""
    kind = get_origin(info.annotation) or info.annotation
    if kind is dict or (kind in (list, tuple, set, frozenset) and text.lstrip().startswith("[")):
        return json.loads(text)
    if kind in (list, tuple, set, frozenset):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _file(path: Path) -> str:
    """The file's text without its last line end."""
    with path.open("rb") as stream:
        raw = stream.read(BIGGEST_FILE + 1)
    if len(raw) > BIGGEST_FILE:
        raise ValueError(f"more than {BIGGEST_FILE} bytes")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    if not text.strip():
        raise ValueError("it is empty")
    return text.removesuffix("\n").removesuffix("\r")


def _default(info: FieldInfo) -> str:
    plain = isinstance(info.default, str | int | float)
    return f"; default: {info.default}" if plain and info.default is not PydanticUndefined else ""


def _foreign(variable: str) -> bool:
    return variable in _FOREIGN or variable.startswith(_FOREIGN_PREFIX)


def _unknown(variable: str, known: frozenset[str]) -> str:
    nearest = difflib.get_close_matches(variable.upper(), sorted(known), n=1, cutoff=0.0)
    return f"{variable}: no such setting; remove it, or did you mean {nearest[0]}?"
