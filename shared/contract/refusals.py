"""Everything that a command may be refused for: a closed list, with words for the person who asked.

A refusal's words may name what changed (`{who}`, `{limit}`); the parameters travel beside the code, so that
another language can be made of it anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

RefusalCode: TypeAlias = Literal[
    "account_not_connected",
    "account_unknown",
    "already_exists",
    "assigned_to_other",
    "closing_untaken_forbidden",
    "conflict",
    "conversation_closed",
    "conversation_moved_on",
    "conversation_not_found",
    "expired",
    "group_unknown",
    "invalid",
    "last_administrator",
    "message_not_found",
    "no_right",
    "not_assigned",
    "not_available",
    "not_possible",
    "operator_disabled",
    "operator_unknown",
    "parked_not_found",
    "text_empty",
    "text_too_long",
    "unknown_command",
]

_WORDS: Final[Mapping[RefusalCode, tuple[str, str]]] = {
    "account_not_connected": (
        "The account {account} is not connected: nothing can be sent through it until it is back.",
        "Аккаунт {account} не подключён: пока он не вернётся, через него ничего не отправить.",
    ),
    "account_unknown": ("There is no account {account}.", "Аккаунта {account} нет."),
    "already_exists": ("{what} already exists.", "{what} уже есть."),
    "assigned_to_other": ("{who} has already taken this conversation.", "Это обращение уже взял(а) {who}."),
    "closing_untaken_forbidden": (
        "Take the conversation first: one that nobody took may not be closed here.",
        "Сначала возьмите обращение: здесь нельзя закрыть то, которое никто не взял.",
    ),
    "conflict": (
        "Another request with the same id said something else. Send it with a new id.",
        "Под тем же номером уже был другой запрос. Отправьте с новым номером.",
    ),
    "conversation_closed": (
        "The conversation is closed. It opens again when the client writes.",
        "Обращение закрыто. Оно откроется, когда клиент напишет.",
    ),
    "conversation_moved_on": (
        "The conversation has moved on since you last looked: read what is new, then send again.",
        "Пока вы писали, в обращении появилось новое: прочтите и отправьте ещё раз.",
    ),
    "conversation_not_found": ("There is no such conversation.", "Такого обращения нет."),
    "expired": (
        "The request waited too long and was not carried out. Send it again.",
        "Запрос ждал слишком долго и не выполнен. Отправьте его ещё раз.",
    ),
    "group_unknown": ("There is no group {group}.", "Группы {group} нет."),
    "invalid": ("The request is not valid: {reason}", "Запрос неверен: {reason}"),
    "last_administrator": (
        "This is the last administrator: give the role to somebody else first.",
        "Это последний администратор: сначала дайте эту роль кому-нибудь ещё.",
    ),
    "message_not_found": ("There is no such message.", "Такого сообщения нет."),
    "no_right": ("You have no right to do this: {right}.", "У вас нет права на это действие: {right}."),
    "not_assigned": ("Nobody has taken this conversation yet.", "Это обращение ещё никто не взял."),
    "not_available": (
        "You are not available: change your status to take conversations.",
        "Вы недоступны: смените статус, чтобы брать обращения.",
    ),
    "not_possible": ("This channel cannot do it: {capability}.", "Этот канал так не умеет: {capability}."),
    "operator_disabled": ("This operator is switched off.", "Этот оператор отключён."),
    "operator_unknown": ("There is no operator {operator}.", "Оператора {operator} нет."),
    "parked_not_found": ("There is no such parked message.", "Такого отложенного сообщения нет."),
    "text_empty": (
        "Write something first: the message is empty.",
        "Сначала напишите что-нибудь: сообщение пустое.",
    ),
    "text_too_long": (
        "The text is too long for this channel: {length} characters, {limit} at most.",
        "Текст слишком длинный для этого канала: {length} знаков, можно не больше {limit}.",
    ),
    "unknown_command": (
        "This command is not known here: {type}.",
        "Такая команда здесь неизвестна: {type}.",
    ),
}

CODES: Final[tuple[RefusalCode, ...]] = tuple(_WORDS)


class _Blank(dict[str, str]):
    """A parameter that nobody gave reads as a dash, never as an error."""

    def __missing__(self, name: str) -> str:
        return "—"


def words(code: RefusalCode, language: str = "en", parameters: Mapping[str, str] | None = None) -> str:
    """What to tell the person who asked, in `ru` or `en`."""
    english, russian = _WORDS[code]
    template = russian if language.lower().startswith("ru") else english
    return template.format_map(_Blank(parameters or {}))
