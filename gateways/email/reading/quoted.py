"""What of a mail is new, what is quoted and what is signature; together they hold every line.

    words ⏎ attribution ⏎ > quote            words above: the quote is folded
    attribution ⏎ > quote ⏎ words            words below: the same
    > question ⏎ answer ⏎ > question ⏎ …     answers between: the questions stay where they are
    words ⏎ From: … Sent: … ⏎ older mail     everything from the headers on is quoted
    ---- Forwarded message ----              content: it is what the sender wants us to read

In doubt a line is new: what is folded away wrongly is worse than what is shown twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from gateways.email.reading.attribution import (
    attribution_ending,
    header_block,
    is_forward,
    is_forwarded_subject,
    is_original,
    is_ruler,
)
from gateways.email.reading.html_words import Line
from gateways.email.reading.signature import words_end

LOOKED_AT: Final = 2000
"""Lines in which the beginning of a quote is looked for; a longer mail is words."""
_SHORT_QUOTE: Final = 5
"""Quoted lines at the top without an attribution: a question that its answer needs."""
_WRAPPED: Final = 58
"""From this length on a quoted line was broken by a program, and its rest has no mark."""
_HEADING: Final = 3
"""Lines of an attribution above the first marked one."""

_How: TypeAlias = Literal["marked", "to_the_end"]


@dataclass(frozen=True, slots=True)
class Split:
    reply: str
    quoted: str
    signature: str


@dataclass(frozen=True, slots=True)
class _Quote:
    """Where a quote begins, where its heading ends, and how far it goes."""

    start: int
    body: int
    how: _How
    sure: bool


def split(lines: Sequence[Line], subject: str = "") -> Split:
    """`lines` have the roles that HTML gave them, if it gave any."""
    texts = [line.text for line in lines]
    quote = _folded_quote(lines, texts, forwarded=is_forwarded_subject(subject))
    if quote is None:
        return _put_together(lines, [], list(range(len(lines))), [])
    above = list(range(quote.start))
    if quote.how == "marked":
        return _around_marks(lines, texts, quote, above)
    quoted = [at for at in range(quote.start, len(lines)) if _goes_on(lines, quote, at)]
    below = [at for at in range(quote.start, len(lines)) if not _goes_on(lines, quote, at)]
    return _put_together(lines, above, below, quoted)


def _folded_quote(lines: Sequence[Line], texts: Sequence[str], *, forwarded: bool) -> _Quote | None:
    """The first that is sure, or has words above it: headers at the very top are what somebody passes on."""
    at = 0
    while at < len(texts):
        quote = _first_quote(lines, texts, at, forwarded=forwarded)
        if quote is None or quote.sure or quote.how == "marked":
            return quote
        if any(text.strip() for text in texts[at : quote.start]):
            return quote
        at = quote.body
    return None


def _first_quote(
    lines: Sequence[Line], texts: Sequence[str], first: int, *, forwarded: bool
) -> _Quote | None:
    for at in range(first, min(len(texts), LOOKED_AT)):
        text = texts[at]
        if not text.strip():
            continue
        if is_forward(text):
            return None
        if lines[at].role == "quote":
            return _told(texts, at, forwarded=forwarded)
        if _is_marked(text):
            return _marked(texts, at)
        if not forwarded and is_original(text):
            return _Quote(at, at + 1, "to_the_end", sure=True)
        end = None if forwarded else header_block(texts, at)
        if end is not None:
            return _Quote(_with_rulers(texts, at), end, "to_the_end", sure=False)
        start = attribution_ending(texts, at)
        if start is not None:
            return _attributed(texts, start, at)
    return None


def _told(texts: Sequence[str], at: int, *, forwarded: bool) -> _Quote | None:
    """The HTML says that a quote begins; a forwarded mail stands in the same element."""
    first = next((text for text in texts[at : at + 10] if text.strip()), "")
    if is_forward(first) or (forwarded and not _is_marked(first)):
        return None
    heading = [i for i in range(at, min(at + 8, len(texts))) if texts[i].strip()]
    body = next((i for i in heading if _is_marked(texts[i])), None)
    if body is not None and heading.index(body) <= _HEADING:
        return _Quote(at, body, "marked", sure=True)
    return _Quote(_with_rulers(texts, at), at, "to_the_end", sure=True)


def _marked(texts: Sequence[str], at: int) -> _Quote | None:
    """Marks without an attribution above them; some programs put it behind the first mark."""
    bare = [text.lstrip("> ") for text in texts[at : at + 4]]
    attributed = any(attribution_ending(bare, last) is not None for last in range(len(bare)))
    if any(is_forward(text) for text in bare):
        return None
    end = at
    while end < len(texts) and (_is_marked(texts[end]) or not texts[end].strip()):
        end += 1
    above = any(text.strip() for text in texts[:at])
    below = any(text.strip() for text in texts[end:])
    count = sum(1 for text in texts[at:end] if text.strip("> "))
    if below and not attributed and count <= _SHORT_QUOTE:
        return None
    return _Quote(at, at, "marked", sure=attributed or not above)


def _attributed(texts: Sequence[str], start: int, last: int) -> _Quote:
    following = [text for text in texts[last + 1 : last + 8] if text.strip()]
    if any(_is_marked(text) for text in following[:2]):
        return _Quote(start, last + 1, "marked", sure=True)
    return _Quote(start, last + 1, "to_the_end", sure=False)


def _with_rulers(texts: Sequence[str], at: int) -> int:
    """Lines of dashes and headings above the headers of a quoted mail belong to it."""
    start = at
    for above in range(at - 1, max(-1, at - 6), -1):
        if is_ruler(texts[above]) or is_original(texts[above]):
            start = above
        elif texts[above].strip():
            break
    return start


def _goes_on(lines: Sequence[Line], quote: _Quote, at: int) -> bool:
    """Below a quote that HTML told of, words may follow; below the others nobody can tell."""
    return lines[quote.start].role != "quote" or lines[at].role == "quote" or not lines[at].text.strip()


def _around_marks(lines: Sequence[Line], texts: Sequence[str], quote: _Quote, above: list[int]) -> Split:
    inside = [_is_marked(text) for text in texts]
    for at in range(quote.body, len(texts)):
        if not inside[at] and texts[at].strip() and _is_wrapped(texts, inside, at):
            inside[at] = True
    fresh = [at for at in range(quote.body, len(texts)) if texts[at].strip() and not inside[at]]
    signed = words_end(lines[: len(texts)]) if fresh else len(texts)
    answers = [at for at in fresh if at < signed]
    marks = [at for at in range(quote.start, len(texts)) if inside[at]]
    if not answers:
        signs = set(fresh)
        quoted = [at for at in range(quote.start, len(texts)) if at not in signs]
        return _put_together(lines, above, fresh, quoted)
    between = any(answers[0] < at < answers[-1] for at in marks) or (
        any(at > answers[-1] for at in marks) and any(at < answers[0] for at in marks)
    )
    if between:
        last = answers[-1]
        kept = list(range(quote.start, last + 1))
        tail = [at for at in range(last + 1, len(texts)) if inside[at]]
        rest = [at for at in range(last + 1, len(texts)) if not inside[at]]
        return _put_together(lines, above + kept, rest, tail)
    quoted = [at for at in range(quote.start, len(texts)) if inside[at] or at < quote.body]
    below = [at for at in range(quote.body, len(texts)) if not inside[at]]
    return _put_together(lines, above, below, quoted)


def _is_wrapped(texts: Sequence[str], inside: Sequence[bool], at: int) -> bool:
    """One line between two marked ones, behind a long one: its mark was lost when it was broken."""
    return (
        0 < at < len(texts) - 1
        and inside[at - 1]
        and inside[at + 1]
        and len(texts[at - 1].rstrip()) >= _WRAPPED
        and len(texts[at]) < len(texts[at - 1])
        and len(texts[at - 1].split()) > 1
    )


def _is_marked(text: str) -> bool:
    return text[:4].lstrip()[:1] == ">" and text.strip() != ">:"  # the end of an address that was broken


def _put_together(lines: Sequence[Line], above: list[int], below: list[int], quoted: list[int]) -> Split:
    """Signatures end what stands above the quote, and what stands below it."""
    reply: list[str] = []
    signed: list[str] = []
    for rows in (above, below):
        here = [lines[at] for at in rows]
        end = words_end(here)
        words = _text([line.text for line in here[:end]])
        rest = _text([line.text for line in here[end:]])
        if words:
            reply.append(words)
        if rest:
            signed.append(rest)
    return Split("\n\n".join(reply), _text([lines[at].text for at in quoted]), "\n\n".join(signed))


def _text(texts: Sequence[str]) -> str:
    """Without blank lines at both ends."""
    first, last = 0, len(texts)
    while first < last and not texts[first].strip():
        first += 1
    while last > first and not texts[last - 1].strip():
        last -= 1
    return "\n".join(texts[first:last])
