"""The accounts file: which accounts a gateway connects, and where their secrets are.

    [[webchat]]
    slug = "main"                 # its word in routing keys; never changes
    name = "Shop"                 # what operators read
    secret_file = "main.secret"   # beside this file, or secret_env = "NAME_OF_A_VARIABLE"

One table of an array for each account, named by its channel; `[webchat.capabilities]` below it would be a
table within. It is read at start and on SIGHUP. Every mistake
is one line with the place, what is wrong and what to do; secrets are never in a line.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from shared.contract.capabilities import Capabilities
from shared.environment import ConfigError

SHORTEST_SECRET: Final = 16


class Account(BaseModel):
    """What every account has. A channel adds its fields; unknown ones are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    slug: str = Field(pattern=r"^[a-z0-9_]{1,40}$", description="1 to 40 of a-z, 0-9 and _")
    name: str = Field(min_length=1, max_length=100, description="what operators read, up to 100 characters")

    def able(self, usual: Capabilities) -> Capabilities:
        """What the account can do, where accounts of its channel differ; `usual`: what its channel can."""
        return usual


class SecretAccount(Account):
    """An account with one secret, from a file or from a variable."""

    shortest_secret: ClassVar[int] = SHORTEST_SECRET
    """Shorter ones are refused, unless the provider's people choose them and not we."""

    secret_file: str | None = Field(None, description="a file beside the accounts file that holds the secret")
    secret_env: str | None = Field(None, description="a variable that holds the secret")
    secret: SecretStr = SecretStr("")
    """Filled in when the file is read; never written in it."""

    @property
    def secrets(self) -> tuple[SecretStr, ...]:
        """All that no log may hold."""
        return (self.secret,)


A = TypeVar("A", bound=Account)


@dataclass(frozen=True, slots=True)
class _Table:
    """One account as it stands in the file, with the lines of its head and of its keys."""

    place: str
    line: int
    keys: Mapping[str, int]
    values: Mapping[str, Any]

    def at(self, key: str) -> str:
        return f"{self.place}:{self.keys.get(key, self.line)}"


def read_accounts(
    path: Path,
    channel: str,
    model: type[A],
    *,
    channels: Collection[str],
    unique: Sequence[str] = ("slug",),
    environ: Mapping[str, str] | None = None,
) -> list[A]:
    """The accounts of `channel`; raises `ConfigError` with a line for each mistake.

    `channels`: the tables that the file may have; `unique`: fields that no two accounts may share.
    """
    text = _text(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: not TOML: {error}; correct the file there"]) from None
    mistakes = [_unknown_table(path, text, name, channels) for name in document if name not in channels]
    rows = document.get(channel, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ConfigError(
            [f"{path}:{_line_of(text, channel)}: write [[{channel}]] in double brackets, for each account"]
        )
    accounts: list[A] = []
    taken: dict[tuple[str, str], str] = {}
    for table in _tables(path, text, channel, rows):
        account, wrong = _account(table, model, path.parent, os.environ if environ is None else environ)
        mistakes += wrong
        if account is None:
            continue
        for field in unique:
            value = str(getattr(account, field))
            first = taken.setdefault((field, value), table.at(field))
            if first != table.at(field):
                mistakes.append(
                    f"{table.at(field)}: {field} {value!r} stands already at {first}; choose another"
                )
        accounts.append(account)
    if mistakes:
        raise ConfigError(mistakes)
    return accounts


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            [f"{path}: cannot be read ({error.strerror}); create it or set SWITCHBOARD_ACCOUNTS_FILE"]
        ) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: is not UTF-8; save it in UTF-8"]) from None


def _account(
    table: _Table, model: type[A], folder: Path, environ: Mapping[str, str]
) -> tuple[A | None, list[str]]:
    values = dict(table.values)
    mistakes: list[str] = []
    if "secret" in values:
        del values["secret"]
        mistakes.append(
            f"{table.at('secret')}: no secrets in this file; put it into a file and name that as secret_file"
        )
    try:
        account = model(**values)
    except ValidationError as error:
        return None, mistakes + [
            _remedy(table, model, one) for one in error.errors(include_url=False, include_input=False)
        ]
    if isinstance(account, SecretAccount):
        secret, wrong = _secret(table, account, folder, environ)
        mistakes += wrong
        account = account.model_copy(update={"secret": SecretStr(secret)})
    return (None if mistakes else account), mistakes


def _secret(
    table: _Table, account: SecretAccount, folder: Path, environ: Mapping[str, str]
) -> tuple[str, list[str]]:
    if (account.secret_file is None) == (account.secret_env is None):
        return "", [f"{table.at('secret_file')}: set one of secret_file and secret_env"]
    if account.secret_env is not None:
        place, secret = table.at("secret_env"), environ.get(account.secret_env, "").strip()
        where = f"the variable {account.secret_env}"
    else:
        place, where = table.at("secret_file"), f"the file {account.secret_file}"
        try:
            secret = (folder / str(account.secret_file)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            return "", [
                f"{place}: {where} cannot be read ({type(error).__name__}); create it with a random secret"
            ]
    if len(secret) < account.shortest_secret:
        least = f"of at least {account.shortest_secret} characters"
        return "", [f"{place}: {where} holds no secret {least}; write one"]
    return secret, []


def _remedy(table: _Table, model: type[BaseModel], error: Any) -> str:
    field, model = _field(model, error["loc"])
    if error["type"] == "missing":
        return f"{table.at(field)}: {field} is missing; add it{_expected(model, field)}"
    if error["type"] == "extra_forbidden":
        known = ", ".join(name for name in model.model_fields if name != "secret")
        return f"{table.at(field)}: {field} is not known here; remove it or write one of {known}"
    words = error["msg"][0].lower() + error["msg"][1:]
    return f"{table.at(field)}: {field}: {words}; correct it{_expected(model, field)}"


def _field(model: type[BaseModel], place: Sequence[str | int]) -> tuple[str, type[BaseModel]]:
    """The key that an error is about, as `capabilities.images` in a table within, and its model."""
    name = str(place[0]) if place else ""
    inner = model.model_fields[name].annotation if name in model.model_fields else None
    if len(place) > 1 and isinstance(inner, type) and issubclass(inner, BaseModel):
        return f"{name}.{place[1]}", inner
    return name, model


def _expected(model: type[BaseModel], field: str) -> str:
    info = model.model_fields.get(field.rpartition(".")[2])
    return f" ({info.description})" if info is not None and info.description else ""


def _unknown_table(path: Path, text: str, name: str, channels: Collection[str]) -> str:
    known = ", ".join(sorted(channels))
    return f"{path}:{_line_of(text, name)}: there is no channel {name}; write one of {known}"


def _line_of(text: str, name: str) -> int:
    """The first line that names a table or a key of the top level."""
    pattern = re.compile(rf"^\s*(\[+\s*)?[\"']?{re.escape(name)}\b")
    return next((number for number, line in enumerate(text.splitlines(), 1) if pattern.match(line)), 1)


def _tables(path: Path, text: str, channel: str, rows: Sequence[Mapping[str, Any]]) -> list[_Table]:
    """The accounts with their lines, found by reading heads and keys again: the parser keeps no places."""
    head = re.compile(rf"^\s*\[\[\s*[\"']?{re.escape(channel)}[\"']?\s*\]\]")
    inner = re.compile(rf"^\s*\[\s*{re.escape(channel)}\s*\.\s*([A-Za-z0-9_-]+)\s*\]")
    key = re.compile(r"^\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*=")
    starts: list[tuple[int, dict[str, int]]] = []
    inside: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if head.match(line):
            inside = ""
            starts.append((number, {}))
        elif starts and (table := inner.match(line)):
            inside = f"{table[1]}."
            starts[-1][1].setdefault(table[1], number)
        elif line.lstrip().startswith("["):
            inside = None
        elif inside is not None and (found := key.match(line)):
            starts[-1][1].setdefault(inside + found[1], number)
    if len(starts) != len(rows):
        starts = [(_line_of(text, channel), {})] * len(rows)
    return [_Table(str(path), line, keys, row) for (line, keys), row in zip(starts, rows, strict=True)]
