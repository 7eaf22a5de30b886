"""Problems: stable codes, words in the caller's language."""

import pytest

from shared.http import problem
from shared.http.problem import Fault, Kind, Problem, Words, language_of


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en-GB,ru;q=0.9", "en"),
        ("ru;q=0.5,en;q=0.5", "en"),
        ("de,ru;q=0.3", "ru"),
        ("ru;q=0", "en"),
        ("*", "en"),
        ("RU", "ru"),
        ("ru;q=abc,en", "en"),
        (",;;q=1,\xff", "en"),
        ("ru," * 10_000, "ru"),
    ],
)
def test_language_of_the_caller(accept: str | None, language: str) -> None:
    assert language_of(accept) == language


def test_a_document_says_what_and_what_to_do() -> None:
    fault = Fault("body.text", "too_long", Words("is long", "длинно"))
    raised = Problem(problem.INTERNAL, detail=Words("d", "д"), faults=[fault])
    shown = problem.document(raised, "ru", "abc").model_dump(exclude_none=True)
    assert shown == {
        "type": "urn:switchboard:problem:internal",
        "title": "У нас что-то сломалось.",
        "status": 500,
        "code": "internal",
        "detail": "д",
        "remedy": "Повторите; если не поможет, сообщите trace_id.",
        "trace_id": "abc",
        "errors": [{"where": "body.text", "code": "too_long", "words": "длинно"}],
    }


def test_every_kind_has_words_of_its_own_in_both_languages() -> None:
    kinds = [value for value in vars(problem).values() if isinstance(value, Kind)]
    assert len({kind.code for kind in kinds}) == len(kinds) > 10
    for kind in kinds:
        for words in filter(None, (kind.words, kind.remedy)):
            assert words.en.isascii()
            assert any("а" <= letter <= "я" for letter in words.ru)


@pytest.mark.parametrize(("code", "status"), [("Not Found", 404), ("fine", 200)])
def test_a_kind_that_is_none_is_refused(code: str, status: int) -> None:
    with pytest.raises(ValueError, match="snake_case"):
        Kind(code, status, Words("", ""))
