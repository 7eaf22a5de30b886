"""Every limit is told in words, in the visitor's language."""

import json

import pytest

from gateways.webchat import render
from gateways.webchat.words import CODES, Code, Language, language_of, words

pytestmark = pytest.mark.feature("CH1")


VALUES = {"limit": 4000, "files": 5, "megabytes": 30}
LANGUAGES: tuple[Language, Language] = ("en", "ru")


@pytest.mark.parametrize("code", CODES)
def test_both_languages(code: Code) -> None:
    english, russian = (words(code, one, **VALUES) for one in LANGUAGES)
    assert english != russian
    assert english.isascii()
    assert "{" not in english + russian


def test_whose_language() -> None:
    assert language_of("ru-RU,en;q=0.5", "en") == "ru"
    assert language_of("EN-us", "ru") == "en"
    assert language_of("de", "ru") == "ru"
    assert language_of(None, "en") == "en"


def test_an_error_frame() -> None:
    frame = json.loads(render.error("too_long", "ru", cid="x", limit=4000))
    assert frame == {"t": "err", "code": "too_long", "words": words("too_long", "ru", limit=4000), "cid": "x"}
    assert "4000" in frame["words"]
    assert json.loads(render.error("rate", "en", retry_after=1.234))["retry_after"] == 1.23
