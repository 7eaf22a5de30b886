"""pydantic's errors in our words, both languages; nothing of the caller's input is in them.

pydantic puts input into messages (`tag 'abc' found`) and into places (the name of an unknown field), so only
the error's type, the limits that the model declares, and names that the model declares are taken over.
"""

from collections.abc import Mapping
from typing import Any, Final

from shared.http.problem import Fault, Words

_WRONG: Final = Words("is not valid", "неверно")
_KINDS: Final[Mapping[str, tuple[str, Words]]] = {
    "missing": ("missing", Words("is required", "обязательно")),
    "extra_forbidden": (
        "unknown_field",
        Words("has a field that does not exist", "содержит несуществующее поле"),
    ),
    "string_type": ("not_text", Words("must be text", "должно быть текстом")),
    "string_unicode": ("not_text", Words("must be valid UTF-8", "должно быть правильным UTF-8")),
    "string_too_short": (
        "too_short",
        Words("needs at least {min_length} characters", "не короче {min_length} симв."),
    ),
    "string_too_long": (
        "too_long",
        Words("takes at most {max_length} characters", "не длиннее {max_length} симв."),
    ),
    "string_pattern_mismatch": ("wrong_form", Words("does not have the right form", "не подходит по форме")),
    "too_short": ("too_few", Words("needs at least {min_length} items", "не меньше {min_length} элементов")),
    "too_long": ("too_many", Words("takes at most {max_length} items", "не больше {max_length} элементов")),
    "greater_than": ("too_small", Words("must be more than {gt}", "должно быть больше {gt}")),
    "greater_than_equal": ("too_small", Words("must be at least {ge}", "должно быть не меньше {ge}")),
    "less_than": ("too_large", Words("must be less than {lt}", "должно быть меньше {lt}")),
    "less_than_equal": ("too_large", Words("must be at most {le}", "должно быть не больше {le}")),
    "literal_error": (
        "unknown_value",
        Words("must be one of {expected}", "должно быть одним из: {expected}"),
    ),
    "enum": ("unknown_value", Words("must be one of {expected}", "должно быть одним из: {expected}")),
    "union_tag_invalid": (
        "unknown_value",
        Words("must be one of {expected_tags}", "должно быть одним из: {expected_tags}"),
    ),
    "union_tag_not_found": ("missing", Words("must say its kind", "должно называть свой вид")),
    "number_out_of_range": (
        "number_out_of_range",
        Words("has a number beyond 64 bits", "содержит число больше 64 бит"),
    ),
}
_FAMILIES: Final[tuple[tuple[str, str, Words], ...]] = (
    ("int_", "not_integer", Words("must be a whole number", "должно быть целым числом")),
    ("float_", "not_number", Words("must be a number", "должно быть числом")),
    ("finite_", "not_number", Words("must be a finite number", "должно быть конечным числом")),
    ("decimal_", "not_number", Words("must be a number", "должно быть числом")),
    ("bool_", "not_boolean", Words("must be true or false", "должно быть true или false")),
    ("uuid_", "not_uuid", Words("must be a UUID", "должно быть UUID")),
    (
        "datetime_",
        "not_time",
        Words("must be a time with its zone (ISO 8601)", "должно быть временем с поясом (ISO 8601)"),
    ),
    (
        "timezone_",
        "not_time",
        Words("must be a time with its zone (ISO 8601)", "должно быть временем с поясом (ISO 8601)"),
    ),
    ("date_", "not_date", Words("must be a date (ISO 8601)", "должно быть датой (ISO 8601)")),
    ("url_", "not_url", Words("must be an address", "должно быть адресом")),
    ("list_", "not_list", Words("must be a list", "должно быть списком")),
    ("tuple_", "not_list", Words("must be a list", "должно быть списком")),
    ("set_", "not_list", Words("must be a list", "должно быть списком")),
    ("frozen_set_", "not_list", Words("must be a list", "должно быть списком")),
    ("model_", "not_object", Words("must be an object", "должно быть объектом")),
    ("dict_", "not_object", Words("must be an object", "должно быть объектом")),
)
_DECLARED: Final = ("min_length", "max_length", "gt", "ge", "lt", "le", "expected", "expected_tags")


def fault_of(
    place: tuple[str | int, ...], kind: str, limits: Mapping[str, Any], names: frozenset[str]
) -> Fault:
    """The fault at `place`, told with declared names only."""
    if kind == "extra_forbidden":
        place = place[:-1]
    where = ".".join(str(part) for part in place[:1]) + "".join(
        f".{part}" for part in place[1:] if isinstance(part, int) or part in names
    )
    code, words = _told(kind)
    shown = {name: limits[name] for name in _DECLARED if name in limits}
    try:
        words = Words(words.en.format(**shown), words.ru.format(**shown))
    except KeyError:
        words = _WRONG
    return Fault(where, code, words)


def _told(kind: str) -> tuple[str, Words]:
    if kind in _KINDS:
        return _KINDS[kind]
    for start, code, words in _FAMILIES:
        if kind.startswith(start):
            return code, words
    return "invalid", _WRONG
