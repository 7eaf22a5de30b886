"""What a visitor is told when something is refused, in Russian and in English."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Code: TypeAlias = Literal[
    "rate",
    "too_long",
    "empty",
    "too_large",
    "unknown_site",
    "foreign_origin",
    "unavailable",
    "unknown_frame",
    "flood",
    "stopping",
    "no_file",
    "too_many_files",
    "file_too_large",
    "empty_file",
    "files_unavailable",
    "file_gone",
    "too_many_uploads",
    "not_let_in",
]
Language: TypeAlias = Literal["ru", "en"]

_WORDS: Final[dict[Code, tuple[str, str]]] = {
    "rate": (
        "Too many messages at once. Yours is kept and will be sent in a moment.",
        "Слишком много сообщений подряд. Ваше сохранено и уйдёт через мгновение.",
    ),
    "too_long": (
        "The message is too long: at most {limit} characters. Divide it into several.",
        "Сообщение слишком длинное: не больше {limit} знаков. Разделите его на несколько.",
    ),
    "empty": ("The message is empty.", "Сообщение пустое."),
    "too_large": (
        "This is more than the chat can take at once.",
        "Это больше, чем чат может принять за раз.",
    ),
    "unknown_site": (
        "This chat is not connected. Tell the owner of the site.",
        "Этот чат не подключён. Сообщите владельцу сайта.",
    ),
    "foreign_origin": (
        "This chat belongs to another site. Tell the owner of the site.",
        "Этот чат принадлежит другому сайту. Сообщите владельцу сайта.",
    ),
    "unavailable": (
        "The chat is not available right now. Your message is kept and will be sent as soon as it is back.",
        "Чат сейчас недоступен. Ваше сообщение сохранено и уйдёт, как только он вернётся.",
    ),
    "unknown_frame": (
        "The chat did not understand that. Reload the page.",
        "Чат этого не понял. Обновите страницу.",
    ),
    "flood": (
        "Too many requests. Reload the page later.",
        "Слишком много запросов. Обновите страницу позже.",
    ),
    "no_file": (
        "The file did not arrive. Attach it once more.",
        "Файл не дошёл. Прикрепите его ещё раз.",
    ),
    "too_many_files": (
        "Too many files in one message: at most {files}. Send the others after it.",
        "Слишком много файлов в одном сообщении: не больше {files}. Остальные отправьте следом.",
    ),
    "file_too_large": (
        "The file is too large: at most {megabytes} MB.",
        "Файл слишком большой: не больше {megabytes} МБ.",
    ),
    "empty_file": ("The file is empty.", "Файл пустой."),
    "files_unavailable": (
        "Files cannot be taken or shown right now. Try again in a minute.",
        "Сейчас файлы нельзя принять или показать. Попробуйте через минуту.",
    ),
    "file_gone": ("This file is no longer kept.", "Этот файл больше не хранится."),
    "too_many_uploads": (
        "Too many files at once. Try again in a minute.",
        "Слишком много файлов подряд. Попробуйте через минуту.",
    ),
    "not_let_in": (
        "The chat does not know you any more. Reload the page.",
        "Чат вас больше не узнаёт. Обновите страницу.",
    ),
    "stopping": ("The chat will be back in a moment.", "Чат вернётся через мгновение."),
}

CODES: Final[tuple[Code, ...]] = tuple(_WORDS)


def words(code: Code, language: Language, **values: object) -> str:
    """The words for the visitor."""
    english, russian = _WORDS[code]
    return (russian if language == "ru" else english).format(**values)


def language_of(wanted: str | None, otherwise: Language) -> Language:
    """`ru` or `en` from a browser's language or an Accept-Language header."""
    first = (wanted or "").strip().lower()[:2]
    return "ru" if first == "ru" else "en" if first == "en" else otherwise
