"""Every refusal has words in both languages, and the same parameters in each."""

import re

import pytest

from shared.contract.commands import Refusal
from shared.contract.refusals import CODES, words


@pytest.mark.parametrize("code", CODES)
def test_both_languages_say_it(code: str) -> None:
    english, russian = words(code, "en"), words(code, "ru-RU")  # type: ignore[arg-type]
    assert english != russian
    assert re.search("[А-Яа-я]", russian)
    assert not re.search("[А-Яа-я]", english)
    assert "{" not in english + russian


def test_parameters_are_filled_in() -> None:
    refusal = Refusal(code="assigned_to_other", parameters={"who": "Анна"})
    assert refusal.words("en") == "Анна has already taken this conversation."
    assert refusal.words("ru") == "Это обращение уже взял(а) Анна."


def test_a_parameter_that_braces_itself_is_only_words() -> None:
    assert "{0.__class__}" in Refusal(code="invalid", parameters={"reason": "{0.__class__}"}).words()
