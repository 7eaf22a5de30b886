"""What the shape of a fact does not say: each broken rule is told with its field, in words. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from pydantic_core import to_json

from gateways.http.protocol.content import ContentGiven, FileGiven, MediaGiven, StickerGiven, UnsupportedGiven
from gateways.http.protocol.facts import Call, Chat, FactGiven, Facts
from shared.http.problem import Fault, Words

CONTEXT_BYTES: Final = 4096
RAW_BYTES: Final = 64 * 1024
ROW_BYTES: Final = 240_000
"""A fact as it travels; bodies on the bus stay under 256 KB."""

NO_PARTS: Final = Words(
    "needs a part, or the button that was pressed", "нужна хотя бы одна часть или нажатая кнопка"
)
TWO_TEXTS: Final = Words("takes at most one part of text", "допускает не больше одной текстовой части")
ONE_PLACE: Final = Words("needs one of upload and url", "нужно одно из полей upload и url")
NO_UPLOAD: Final = Words(
    "names no field of the form: send multipart/form-data with a file in that field",
    "не называет поле формы: пришлите multipart/form-data с файлом в этом поле",
)
UNNAMED: Final = Words(
    "has a file that no fact names: name its field as upload",
    "содержит файл, который не назван ни в одном факте",
)
TOO_BIG: Final = Words(
    "is too large as a whole: send long texts as files",
    "слишком велик целиком: длинные тексты присылайте файлами",
)


def small(limit: int) -> Words:
    return Words(f"takes at most {limit} bytes as JSON", f"не больше {limit} байт в виде JSON")


def broken(facts: Facts, uploads: Collection[str]) -> list[Fault]:
    """The rules that are broken; `uploads`: the fields of the form that hold files."""
    faults = [
        fault
        for place, fact in enumerate(facts.facts)
        for fault in _of_fact(f"body.facts.{place}", fact, uploads)
    ]
    if set(uploads) - {file.upload for file in files(facts)}:
        faults.append(Fault("body", "file_not_named", UNNAMED))
    return faults


def files(facts: Facts) -> Iterator[FileGiven]:
    """Every file that is named."""
    for fact in facts.facts:
        for _place, file in _files(fact):
            yield file


def _files(fact: FactGiven) -> Iterator[tuple[str, FileGiven]]:
    if isinstance(fact, ContentGiven):
        for place, part in enumerate(fact.parts):
            if isinstance(part, MediaGiven | StickerGiven) and part.file is not None:
                yield f"parts.{place}.file", part.file
    if isinstance(fact, Call) and fact.recording is not None:
        yield "recording", fact.recording


def _of_fact(where: str, fact: FactGiven, uploads: Collection[str]) -> Iterator[Fault]:
    for place, file in _files(fact):
        if (file.upload is None) == (file.url is None):
            yield Fault(f"{where}.{place}", "one_of", ONE_PLACE)
        elif file.upload is not None and file.upload not in uploads:
            yield Fault(f"{where}.{place}.upload", "no_such_upload", NO_UPLOAD)
    if isinstance(fact, ContentGiven):
        yield from _of_content(where, fact)
    if isinstance(fact, Chat) and len(to_json(fact.context)) > CONTEXT_BYTES:
        yield Fault(f"{where}.context", "too_large", small(CONTEXT_BYTES))


def _of_content(where: str, content: ContentGiven) -> Iterator[Fault]:
    if not content.parts and content.pressed is None:
        yield Fault(f"{where}.parts", "too_few", NO_PARTS)
    if sum(part.kind == "text" for part in content.parts) > 1:
        yield Fault(f"{where}.parts", "too_many", TWO_TEXTS)
    for place, part in enumerate(content.parts):
        if isinstance(part, UnsupportedGiven) and len(to_json(part.raw)) > RAW_BYTES:
            yield Fault(f"{where}.parts.{place}.raw", "too_large", small(RAW_BYTES))
