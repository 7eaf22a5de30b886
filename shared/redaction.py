"""What must never be in a log line: people's words and numbers, passwords, tokens.

Three nets, one behind the other: fields are judged by their name, strings by what they look like, and the
finished line is searched for the secrets that this process was given.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from pydantic import SecretBytes, SecretStr

MASK: Final = "***"
SHORTEST_SECRET: Final = 8
_DEEPEST: Final = 4

_PRIVATE_WORDS: Final = frozenset(
    {
        "text",
        "body",
        "html",
        "raw",
        "phone",
        "phones",
        "email",
        "password",
        "passwords",
        "passwd",
        "secret",
        "secrets",
    }
    | {
        "token",
        "tokens",
        "authorization",
        "cookie",
        "cookies",
        "credential",
        "credentials",
        "ticket",
        "signature",
    }
    | {"otp", "pin"}
)
_PRIVATE_NAMES: Final = frozenset(
    {"api_key", "display_name", "contact_name", "first_name", "last_name", "full_name"}
)
_MEASURES: Final = frozenset({"bytes", "count", "length", "seconds", "total"})
_TOUCHED: Final = ("://", "input_value", "[parameters:", "DETAIL", "Bearer", "Basic")
_SHAPES: Final = (
    (re.compile(r"(?<=://)[^\s/@'\"]*:[^\s/@'\"]*(?=@)"), MASK),
    (re.compile(r"/bot\d+:[\w-]+"), f"/bot{MASK}"),
    (re.compile(r"(?<=[?&])([\w.-]+)=[^&\s#'\"]+"), rf"\1={MASK}"),
    (re.compile(r"input_value=.*?(?=, input_type=)", re.DOTALL), f"input_value={MASK}"),
    (re.compile(r"\[parameters: .*?\](?=\n|$)", re.DOTALL), f"[parameters: {MASK}]"),
    (re.compile(r"DETAIL: .*"), f"DETAIL: {MASK}"),
    (re.compile(r"\b(Bearer|Basic) +[\w.~+/=-]+"), rf"\1 {MASK}"),
)


def is_private(name: str) -> bool:
    """Whether a field of this name holds what no log may hold."""
    lowered = name.lower()
    words = re.split(r"[^a-z]+", lowered)
    if words[-1] in _MEASURES:
        return False
    return lowered in _PRIVATE_NAMES or not _PRIVATE_WORDS.isdisjoint(words)


def masked(value: object, depth: int = 0) -> object:
    """The value as it may be written: private fields and what looks secret are masked, at every depth."""
    if isinstance(value, str):
        return masked_words(value)
    if isinstance(value, SecretStr | SecretBytes):
        return MASK
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    if isinstance(value, BaseException):
        return masked_words(f"{type(value).__name__}: {value}")
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        if depth == _DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            return {str(k): MASK if is_private(str(k)) else masked(v, depth + 1) for k, v in value.items()}
        return [masked(item, depth + 1) for item in value]
    return value


def masked_words(words: str) -> str:
    """The words without passwords of URLs, provider tokens, and what errors quote of their input."""
    if any(mark in words for mark in _TOUCHED) or "/bot" in words:
        for shape, replacement in _SHAPES:
            words = shape.sub(replacement, words)
    return words


def secret_pattern(secrets: Iterable[str]) -> re.Pattern[bytes] | None:
    """A pattern of the secrets as they stand in a JSON line; of an address, its password."""
    spelled: set[str] = set()
    for secret in secrets:
        for part in _url_secrets(secret) if "://" in secret else (secret,):
            if len(part) >= SHORTEST_SECRET:
                spelled.update((part, json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1]))
    if not spelled:
        return None
    longest_first = sorted(spelled, key=len, reverse=True)
    return re.compile(b"|".join(re.escape(one.encode("utf-8", "backslashreplace")) for one in longest_first))


def _url_secrets(secret: str) -> tuple[str, ...]:
    try:
        password = urlsplit(secret).password
    except ValueError:
        return ()
    return () if not password else (password, unquote(password))
