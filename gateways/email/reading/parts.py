"""From the tree of parts to what people see: words in their order, HTML to show, files, reports.

multipart/alternative   one piece of words in two forms         multipart/mixed, related   one after another
multipart/signed        the words, and the signature as a file   multipart/encrypted        files
message/rfc822          a file: a forwarded mail is a mail       text with a name           a file
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from gateways.email.mail import Attached, Protection
from gateways.email.reading import html
from gateways.email.reading.charsets import codec_of, decode
from gateways.email.reading.fields import header_block
from gateways.email.reading.filenames import LONGEST_NAME, name_of
from gateways.email.reading.html_words import Line
from gateways.email.reading.parameters import Parameters
from gateways.email.reading.plain import plain_lines, tidy
from gateways.email.reading.structure import Part
from gateways.email.reading.transfer import undo
from gateways.email.reading.winmail import Winmail, is_winmail, unpacked
from gateways.kit.text import clean_line
from shared.files.names import safe_name

_SIGNED: Final = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)
_ENVELOPED: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_WORDS: Final = frozenset({"text/plain", "text/html", "text/enriched", "text/markdown", "text/x-amp-html"})
_REPORTS: Final = frozenset(
    {"message/delivery-status", "message/disposition-notification", "message/global-delivery-status"}
)
_RETURNED: Final = frozenset(
    {"message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers"}
)
_META_CHARSET: Final = re.compile(
    rb"<meta[^>]{0,300}charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{2,40})", re.IGNORECASE
)
_NO_PARAMETERS: Final = Parameters("")
_PLACEHOLDER: Final = re.compile(r"\bhtml\b|browser|браузер", re.IGNORECASE)


@dataclass(slots=True)
class Piece:
    """Words that stand together: as lines, as HTML to show, or both."""

    lines: list[Line]
    html: str | None = None
    html_lines: list[Line] | None = None
    """The lines of the HTML, where `lines` are those of a text part beside it."""

    @property
    def blank(self) -> bool:
        return not any(line.text.strip() for line in self.lines)


@dataclass(slots=True)
class Contents:
    pieces: list[Piece] = field(default_factory=list)
    files: list[Attached] = field(default_factory=list)
    reports: list[tuple[str, bytes]] = field(default_factory=list)
    """Reports of programs with their type, and the mail, or its headers, that they speak of."""
    calendars: list[tuple[bytes, Parameters]] = field(default_factory=list)
    content_ids: set[str] = field(default_factory=set)
    """What the HTML shows in place."""
    remote_content: bool = False
    protection: Protection | None = None
    defects: list[str] = field(default_factory=list)

    def take(self, part: Part, *, top: bool = False, alternative: bool = False) -> None:
        """Adds a part with all that is below it."""
        if part.truncated:
            self.defects.append("a boundary is missing")
        if part.children:
            self._take_multipart(part, alternative=alternative)
        else:
            self._take_leaf(part, top=top, alternative=alternative)

    def _take_multipart(self, part: Part, *, alternative: bool) -> None:
        if part.type == "multipart/encrypted":
            self.protection = "encrypted"
        elif part.type == "multipart/signed" and self.protection is None:
            self.protection = "signed"
        if part.type == "multipart/alternative":
            self._take_alternative(part)
        else:
            for child in part.children:
                root = alternative and part.type == "multipart/related" and child is part.children[0]
                self.take(child, alternative=root)

    def _take_alternative(self, part: Part) -> None:
        """The text for words and the HTML to show; whatever else is offered is a file."""
        plain: list[Piece] = []
        shown: list[Piece] = []
        for child in part.children:
            offered = Contents(protection=self.protection)
            offered.take(child, alternative=True)
            has_html = any(piece.html is not None for piece in offered.pieces)
            if has_html:
                shown = offered.pieces
            elif not all(piece.blank for piece in offered.pieces) and not plain:
                plain = offered.pieces
            self._merge(offered)
        if plain and shown:
            self.pieces.append(_both(plain, shown))
        else:
            self.pieces += plain or shown

    def _merge(self, other: Contents) -> None:
        self.files += other.files
        self.reports += other.reports
        self.calendars += other.calendars
        self.content_ids |= other.content_ids
        self.remote_content |= other.remote_content
        self.protection = other.protection
        self.defects += other.defects

    def _take_leaf(self, part: Part, *, top: bool, alternative: bool) -> None:
        content, defect = undo(part.content, part.fields.text("content-transfer-encoding"))
        if defect:
            self.defects.append(defect)
        written = clean_line(
            part.disposition.words("filename") or part.content_type.words("name"), LONGEST_NAME
        )
        attached = part.disposition.value.startswith("attach")
        kind = "text/plain" if part.main_type == "multipart" else part.type
        if kind in _REPORTS and not header_block(content.lstrip(b"\r\n"))[0].rows:
            kind = "text/plain"  # a server's words under the wrong name
        if kind in _WORDS and not attached and (top or alternative or not written):
            if kind == "text/html":
                self._show(content, part.content_type)
            elif kind != "text/x-amp-html":
                self._take_plain(content, part)
            return
        if kind in _REPORTS or kind in _RETURNED:
            self.reports.append((kind, content))
        elif kind == "text/calendar" or written.lower().endswith(".ics"):
            self.calendars.append((content, part.content_type))
        self._protect(kind, part)
        if is_winmail(kind, written) and self._take_winmail(content):
            return
        if content or written or kind not in _WORDS:
            self._add(kind, written, content, part.content_id)

    def _protect(self, kind: str, part: Part) -> None:
        if kind in _ENVELOPED:
            signed = part.content_type.token("smime-type") in {"signed-data", "certs-only"}
            self.protection = "signed" if signed else "encrypted"
        elif kind in _SIGNED and self.protection is None:
            self.protection = "signed"

    def _take_plain(self, content: bytes, part: Part) -> None:
        text = self._decoded(content, part.content_type)
        self.pieces.append(Piece(plain_lines(text, part.content_type)))
        if "-----BEGIN PGP" in text:
            if "-----BEGIN PGP MESSAGE-----" in text:
                self.protection = "encrypted"
            elif "-----BEGIN PGP SIGNED MESSAGE-----" in text and self.protection is None:
                self.protection = "signed"

    def _show(self, content: bytes, content_type: Parameters) -> None:
        text = tidy(self._decoded(content, content_type, of_html=True))
        shown = html.shown(text)
        if shown.html is None:
            self.defects.append("its HTML is too much to show")
            self._add("text/html", "", content, None)
        self.content_ids |= shown.content_ids
        self.remote_content |= shown.remote_content
        self.files += [
            _file(picture.mime_type, "", picture.content, picture.content_id)
            for picture in shown.pictures.values()
        ]
        self.pieces.append(Piece(shown.lines, shown.html))

    def _decoded(self, content: bytes, content_type: Parameters, *, of_html: bool = False) -> str:
        charset: str | None = content_type.token("charset") or None
        if of_html and codec_of(charset) is None:
            named = _META_CHARSET.search(content, 0, 4096)
            charset = named[1].decode("ascii") if named else charset
        text, defect = decode(content, charset)
        if defect:
            self.defects.append(f"charset: {defect}")
        return text

    def _take_winmail(self, content: bytes) -> bool:
        """False where nobody can open it: it is kept as it came."""
        letter: Winmail | None = unpacked(content)
        if letter is None:
            self.defects.append("winmail.dat could not be opened")
            return False
        for name, data in letter.files:
            self._add("application/octet-stream", name, data, None)
        if all(piece.blank for piece in self.pieces):
            if letter.html:
                self._show(letter.html, _NO_PARAMETERS)
            elif letter.text:
                self.pieces.append(Piece([Line(line) for line in tidy(letter.text).split("\n")]))
        return bool(letter.files or letter.text or letter.html)

    def _add(self, kind: str, written: str, content: bytes, content_id: str | None) -> None:
        self.files.append(_file(kind, written, content, content_id))


def _file(kind: str, written: str, content: bytes, content_id: str | None) -> Attached:
    named = name_of(kind, written, content)
    return Attached(
        name=safe_name(named),
        mime_type=kind,
        content=content,
        content_id=content_id,
        written_name=written,
    )


def _both(plain: list[Piece], shown: list[Piece]) -> Piece:
    """One piece of two forms; the HTML's words where the text only says that there is HTML."""
    lines = [line for piece in plain for line in piece.lines]
    html_lines = [line for piece in shown for line in piece.lines]
    markup = "\n".join(
        piece.html if piece.html is not None else html.as_html("\n".join(line.text for line in piece.lines))
        for piece in shown
    )
    text = " ".join(line.text for line in lines)[:300]
    if (
        len(text) < 300
        and _PLACEHOLDER.search(text)
        and sum(len(line.text) for line in html_lines) > 3 * len(text)
    ):
        return Piece(html_lines, markup)
    return Piece(lines, markup, html_lines)
