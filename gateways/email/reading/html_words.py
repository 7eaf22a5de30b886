"""Words of HTML as lines, as a mail program would write its text part: quotes behind "> ", lists with "- ".

Mail programs mark what they quote and sign by names of elements; a line remembers in what it stood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Role: TypeAlias = Literal["words", "quote", "signature"]


@dataclass(slots=True)
class Line:
    """`role` is what the program said of it; most lines are words as far as anybody was told."""

    text: str
    role: Role = "words"


_BLOCKS: Final = frozenset(
    name
    for names in (
        "address article aside blockquote caption center dd details dir div dl dt figcaption figure footer",
        "h1 h2 h3 h4 h5 h6 header hr li main menu nav ol p pre section summary table tbody tfoot thead tr ul",
    )
    for name in names.split()
)
_APART: Final = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "blockquote", "dl"}
)
"""Elements with a blank line around them."""
_VOID: Final = frozenset({"br", "hr", "img", "wbr", "col"})
_DEEPEST_QUOTE: Final = 20

_QUOTES: Final = re.compile(
    r"(?:^|\s)(?:gmail_quote|gmail_quote_container|gmail_attr|yahoo_quoted|protonmail_quote|tutanota_quote"
    r"|zmail_extra|moz-cite-prefix|moz-email-headers-table|mail-quote-collapse|mailru-quote|js-readmsg-msg"
    r"|ms-outlook-mobile-reference-message|mcntreplytext|hm_quote|front-blockquote|email_quote"
    r"|history_container|quotedtext)(?:\s|$)",
    re.IGNORECASE,
)
_QUOTES_TO_THE_END: Final = re.compile(
    r"^(?:x_)*(?:divrplyfwdmsg|mail-editor-reference-message-container|zwchr|reply-intro|replysplit"
    r"|originalmessageheader|isreplycontent)$",
    re.IGNORECASE,
)
_SIGNATURES: Final = re.compile(
    r"(?:^|\s)(?:gmail_signature|gmail_signature_prefix|moz-signature|protonmail_signature_block"
    r"|yahoo-signature|composer_signature|signature-container|elided-signature)(?:\s|$)",
    re.IGNORECASE,
)
_SIGNATURE_IDS: Final = re.compile(
    r"^(?:x_)*(?:signature|ms-outlook-mobile-signature|applemailsignature|linebreakatbeginningofsignature"
    r"|ymail_android_signature|mail_android_signature|bloop_sign)",
    re.IGNORECASE,
)
_INDENT: Final = re.compile(r"border:\s*(?:none|0)", re.IGNORECASE)
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
_UNSEEN: Final = " \t\xa0\u200b\ufeff"
_LINK_WORDS: Final = re.compile(r"[\W_]+")


@dataclass(slots=True)
class _Open:
    name: str
    role: Role | None
    quoted: bool = False


class Words:
    """Takes the tags and texts of well-formed HTML in their order."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._now: list[str] = []
        self._open: list[_Open] = []
        self._roles: list[Role] = []
        self._depth = 0
        self._pre = 0
        self._rest: Role | None = None
        self._link: tuple[str, int] | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "br":
            self._break()
        elif name == "img":
            alt = attributes.get("alt", "")
            self.text(alt if alt and not alt[0].isascii() and len(alt) < 12 else "")
        else:
            if name in {"td", "th"} and self._now:
                self._now.append(" ")
            if name in _BLOCKS:
                self._flush(apart=name in _APART)
            if name not in _VOID:
                self._enter(name, attributes)

    def _enter(self, name: str, attributes: Mapping[str, str]) -> None:
        role = _role(attributes) if attributes else None
        if "id" in attributes and _QUOTES_TO_THE_END.match(attributes["id"]):
            self._rest = "quote"
        quoted = name == "blockquote" and not _INDENT.search(attributes.get("style", ""))
        self._open.append(_Open(name, role, quoted))
        self._depth += quoted
        if role:
            self._roles.append(role)
        if name == "li":
            self._now.append("- ")
        elif name == "pre":
            self._pre += 1
        elif name == "a":
            self._link = (attributes.get("href", ""), len(self._now))

    def end(self, name: str) -> None:
        if name == "a":
            self._name_link()
        if name in _BLOCKS:
            self._flush(apart=name in _APART and name != "blockquote")
        while self._open:
            closed = self._open.pop()
            self._depth -= closed.quoted
            self._pre -= closed.name == "pre"
            if closed.role:
                self._roles.pop()
            if closed.name == name:
                break
        if name == "blockquote":
            self._flush(apart=True)

    def text(self, text: str) -> None:
        if self._pre:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self._now.append(first)
            for other in others:
                self._break()
                self._now.append(other)
            return
        text = _BLANKS.sub(" ", text)
        if text[:1] == " " and (not self._now or self._now[-1][-1:] in {" ", ""}):
            text = text[1:]
        if text:
            self._now.append(text)

    def lines(self) -> list[Line]:
        self._flush()
        while self._lines and not self._lines[-1].text.strip("> "):
            self._lines.pop()
        return self._lines

    def _name_link(self) -> None:
        """Behind its words, where they do not say it themselves."""
        if not self._link:
            return
        target, start = self._link
        self._link = None
        words = "".join(self._now[start:]).strip()
        bare = target.partition("?")[0].removeprefix("mailto:").removeprefix("tel:")
        if words and target[:4].lower() == "http" and not _same_link(words, bare):
            self._now.append(f" <{target}>")

    def _flush(self, *, apart: bool = False) -> None:
        """Ends the line that is being written, if one is; `apart`: a blank one follows."""
        if self._pre or (self._now and "".join(self._now).strip(" \xa0")):
            self._break()
        elif self._now:
            self._now.clear()
        if apart and self._lines:
            blank = Line(self._mark().rstrip(), self._role())
            if self._lines[-1].text.strip("> "):
                self._lines.append(blank)
            elif len(blank.text) < len(self._lines[-1].text):
                self._lines[-1] = blank

    def _break(self) -> None:
        text = "".join(self._now).rstrip(_UNSEEN)
        self._now.clear()
        if self._link:
            self._link = (self._link[0], 0)
        line = self._mark() + text if text else self._mark().rstrip()
        if text or (self._lines and self._lines[-1].text.strip("> ")):
            self._lines.append(Line(line, self._role()))

    def _mark(self) -> str:
        depth = min(self._depth, _DEEPEST_QUOTE)
        return ">" * depth + " " if depth else ""

    def _role(self) -> Role:
        if "quote" in self._roles or self._rest:
            return "quote"
        return self._roles[-1] if self._roles else "words"


def _role(attributes: Mapping[str, str]) -> Role | None:
    classes, identity = attributes.get("class", ""), attributes.get("id", "")
    if not classes and not identity:
        return None
    if _QUOTES.search(classes) or _QUOTES.search(identity):
        return "quote"
    if _SIGNATURES.search(classes) or _SIGNATURE_IDS.match(identity):
        return "signature"
    return None


def _same_link(words: str, target: str) -> bool:
    plain = _LINK_WORDS.sub("", target.lower())
    said = _LINK_WORDS.sub("", words.lower())
    return bool(said) and (said in plain or plain in said)
