"""Logs are events with fields: one JSON object a line on stdout.

    log = get_logger()
    log.info("message_sent", account=account, message_id=message_id)

`ts, level, service, instance, event` come first, then what `bound` holds in this context, then the fields.
Nothing private is written (shared/redaction.py), and writing a line never raises: a log must not stop a
message. The level can be changed while the process runs.
"""

import json
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from re import Pattern
from typing import Any, BinaryIO, Final, cast

import structlog
from pydantic_core import to_json
from structlog.typing import EventDict, WrappedLogger

from shared.redaction import MASK, is_private, masked, masked_words, secret_pattern

LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
_LIBRARY_FLOOR: Final = logging.WARNING
_OWN_FIELDS: Final = ("ts", "level", "service", "instance", "event")


@dataclass(slots=True)
class _Output:
    service: str = ""
    instance: str = ""
    threshold: int = LEVELS["info"]
    stream: BinaryIO | None = None
    secrets: Pattern[bytes] | None = None
    seen: set[str] = field(default_factory=set)


_output: Final = _Output()
_context: Final[ContextVar[Mapping[str, object]]] = ContextVar("log_context")
_private: Final[dict[str, bool]] = {}


class Logger(structlog.BoundLoggerBase):
    """One method a level; a level below the threshold costs a comparison."""

    def debug(self, event: str, **fields: object) -> None:
        if _output.threshold <= LEVELS["debug"]:
            self._proxy_to_logger("debug", event, **fields)

    def info(self, event: str, **fields: object) -> None:
        if _output.threshold <= LEVELS["info"]:
            self._proxy_to_logger("info", event, **fields)

    def warning(self, event: str, **fields: object) -> None:
        if _output.threshold <= LEVELS["warning"]:
            self._proxy_to_logger("warning", event, **fields)

    def error(self, event: str, **fields: object) -> None:
        if _output.threshold <= LEVELS["error"]:
            self._proxy_to_logger("error", event, **fields)

    def critical(self, event: str, **fields: object) -> None:
        self._proxy_to_logger("critical", event, **fields)

    def exception(self, event: str, **fields: object) -> None:
        """An error with the traceback of what is being handled (or of `exc_info`)."""
        fields.setdefault("exc_info", True)
        self.error(event, **fields)


class _Stdout:
    """Where a finished line goes. One write a line, so threads and processes do not mix theirs."""

    def write(self, line: bytes) -> None:
        try:
            stream = _output.stream or sys.stdout.buffer
            stream.write(line)
            stream.flush()
        except (OSError, ValueError):
            return  # nobody reads any more: the service goes on

    debug = info = warning = error = critical = write


def get_logger() -> Logger:
    """The logger; every module may keep one."""
    return cast(Logger, structlog.get_logger())


def configure(
    service: str,
    instance: str,
    *,
    level: str = "info",
    secrets: Iterable[str] = (),
    stream: BinaryIO | None = None,
) -> None:
    """Name this process in every line, take over the libraries' logging, and learn what to mask."""
    _output.service, _output.instance, _output.stream = service, instance, stream
    _output.seen.clear()
    _output.secrets = None
    protect(secrets)
    set_level(level)
    root = logging.getLogger()
    root.handlers = [_Libraries()]
    root.setLevel(_LIBRARY_FLOOR)
    logging.captureWarnings(True)


def protect(secrets: Iterable[str]) -> None:
    """Mask these strings, too, wherever they turn up in a line (those of 8 characters and more)."""
    _output.seen.update(secrets)
    _output.secrets = secret_pattern(_output.seen)


def set_level(level: str) -> None:
    """Write events of this level and above from now on; ValueError names the levels there are."""
    if level not in LEVELS:
        raise ValueError(f"no such log level; there are {', '.join(LEVELS)}")
    _output.threshold = LEVELS[level]


def get_level() -> str:
    return next(name for name, number in LEVELS.items() if number == _output.threshold)


@contextmanager
def bound(**context: object) -> Iterator[None]:
    """Within the block every line of this task (and of tasks it starts) carries the context."""
    token = _context.set({**_context.get({}), **context})
    try:
        yield
    finally:
        _context.reset(token)


def bind(**context: object) -> None:
    """As `bound`, until the task ends: for a task that handles one thing for all of its life."""
    _context.set({**_context.get({}), **context})


def _line(_: WrappedLogger, level: str, event: EventDict) -> bytes:
    """The event dictionary as a finished line."""
    fields = cast(dict[str, Any], {**_context.get({}), **event})
    name = fields.pop("event", "")
    exc_info = fields.pop("exc_info", None)
    line: dict[str, object] = {
        "ts": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": level,
        "service": _output.service,
        "instance": _output.instance,
        "event": masked_words(str(name)),
    }
    for key, value in fields.items():
        shown = key if key not in _OWN_FIELDS else f"{key}_"
        line[shown] = (
            MASK if _is_private(key) else value if type(value) in (int, bool, float) else masked(value)
        )
    if exc_info:
        line["exception"] = masked_words(_traceback(exc_info))
    written = _json(line)
    return (written if _output.secrets is None else _output.secrets.sub(MASK.encode(), written)) + b"\n"


def _is_private(name: str) -> bool:
    known = _private.get(name)
    if known is None:
        known = _private[name] = is_private(name)
    return known


def _traceback(exc_info: object) -> str:
    found = structlog.processors.ExceptionRenderer()(None, "error", {"exc_info": exc_info})
    return str(found.get("exception", ""))


def _json(line: dict[str, object]) -> bytes:
    try:
        return to_json(line, fallback=lambda value: masked_words(repr(value)), inf_nan_mode="strings")
    except Exception:  # noqa: BLE001  # a lone surrogate, a repr that fails: the line is written all the same
        return json.dumps(line, default=lambda value: f"<{type(value).__name__}>").encode()


class _Libraries(logging.Handler):
    """Warnings and errors of the libraries, as lines of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        level = next((name for name, number in reversed(LEVELS.items()) if record.levelno >= number), "debug")
        write = getattr(get_logger(), level)
        try:
            words = record.getMessage()
        except Exception:  # noqa: BLE001  # wrong arguments in a library's call
            words = str(record.msg)
        write("library_spoke", library=record.name, words=words, exc_info=record.exc_info)


structlog.configure(
    processors=[_line],
    wrapper_class=Logger,
    logger_factory=_Stdout,
    cache_logger_on_first_use=True,
)
