"""A second secret of an account, read as the first one: from a file beside the accounts file, or a variable.

An account with the secret `client_secret` has the fields `client_secret_file`, `client_secret_env` and
`client_secret`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from gateways.kit.accounts import Account
from shared.environment import ConfigError

A = TypeVar("A", bound=Account)


def with_second_secret(
    accounts: Sequence[A], path: Path, environ: Mapping[str, str], *, name: str, shortest: int = 1
) -> list[A]:
    """The accounts of the file `path` with the secret of this name, empty where they have none; raises
    `ConfigError` with a line for each mistake."""
    read: list[A] = []
    mistakes: list[str] = []
    for account in accounts:
        try:
            secret = _secret(account, path.parent, environ, name, shortest)
        except ValueError as error:
            mistakes.append(f"{path}: {account.slug}: {error}")
        else:
            read.append(account.model_copy(update={name: SecretStr(secret)}))
    if mistakes:
        raise ConfigError(mistakes)
    return read


def _secret(account: Account, folder: Path, environ: Mapping[str, str], name: str, shortest: int) -> str:
    """Raises `ValueError` in words."""
    file: str | None = getattr(account, f"{name}_file")
    variable: str | None = getattr(account, f"{name}_env")
    if file is None and variable is None:
        return ""
    if file is not None and variable is not None:
        raise ValueError(f"set one of {name}_file and {name}_env")
    if variable is not None:
        where, secret = f"the variable {variable}", environ.get(variable, "").strip()
    else:
        where = f"the file {file}"
        try:
            secret = (folder / str(file)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{where} cannot be read ({type(error).__name__}); create it") from None
    if not secret and shortest == 1:
        raise ValueError(f"{where} is empty; write the {name.replace('_', ' ')} into it")
    if len(secret) < shortest:
        raise ValueError(f"{where} holds no secret of at least {shortest} characters; write one")
    return secret
