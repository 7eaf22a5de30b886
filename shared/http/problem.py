"""Errors of the HTTP interface: RFC 9457 problems with a stable code and words in the caller's language.

A problem says what is wrong and, where there is one, the remedy. It never repeats what was sent: not a value,
not a name that the caller chose.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["ru", "en"]
MEDIA_TYPE: Final = "application/problem+json"
_TYPE_PREFIX: Final = "urn:switchboard:problem:"
_QUALITY: Final = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


@dataclass(frozen=True, slots=True)
class Words:
    """The same sentence in both languages."""

    en: str
    ru: str

    def in_(self, language: Language) -> str:
        return self.ru if language == "ru" else self.en


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its code never changes, its words may."""

    code: str
    status: int
    words: Words
    remedy: Words | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]{1,60}", self.code) or not 400 <= self.status <= 599:
            raise ValueError(
                f"a problem needs a snake_case code and a status of 400 to 599, not {self.code} {self.status}"
            )


@dataclass(frozen=True, slots=True)
class Fault:
    """One field that is wrong: where (as declared, `body.parts.0.text`), the rule's code, and words."""

    where: str
    code: str
    words: Words


class Problem(Exception):
    """Raised by a handler to answer with a problem."""

    def __init__(
        self,
        kind: Kind,
        *,
        detail: Words | None = None,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})


class FaultDocument(BaseModel):
    """One field that is wrong."""

    model_config = ConfigDict(title="Fault", extra="forbid")

    where: str = Field(description="The field, as the interface declares it.")
    code: str = Field(description="The rule that it breaks; stable.")
    words: str = Field(description="The rule in the caller's language.")


class ProblemDocument(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(title="Problem", extra="forbid")

    type: str = Field(description="A URN that ends in the code.")
    title: str = Field(description="What is wrong, in the caller's language.")
    status: int = Field(description="The HTTP status.")
    code: str = Field(description="What is wrong, for programs; stable.")
    detail: str | None = Field(default=None, description="What is wrong this time.")
    remedy: str | None = Field(default=None, description="What to do about it.")
    trace_id: str | None = Field(default=None, description="What to look for in the logs.")
    errors: list[FaultDocument] | None = Field(default=None, description="Each field that is wrong.")


def document(problem: Problem, language: Language, trace_id: str | None) -> ProblemDocument:
    """The problem as it is sent."""
    kind = problem.kind
    errors = [FaultDocument(where=f.where, code=f.code, words=f.words.in_(language)) for f in problem.faults]
    return ProblemDocument(
        type=_TYPE_PREFIX + kind.code,
        title=kind.words.in_(language),
        status=kind.status,
        code=kind.code,
        detail=problem.detail.in_(language) if problem.detail else None,
        remedy=kind.remedy.in_(language) if kind.remedy else None,
        trace_id=trace_id,
        errors=errors or None,
    )


def language_of(accept_language: str | None) -> Language:
    """Russian where the caller prefers it to English, else English."""
    best: dict[str, float] = {}
    for choice in (accept_language or "")[:500].lower().split(","):
        tag, _, parameter = choice.partition(";")
        quality = _QUALITY.fullmatch(parameter.strip()) if parameter else None
        weight = float(quality[1]) if quality else 0.0 if parameter else 1.0
        primary = tag.strip().partition("-")[0]
        best[primary] = max(best.get(primary, 0.0), weight)
    return "ru" if best.get("ru", 0.0) > best.get("en", 0.0) else "en"


def _kind(code: str, status: int, en: str, ru: str, remedy: Words | None = None) -> Kind:
    return Kind(code, status, Words(en, ru), remedy)


MALFORMED = _kind("malformed", 400, "The request cannot be read.", "Запрос не удаётся прочитать.")
BAD_JSON = _kind(
    "bad_json",
    400,
    "The body is not valid JSON.",
    "Тело запроса не является правильным JSON.",
    Words(
        "Send UTF-8 JSON without NaN, at most 200 levels deep.",
        "Пришлите JSON в UTF-8 без NaN, не глубже 200 уровней.",
    ),
)
UNAUTHENTICATED = _kind(
    "unauthenticated",
    401,
    "You are not signed in.",
    "Вы не вошли.",
    Words("Sign in and try again.", "Войдите и повторите."),
)
FORBIDDEN = _kind(
    "forbidden",
    403,
    "You have no right to do this.",
    "У вас нет права на это действие.",
    Words("Ask an administrator for the right.", "Попросите администратора дать право."),
)
NOT_FOUND = _kind("not_found", 404, "There is no such thing.", "Такого нет.")
METHOD_NOT_ALLOWED = _kind(
    "method_not_allowed", 405, "This method is not allowed here.", "Этот метод здесь не разрешён."
)
TIMED_OUT = _kind("body_too_slow", 408, "The body did not arrive in time.", "Тело запроса не пришло вовремя.")
CONFLICT = _kind("conflict", 409, "Something else happened first.", "Что-то другое произошло раньше.")
TOO_LARGE = _kind("too_large", 413, "The body is too large.", "Тело запроса слишком велико.")
NOT_JSON = _kind(
    "not_json",
    415,
    "The body must be JSON.",
    "Тело запроса должно быть JSON.",
    Words(
        "Send Content-Type: application/json without compression.",
        "Пришлите Content-Type: application/json без сжатия.",
    ),
)
INVALID = _kind("invalid", 422, "Some fields are wrong.", "Некоторые поля неверны.")
TOO_MANY = _kind("too_many_requests", 429, "Too many requests.", "Слишком много запросов.")
INTERNAL = _kind(
    "internal",
    500,
    "Something broke on our side.",
    "У нас что-то сломалось.",
    Words("Try again; if it stays, report the trace_id.", "Повторите; если не поможет, сообщите trace_id."),
)
UNAVAILABLE = _kind(
    "unavailable",
    503,
    "The service cannot do this at the moment.",
    "Сервис сейчас не может этого сделать.",
    Words("Try again in a few seconds.", "Повторите через несколько секунд."),
)

BY_STATUS: Final[Mapping[int, Kind]] = {
    kind.status: kind
    for kind in (
        MALFORMED, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, METHOD_NOT_ALLOWED, TIMED_OUT, CONFLICT, TOO_LARGE,
        NOT_JSON, INVALID, TOO_MANY, INTERNAL, UNAVAILABLE,
    )
}  # fmt: skip
