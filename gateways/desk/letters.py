"""The HTML of a mail as a page that shows and does nothing, and the headers under which it leaves.

    <p>Hi <img src="cid:0198…"></p>  →  <p>Hi <img src="data:image/png;base64,…"></p>

The gateway that took the mail in has made its HTML harmless, with a real parser. What it kept has one form
only: names in small letters, attributes in double quotes. So it is let through here once more without a
parser, by a list: whatever is not exactly of that form is shown as words, what no list names is left out.
Should both fail, the policy is left: no script, form, frame or style of others, no way out of the frame, and
nothing fetched from anywhere.

A document in a sandbox is of no origin, so what it fetches travels without the session: pictures of the mail
stand in the page itself. Pictures from elsewhere are let in only where the reader asked for them.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Container, Iterator, Mapping
from hashlib import sha256
from html import escape, unescape
from typing import Final
from uuid import UUID

from shared.http.problem import Kind, Words

_TAGS: Final = frozenset(
    {
        "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br",
        "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn",
        "dir", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3",
        "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "menu",
        "nav", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong",
        "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt",
        "u", "ul", "var", "wbr",
    }
)  # fmt: skip
_ALWAYS: Final = frozenset({"dir", "align", "lang", "title"})
_CELL: Final = frozenset({"width", "height", "bgcolor", "valign", "colspan", "rowspan", "nowrap"})
_ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    "img": frozenset({"alt", "width", "height", "border"}),
    "font": frozenset({"color", "size", "face"}),
    "ol": frozenset({"start", "type"}),
    "li": frozenset({"value"}),
    "table": frozenset({"width", "height", "border", "cellpadding", "cellspacing", "bgcolor"}),
    "tr": frozenset({"bgcolor", "valign", "height"}),
    "td": _CELL,
    "th": _CELL,
    "col": frozenset({"width", "span"}),
}
_TAG: Final = re.compile(r"<(/?)([a-z][a-z0-9]{0,11})((?:\s[a-z-]+=\"[^\"<>]*\")*+)\s?>")
_ATTRIBUTE: Final = re.compile(r"\s([a-z-]+)=\"([^\"]*)\"")
_LINK: Final = re.compile(r"(?:https?|mailto|tel|sms|xmpp|sip):[^\x00-\x20]+", re.IGNORECASE)
_REMOTE: Final = re.compile(r"https?://([^\s\"'<>]+)", re.IGNORECASE)
_CID: Final = re.compile(r"cid:([0-9a-f-]{36})", re.IGNORECASE)

STYLE: Final = (
    ":root{color-scheme:light;background:#fff;color:#1e1d1a}"
    "body{margin:12px;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "img,table{max-width:100%}img{height:auto}pre{white-space:pre-wrap}"
    "blockquote{margin:.5em 0;padding-left:.8em;border-left:2px solid #8b877c}a{color:#0c5d53}"
)
_STYLE_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
TOO_LONG: Final = Kind(
    "letter_too_long",
    422,
    Words("The mail is too long to be shown here.", "Письмо слишком велико, чтобы показать его здесь."),
    Words("Download it and open it in a mail program.", "Скачайте его и откройте в почтовой программе."),
)
FRAME: Final = "allow-popups allow-popups-to-escape-sandbox"
"""A link opens in a window of its own, once it is pressed; nothing else may be done."""

HEAD: Final = (
    '<!doctype html><html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    f"<title>Mail</title><style>{STYLE}</style></head><body>"
)
TAIL: Final = "</body></html>"


def headers(*, remote: bool) -> dict[str, str]:
    """Those of the page; `remote`: pictures from elsewhere were asked for, by https, told nothing of us."""
    pictures = "data: https:" if remote else "data:"
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": (
            f"sandbox {FRAME}; default-src 'none'; img-src {pictures}; style-src 'sha256-{_STYLE_HASH}'; "
            "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
        ),
        "X-Frame-Options": "SAMEORIGIN",
        "X-Content-Type-Options": "nosniff",
        "X-DNS-Prefetch-Control": "off",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
        "Cache-Control": "private, no-store",
        "Content-Disposition": "inline",
    }


def page_of(words: str) -> str:
    """A page that says these words, in the place of a mail that cannot be shown."""
    return f"{HEAD}<p>{escape(words)}</p>{TAIL}"


def page(html: str, pictures: Container[UUID], *, remote: bool) -> list[str | UUID]:
    """The page in pieces; an id stands within a tag, where the `src` of that picture belongs."""
    joined: list[str | UUID] = []
    words = [HEAD]
    for piece in _let_through(html, pictures, remote=remote):
        if isinstance(piece, str):
            words.append(piece)
        else:
            joined += ["".join(words), piece]
            words = []
    return [*joined, "".join([*words, TAIL])]


def _let_through(html: str, pictures: Container[UUID], *, remote: bool) -> Iterator[str | UUID]:
    at = 0
    for found in _TAG.finditer(html):
        yield html[at : found.start()].replace("<", "&lt;")
        at = found.end()
        closing, name, attributes = found.groups()
        if name not in _TAGS:
            continue
        if closing:
            yield f"</{name}>"
        elif name == "img":
            yield from _picture(_read(attributes), pictures, remote=remote)
        else:
            yield f"<{name}{_written(name, _read(attributes))}>"
    yield html[at:].replace("<", "&lt;")


def _read(attributes: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}


def _written(name: str, found: Mapping[str, str]) -> str:
    allowed = _ATTRIBUTES.get(name, _ALWAYS)
    kept = {key: value for key, value in found.items() if key in allowed or key in _ALWAYS}
    target = found.get("href", "").strip()
    if name == "a" and _LINK.fullmatch(target):
        kept |= {"href": target, "target": "_blank", "rel": "noopener noreferrer nofollow"}
    return "".join(f' {key}="{escape(value)}"' for key, value in kept.items())


def _picture(found: dict[str, str], pictures: Container[UUID], *, remote: bool) -> Iterator[str | UUID]:
    """One of the mail's own, one from elsewhere where that was asked for, else what it is called."""
    written = f"<img{_written('img', found)}"
    own = _CID.fullmatch(found.get("src", ""))
    elsewhere = _REMOTE.fullmatch(found.get("data-remote-src", "").strip())
    if own is not None and (id_ := _id(own[1])) in pictures:
        yield written
        yield id_
        yield ">"
    elif remote and elsewhere is not None:
        yield f'{written} src="https://{escape(elsewhere[1])}" referrerpolicy="no-referrer">'
    else:
        yield f"{written}>"


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
