"""The widget as it is built: one small file that leaves one name on the page."""

import gzip
import re

import pytest

from gateways.webchat.server import WIDGET

pytestmark = pytest.mark.feature("CH1")

LARGEST = 25_600


@pytest.fixture(scope="module")
def script() -> bytes:
    assert WIDGET.exists(), "the widget is not built: run `make page`"
    return WIDGET.read_bytes()


def test_size(script: bytes) -> None:
    assert len(gzip.compress(script, 9)) <= LARGEST


def test_one_script_without_foreign_addresses(script: bytes) -> None:
    text = script.decode()
    assert text.startswith(('"use strict";', "(()=>"))
    assert set(re.findall(r"https?://[\w.]+", text)) <= {"http://www.w3.org"}
    assert "eval(" not in text
    assert "Function(" not in text


def test_both_languages_are_inside(script: bytes) -> None:
    text = script.decode()
    assert "Write a message" in text
    assert "Напишите сообщение" in text


def test_what_the_host_element_is_the_page_cannot_change(script: bytes) -> None:
    host = re.search(r":host\{([^}]*)\}", script.decode())
    assert host is not None
    rules = host[1].split(";")
    assert rules[0] == "all:initial!important"
    assert all(rule.endswith("!important") for rule in rules)


def test_words_never_become_markup() -> None:
    sources = list((WIDGET.parents[1] / "src").rglob("*.ts*"))
    assert sources
    assert not [
        path.name
        for path in sources
        if re.search("innerHTML|outerHTML|insertAdjacent", path.read_text(), re.IGNORECASE)
    ]
