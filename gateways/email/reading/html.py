"""The HTML of a mail, made harmless to show, and its words.

    raw HTML ──nh3──▶ canonical HTML ──one walk──▶ what is shown    no ids, classes, styles
                                              └──▶ lines of words   with what containers say of quotes

Nothing is fetched. A picture elsewhere stays as `data-remote-src`, so that a page can show it when it is
asked to; `cid:` names an attachment, and a picture inside the HTML (`data:`) becomes one. nh3 comes first:
after it every tag is closed and every attribute quoted, so that the walk needs no parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape, unescape
from types import MappingProxyType
from typing import Final

import nh3

from gateways.email.reading.encoded_words import base64_bytes
from gateways.email.reading.html_words import Line, Words

LONGEST: Final = 5 * 1024 * 1024
"""Characters of HTML that are shown; a longer one stays a file."""
_DEEPEST: Final = 1000
_MOST_WORK: Final = 5_000_000
"""Tags times the depth of their nesting: what the parser's time grows with."""
_MOST_TAGS: Final = 60_000
_MOST_ENTITIES: Final = 100_000
"""Each is a piece of text by itself, and joining them takes quadratic time."""


def _names(*lines: str) -> frozenset[str]:
    return frozenset(name for line in lines for name in line.split())


_TAGS: Final = _names(
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del",
    "details dfn dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li",
    "main mark menu nav ol p pre q s samp section small span strike strong sub summary sup table tbody td",
    "tfoot th thead time tr tt u ul var wbr",
)
_DROPPED: Final = _names(
    "script style title template noscript iframe object embed svg math select textarea audio video canvas",
    "xmp noembed noframes plaintext applet frameset",
)
"""Gone with all that is in them."""
_SHOWN: Final = frozenset({"dir", "align", "lang", "title"})
_ATTRIBUTES: Final = {
    "*": {*_SHOWN, "class", "id", "style"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height", "border"},
    "font": {"color", "size", "face"},
    "ol": {"start", "type"},
    "li": {"value"},
    "blockquote": {"type"},
    "table": {"width", "height", "border", "cellpadding", "cellspacing", "bgcolor"},
    "tr": {"bgcolor", "valign", "height"},
    "td": {"width", "height", "bgcolor", "valign", "colspan", "rowspan", "nowrap"},
    "th": {"width", "height", "bgcolor", "valign", "colspan", "rowspan", "nowrap"},
    "col": {"width", "span"},
}
_INNER: Final = frozenset({"class", "id", "style"})
"""Read here and never shown."""
_STYLES: Final = {"display", "border", "border-left", "border-top", "mso-hide", "visibility"}
_VOID: Final = frozenset(
    {"br", "hr", "img", "wbr", "col", "input", "meta", "link", "base", "area", "param", "source"}
)
_CLOSED_BY_NEXT: Final = frozenset(
    {"p", "li", "td", "th", "tr", "dt", "dd", "option", "tbody", "thead", "tfoot"}
)

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_TOKEN: Final = re.compile(r"<(/?)([a-z0-9]+)((?:\"[^\"]*\"|[^\">])*)>|([^<]+)|<")
_ATTRIBUTE: Final = re.compile(r"\s([a-z-]+)=\"([^\"]*)\"")
_LINK: Final = re.compile(r"(?:https?|mailto|tel|sms|ftp|xmpp|sip):[^\x00-\x20]|#", re.IGNORECASE)
_REMOTE: Final = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_PICTURE: Final = re.compile(r"data:image/(png|jpe?g|gif|webp|bmp);base64,", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"display:\s*none|mso-hide:\s*all|visibility:\s*hidden", re.IGNORECASE)

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

_CLEANER: Final = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_DROPPED),
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto", "tel", "sms", "ftp", "xmpp", "sip", "cid", "data"},
    filter_style_properties=_STYLES,
    link_rel=None,
)


@dataclass(slots=True)
class Picture:
    """One that stood in the HTML itself."""

    content_id: str
    mime_type: str
    content: bytes


@dataclass(slots=True)
class Shown:
    """`html` is None where it is too much to show."""

    html: str | None
    lines: list[Line]
    remote_content: bool = False
    content_ids: set[str] = field(default_factory=set)
    pictures: dict[str, Picture] = field(default_factory=dict)


def shown(raw: str) -> Shown:
    """Harmless HTML, and its words."""
    if len(raw) > LONGEST or raw.count("&") > _MOST_ENTITIES or _too_complex(raw):
        return Shown(None, [Line(text) for text in _crude(raw).split("\n")])
    return _Walk().through(_CLEANER.clean(raw.replace("\x00", "")))


def _too_complex(raw: str) -> bool:
    """An upper bound: elements that nobody closed count as open."""
    depth, deepest, count = 0, 0, 0
    for found in _TAG.finditer(raw):
        name = found[2].lower()
        count += 1
        if name in _VOID or name in _CLOSED_BY_NEXT:
            continue
        depth = max(0, depth - 1) if found[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest > _DEEPEST or count > _MOST_TAGS or deepest * count > _MOST_WORK


def _crude(raw: str) -> str:
    """Words of what cannot be parsed."""
    text = re.sub(r"<[^<>]{0,2000}>", "\n", raw)
    return "\n".join(line.strip() for line in unescape(text).split("\n") if line.strip())


class _Walk:
    def __init__(self) -> None:
        self._out: list[str] = []
        self._words = Words()
        self._hidden = 0
        self._result = Shown("", [])

    def through(self, canonical: str) -> Shown:
        for closing, name, attributes, text in _tokens(canonical):
            if self._hidden:
                self._hidden += 0 if not name or name in _VOID else -1 if closing else 1
            elif not name:
                self._out.append(text)
                self._words.text(unescape(text) if "&" in text else text)
            elif closing:
                self._out.append(f"</{name}>")
                self._words.end(name)
            else:
                self._start(name, attributes)
        self._result.html = "".join(self._out).strip()
        self._result.lines = self._words.lines()
        return self._result

    def _start(self, name: str, raw: str) -> None:
        if not raw:
            self._words.start(name, _NOTHING)
            self._out.append(f"<{name}>")
            return
        found = {key: unescape(value) for key, value in _ATTRIBUTE.findall(raw)}
        if "style" in found and _HIDDEN.search(found["style"]):
            self._hidden = 0 if name in _VOID else 1
            return
        self._words.start(name, found)
        kept = {key: value for key, value in found.items() if key not in _INNER}
        if name == "a":
            kept = self._link(kept)
        elif name == "img":
            kept = self._picture(kept)
        written = "".join(f' {key}="{escape(value)}"' for key, value in kept.items())
        self._out.append(f"<{name}{written}>")

    def _link(self, kept: dict[str, str]) -> dict[str, str]:
        target = kept.pop("href", "").strip()
        if target.startswith("//"):
            target = "https:" + target
        if not _LINK.match(target):
            return kept
        return {**kept, "href": target, "target": "_blank", "rel": "noopener noreferrer nofollow"}

    def _picture(self, kept: dict[str, str]) -> dict[str, str]:
        source = kept.pop("src", "").strip()
        if _REMOTE.match(source):
            self._result.remote_content = True
            return {"data-remote-src": "https:" + source if source.startswith("//") else source, **kept}
        if source[:4].lower() == "cid:":
            identity = source[4:].strip("<>")
            self._result.content_ids.add(identity)
            return {"src": f"cid:{identity}", **kept}
        inside = _PICTURE.match(source)
        if inside:
            content = base64_bytes(source[inside.end() :].encode("ascii", "ignore"))
            identity = f"{sha256(content).hexdigest()[:24]}@inside"
            mime_type = "image/" + inside[1].lower().replace("jpg", "jpeg")
            self._result.content_ids.add(identity)
            self._result.pictures[identity] = Picture(identity, mime_type, content)
            return {"src": f"cid:{identity}", **kept}
        return kept


def _tokens(canonical: str) -> Iterator[tuple[bool, str, str, str]]:
    """(closing, tag, attributes, text) of what nh3 wrote."""
    for found in _TOKEN.finditer(canonical):
        closing, name, attributes, text = found.groups()
        yield bool(closing), name or "", attributes or "", text or ("" if name else found[0])


def as_html(text: str) -> str:
    """Plain words between pieces of HTML."""
    return f"<pre>{escape(text)}</pre>" if text.strip() else ""
