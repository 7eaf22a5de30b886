"""Log lines: JSON, in order, with context, without secrets, and never an exception."""

import asyncio
import io
import json
import logging
import math
import time
import warnings
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from shared import log
from shared.trace import trace_id, tracing

Lines = Callable[[], list[dict[str, Any]]]
logger = log.get_logger()


def test_a_line_names_process_and_event_first(lines: Lines) -> None:
    logger.info("message_sent", account="site_1", n=1, message_id=UUID(int=7))
    (line,) = lines()
    assert list(line) == ["ts", "level", "service", "instance", "event", "account", "n", "message_id"]
    assert line["ts"].endswith("Z")
    assert (line["level"], line["service"], line["instance"], line["event"]) == (
        "info",
        "router",
        "test-1",
        "message_sent",
    )
    assert line["message_id"] == str(UUID(int=7))


async def test_context_is_of_the_task_and_what_it_starts(lines: Lines) -> None:
    async def one(dialog: str) -> None:
        log.bind(dialog_id=dialog)
        await asyncio.sleep(0)
        logger.info("handled")

    with log.bound(account="site_1"), tracing(None) as span:
        async with asyncio.TaskGroup() as group:
            group.create_task(one("a"))
            group.create_task(one("b"))
        logger.info("both_handled")
    logger.info("after")
    first, second, third, fourth = lines()
    assert {first["dialog_id"], second["dialog_id"]} == {"a", "b"}
    assert first["account"] == second["account"] == third["account"] == "site_1"
    assert first["trace_id"] == third["trace_id"] == trace_id(span)
    assert "dialog_id" not in third
    assert not {"account", "trace_id", "dialog_id"} & set(fourth)


def test_the_level_changes_at_once_even_for_loggers_in_use(lines: Lines) -> None:
    bound_logger = logger.bind(account="x")
    log.set_level("warning")
    logger.info("quiet")
    bound_logger.info("quiet")
    logger.warning("heard")
    log.set_level("debug")
    bound_logger.debug("heard")
    assert [line["event"] for line in lines()] == ["heard", "heard"]
    assert log.get_level() == "debug"
    with pytest.raises(ValueError, match="debug, info, warning"):
        log.set_level("loud")


def test_planted_secrets_are_nowhere(written: io.BytesIO) -> None:
    secret = "planted-secret"
    try:
        raise ValueError(f"cannot sign in with {secret}")
    except ValueError as error:
        logger.exception("failed", error=error, words=f"see {secret}", nested=[{"a": {"b": secret}}])
        logger.info(f"event_{secret}", **{secret: 1})  # noqa: G004  # the mistake under test
        logger.info("fields", text=secret, phone=secret, token=secret, key=[secret.encode()])
        logging.getLogger("aiohttp.client").exception("GET https://u:%s@host failed", secret)
    assert written.getvalue().count(b"\n") == 4
    assert secret.encode() not in written.getvalue()


def test_a_secret_learnt_later_is_masked_too(written: io.BytesIO) -> None:
    log.protect(["learnt-later"])
    logger.info("signed_in", words="learnt-later planted-secret")
    assert b"learnt-later" not in written.getvalue()
    assert b"planted-secret" not in written.getvalue()


class _Awkward:
    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "value", ["\ud800", b"\xff\x00", math.nan, _Awkward(), {1: {2: {3: {4: {5: 6}}}}}, {"\ud800"}]
)
def test_any_value_can_be_logged(lines: Lines, value: object) -> None:
    logger.info("thing_seen", value=value, level="mine", event_="also mine")
    (line,) = lines()
    assert line["level"] == "info"
    assert line["level_"] == "mine"


def test_one_event_is_one_line(written: io.BytesIO) -> None:
    logger.info("thing_seen", words="one\ntwo\r\u2028three", event_words="\x00")
    assert written.getvalue().count(b"\n") == 1


def test_an_exception_is_written_with_its_traceback(lines: Lines) -> None:
    try:
        raise KeyError("x")
    except KeyError:
        logger.exception("failed")
    assert "test_log.py" in lines()[0]["exception"]
    assert lines()[0]["level"] == "error"


def test_libraries_and_warnings_speak_through_us(lines: Lines) -> None:
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("%s is slow", "it")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    first, second = lines()
    assert (first["event"], first["library"], first["words"]) == (
        "library_spoke",
        "some.library",
        "it is slow",
    )
    assert second["library"] == "py.warnings"


def test_nobody_reading_stops_nothing(written: io.BytesIO) -> None:
    written.close()
    logger.info("said_to_nobody")


def test_thousands_of_lines_a_second(written: io.BytesIO) -> None:
    started = time.perf_counter()
    for number in range(5000):
        logger.info(
            "message_sent", account="site_1", message_id="ce7396b9-fe1f-5094-b362-53ca309fe53f", number=number
        )
    spent = time.perf_counter() - started
    assert spent < 1, f"{5000 / spent:.0f} lines a second"
    assert len([json.loads(line) for line in written.getvalue().splitlines()]) == 5000
