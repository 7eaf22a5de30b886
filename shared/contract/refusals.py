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
    "account_unseen",
    "address_wrong",
    "already_exists",
    "assigned_to_other",
    "category_required",
    "category_unknown",
    "closing_others_forbidden",
    "closing_untaken_forbidden",
    "conflict",
    "contact_unknown",
    "conversation_closed",
    "conversation_moved_on",
    "conversation_not_found",
    "conversation_open",
    "email_wrong",
    "expired",
    "group_unknown",
    "invalid",
    "last_administrator",
    "limit_reached",
    "message_not_found",
    "no_right",
    "not_assigned",
    "not_closed",
    "not_possible",
    "note_not_found",
    "offer_not_found",
    "offer_pending",
    "operator_cannot_see",
    "operator_disabled",
    "operator_not_online",
    "operator_not_receiving",
    "operator_unknown",
    "parked_not_found",
    "participant_responsible",
    "phone_wrong",
    "resuming_impossible",
    "status_forbids",
    "status_unknown",
    "template_alone",
    "template_first",
    "template_not_found",
    "template_not_approved",
    "template_places",
    "text_empty",
    "text_too_long",
    "unknown_command",
    "window_over",
    "writing_first_impossible",
]

_WORDS: Final[Mapping[RefusalCode, tuple[str, str]]] = {
    "account_not_connected": (
        "The account {account} is not connected: nothing can be sent through it until it is back.",
        "Аккаунт {account} не подключён: пока он не вернётся, через него ничего не отправить.",
    ),
    "account_unknown": ("There is no account {account}.", "Аккаунта {account} нет."),
    "account_unseen": (
        "There is no such account, or you have no access to it.",
        "Такого аккаунта нет, или у вас нет к нему доступа.",
    ),
    "address_wrong": (
        "Nobody can be written to there: the address has to be one line of this channel's own id.",
        "По такому адресу не написать: нужен идентификатор из этого канала, одной строкой.",
    ),
    "already_exists": ("{what} already exists.", "{what} уже есть."),
    "assigned_to_other": ("{who} has already taken this conversation.", "Это обращение уже взял(а) {who}."),
    "category_required": (
        "Choose a category to close this conversation.",
        "Чтобы закрыть обращение, выберите категорию.",
    ),
    "category_unknown": (
        "There is no category “{category}” here: choose one of the list.",
        "Категории «{category}» здесь нет: выберите из списка.",
    ),
    "closing_others_forbidden": (
        "This conversation is {who}'s, and here only the responsible one closes it.",
        "Обращение ведёт {who}: здесь закрыть его может только ответственный.",
    ),
    "closing_untaken_forbidden": (
        "Take the conversation first: one that nobody took may not be closed here.",
        "Сначала возьмите обращение: здесь нельзя закрыть то, которое никто не взял.",
    ),
    "conflict": (
        "Another request with the same id said something else. Send it with a new id.",
        "Под тем же номером уже был другой запрос. Отправьте с новым номером.",
    ),
    "contact_unknown": ("There is no such contact.", "Такого контакта нет."),
    "conversation_closed": (
        "The conversation is closed. It opens again when the client writes.",
        "Обращение закрыто. Оно откроется, когда клиент напишет.",
    ),
    "conversation_moved_on": (
        "While you were typing, something new was written: read it, then send again.",
        "Пока вы писали, в обращении появилось новое: прочтите и отправьте ещё раз.",
    ),
    "conversation_open": (
        "There is an open conversation with this person here already: {who}.",
        "С этим человеком здесь уже есть открытое обращение: {who}.",
    ),
    "conversation_not_found": ("There is no such conversation.", "Такого обращения нет."),
    "email_wrong": (
        "This is no e-mail address: write it as anna@example.com.",
        "Это не адрес почты: напишите его в виде anna@example.com.",
    ),
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
    "limit_reached": (
        "{who} already has {limit} conversations, as many as allowed.",
        "У {who} уже {limit} обращений, больше нельзя.",
    ),
    "message_not_found": ("There is no such message.", "Такого сообщения нет."),
    "no_right": ("You have no right to do this: {right}.", "У вас нет права на это действие: {right}."),
    "not_assigned": ("Nobody has taken this conversation yet.", "Это обращение ещё никто не взял."),
    "not_closed": ("The conversation is open already.", "Обращение уже открыто."),
    "not_possible": ("This channel cannot do it: {capability}.", "Этот канал так не умеет: {capability}."),
    "note_not_found": ("There is no such note of yours.", "Такой вашей заметки нет."),
    "offer_not_found": (
        "There is no offer to you here: it was taken, recalled, or its time was over.",
        "Предложения вам здесь нет: его приняли, отозвали или время вышло.",
    ),
    "offer_pending": (
        "It is being offered to {who} already: recall that offer first.",
        "Обращение уже предложено: {who}. Сначала отзовите предложение.",
    ),
    "operator_cannot_see": (
        "{who} has no access to the account {account}.",
        "У {who} нет доступа к аккаунту {account}.",
    ),
    "operator_disabled": ("This operator is switched off.", "Этот оператор отключён."),
    "operator_not_online": (
        "{who} is not online, and this channel is handed over only to one who is.",
        "{who} не в сети, а в этом канале обращение передают только тем, кто в сети.",
    ),
    "operator_not_receiving": (
        "{who} takes no transfers now: {status}.",
        "{who} сейчас не принимает обращения: {status}.",
    ),
    "operator_unknown": ("There is no operator {operator}.", "Оператора {operator} нет."),
    "parked_not_found": ("There is no such parked message.", "Такого отложенного сообщения нет."),
    "participant_responsible": (
        "The responsible one cannot leave: transfer or return the conversation.",
        "Ответственный не может выйти: передайте обращение или верните в новые.",
    ),
    "phone_wrong": (
        "This is no whole phone number: write it with + and the code of the country, as +7 900 123-45-67.",
        "Это неполный номер телефона: напишите его с + и кодом страны, например +7 900 123-45-67.",
    ),
    "resuming_impossible": (
        "In this channel only the client opens a closed conversation again.",
        "В этом канале закрытое обращение открывает только клиент.",
    ),
    "status_forbids": (
        "Your status “{status}” does not allow this: change it first.",
        "Ваш статус «{status}» этого не позволяет: сначала смените его.",
    ),
    "status_unknown": ("There is no status {status}.", "Статуса {status} нет."),
    "template_alone": (
        "A template goes alone, with nothing but the file of its header: send the rest after it.",
        "Шаблон отправляют отдельно, с ним может быть только файл заголовка: остальное отправьте следом.",
    ),
    "template_first": (
        "This channel takes nothing but a template until the client has written: choose one.",
        "Пока клиент не написал, этот канал принимает только шаблон: выберите его.",
    ),
    "template_not_approved": (
        "The account has no template “{name}” in this language ({language}): choose one from the list.",
        "У аккаунта нет шаблона «{name}» на этом языке ({language}): выберите из списка.",
    ),
    "template_places": (
        "The template “{name}” has places to fill in: {needed}; filled in: {given}.",
        "В шаблоне «{name}» мест для заполнения: {needed}, заполнено: {given}.",
    ),
    "template_not_found": ("There is no such template.", "Такого шаблона нет."),
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
    "window_over": (
        "The client has not written for {hours} hours: the channel takes only a template now. Choose one.",
        "Клиент не писал уже {hours} ч: канал примет только шаблон. Выберите его.",
    ),
    "writing_first_impossible": (
        "In this channel the client writes first: you can only answer.",
        "В этом канале первым пишет клиент: вы можете только ответить.",
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
