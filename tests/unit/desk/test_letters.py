"""The HTML of a mail, let through once more: what the gateway keeps stays as it is, nothing else does."""

from __future__ import annotations

import time
from uuid import UUID

import pytest

from gateways.desk import letters
from gateways.email.reading.html import shown
from tests.unit.desk.hostile_letters import CASES, OWN, Case

pytestmark = pytest.mark.feature("CH11")


def through(html: str, *, remote: bool = False) -> str:
    """Between head and tail, with `{own}` in the place of the picture."""
    pieces = letters.page(html, {OWN}, remote=remote)
    whole = "".join("{own}" if isinstance(piece, UUID) else piece for piece in pieces)
    assert whole.startswith(letters.HEAD)
    assert whole.endswith(letters.TAIL)
    return whole.removeprefix(letters.HEAD).removesuffix(letters.TAIL)


@pytest.mark.parametrize("case", CASES, ids=[case.why for case in CASES])
def test_harm_stays_outside(case: Case) -> None:
    assert through(case.given) == case.then
    assert through(case.given, remote=True) == (case.asked or case.then)


def test_what_the_gateway_keeps_is_shown_as_it_is() -> None:
    """Both have a list of their own: the desk's is not the shorter one."""
    from gateways.email.reading.html import _ATTRIBUTES, _INNER, _SHOWN, _TAGS  # noqa: PLC0415  # its lists, to compare

    dropped = {"a": {"name"}, "blockquote": {"type"}}
    for tag in sorted(_TAGS - {"img", "a", "table", "tr", "td", "th", "col"}):
        kept = sorted((_ATTRIBUTES.get(tag, set()) | _SHOWN) - _INNER - dropped.get(tag, set()))
        written = "".join(f' {name}="1"' for name in kept)
        given = f"<{tag}{written}>words"
        assert through(given) == given
    for tag in ("table", "tr", "td", "th", "col"):
        given = f"<{tag}" + "".join(f' {name}="1"' for name in sorted(_ATTRIBUTES[tag])) + ">"
        assert through(given) == given


def test_a_mail_of_the_gateway_comes_through() -> None:
    raw = (
        '<html><body onload="x()"><h1 class="big">Lamps &amp; more</h1><p style="color:red">5 &lt; 6 "yes"'
        '<br>next</p><ul><li>one</li></ul><a href="https://shop.test/a?b=1&c=2">shop</a>'
        '<img src="https://shop.test/a.png" width="10" alt="lamp"></body></html>'
    )
    kept = shown(raw).html
    assert kept is not None
    remote = 'data-remote-src="https://shop.test/a.png" '
    assert remote in kept
    link = ' target="_blank" rel="noopener noreferrer nofollow"'
    assert through(kept).replace(link, "") == kept.replace(remote, "").replace(link, "")
    assert 'src="https://shop.test/a.png"' in through(kept, remote=True)


def test_pictures_from_elsewhere_are_in_the_policy_only_when_asked_for() -> None:
    quiet, asked = (letters.headers(remote=remote)["Content-Security-Policy"] for remote in (False, True))
    assert "img-src data:;" in quiet
    assert "img-src data: https:;" in asked
    for policy in (quiet, asked):
        directives = dict(one.strip().partition(" ")[::2] for one in policy.split(";"))
        assert directives["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"
        assert directives["default-src"] == directives["form-action"] == directives["base-uri"] == "'none'"
        assert directives["frame-ancestors"] == "'self'"
        assert "script-src" not in directives
        assert directives["style-src"].startswith("'sha256-")


def test_words_of_a_page_are_words() -> None:
    assert "&lt;script&gt;" in letters.page_of("<script>")


@pytest.mark.parametrize("piece", ["<a ", '<a a=""', ' a=""', "<p>", '<a a="', "<", '"<p ', "&"])
def test_nothing_takes_long(piece: str) -> None:
    started = time.process_time()
    through("<p" + piece * (400_000 // len(piece)))
    assert time.process_time() - started < 2
