"""What counts as an outage of a database, and what is our own mistake."""

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from shared.db.engine import is_outage, outages
from shared.failure import Unavailable


def postgres(state: str) -> OperationalError:
    return OperationalError("SELECT secret", {}, asyncpg.PostgresError.new({"C": state, "M": "words"}))


@pytest.mark.parametrize("state", ["08006", "40001", "40P01", "53300", "55P03", "57P01", "57014", "25P03"])
def test_outages_of_postgresql(state: str) -> None:
    assert is_outage(postgres(state))


@pytest.mark.parametrize("state", ["42P01", "42601", "22P02", "23505", "25P02"])
def test_mistakes_in_postgresql(state: str) -> None:
    assert not is_outage(postgres(state))


def test_sqlite_tells_them_apart(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db", timeout=0)) as one, closing(
        sqlite3.connect(tmp_path / "a.db", timeout=0)
    ) as two:  # fmt: skip
        one.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as locked:
            two.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as missing:
            one.execute("SELECT * FROM nowhere")
    assert is_outage(OperationalError("BEGIN", {}, locked.value))
    assert not is_outage(OperationalError("SELECT", {}, missing.value))


def test_the_words_hold_no_statement() -> None:
    with pytest.raises(Unavailable) as raised, outages():
        raise postgres("57P01")
    assert "secret" not in str(raised.value)
    assert isinstance(raised.value.__cause__, OperationalError)


@pytest.mark.parametrize(
    "error", [ConnectionResetError(104, "reset"), TimeoutError(), OSError(113, "no route")]
)
def test_sockets_that_fail_are_outages(error: BaseException) -> None:
    with pytest.raises(Unavailable), outages():
        raise error


@pytest.mark.parametrize(
    "error", [FileNotFoundError(2, "no", "/x"), IntegrityError("x", {}, ValueError()), KeyError("x")]
)
def test_bugs_stay_what_they_are(error: Exception) -> None:
    with pytest.raises(type(error)), outages():
        raise error
