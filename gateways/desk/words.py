"""Problems that only the desk tells, in both languages; refusals of commands become problems here too."""

from __future__ import annotations

from typing import Final

from shared.contract.commands import Refusal
from shared.http.problem import Kind, Problem, Words

WRONG_PASSWORD: Final = Kind(
    "wrong_password",
    401,
    Words("The login or the password is wrong.", "Неверный логин или пароль."),
    Words("Check both and try again.", "Проверьте их и попробуйте ещё раз."),
)
OPERATOR_DISABLED: Final = Kind(
    "operator_disabled",
    403,
    Words("This operator is switched off.", "Этот оператор отключён."),
    Words("Ask an administrator to switch it on.", "Попросите администратора включить его."),
)
TOO_MANY_ATTEMPTS: Final = Kind(
    "too_many_attempts",
    429,
    Words("Too many failed attempts to sign in.", "Слишком много неудачных попыток входа."),
    Words(
        "Wait a little and try again, or sign in from a browser that you have used before.",
        "Подождите немного и попробуйте снова или войдите из браузера, которым уже пользовались.",
    ),
)
FOREIGN_REQUEST: Final = Kind(
    "foreign_request",
    403,
    Words("The request does not come from the workplace.", "Запрос пришёл не с рабочего места."),
    Words("Open the workplace itself and try again.", "Откройте само рабочее место и попробуйте снова."),
)
TICKET_REFUSED: Final = Kind(
    "ticket_refused",
    401,
    Words("The ticket is unknown, used or too old.", "Билет неизвестен, использован или устарел."),
    Words("Ask for a new ticket and connect again.", "Получите новый билет и подключитесь снова."),
)
TOO_MANY_CONNECTIONS: Final = Kind(
    "too_many_connections",
    429,
    Words("Too many live connections of one operator.", "Слишком много подключений одного оператора."),
    Words("Close some windows of the workplace.", "Закройте лишние окна рабочего места."),
)
UNDECIDED: Final = Kind(
    "unavailable",
    503,
    Words(
        "There is no connection to the messaging system. What you wrote is kept and will be sent again.",
        "Нет связи с системой сообщений. Написанное сохранено и будет отправлено повторно.",
    ),
    Words("Nothing needs to be done.", "Ничего делать не нужно."),
)
TOO_BIG: Final = Words(
    "The file is larger than 30 MB, the most that may be sent.",
    "Файл больше 30 МБ: это наибольший размер, который можно отправить.",
)
EMPTY_FILE: Final = Kind(
    "empty_file",
    422,
    Words("The file is empty.", "Файл пуст."),
    Words("Choose another file.", "Выберите другой файл."),
)
TOO_MANY_UPLOADS: Final = Kind(
    "too_many_uploads",
    429,
    Words("Too many files wait to be sent.", "Слишком много файлов ждёт отправки."),
    Words("Send some of them, or wait a day.", "Отправьте часть из них или подождите сутки."),
)
ATTACHMENT_UNKNOWN: Final = Kind(
    "attachment_unknown",
    409,
    Words(
        "A file of this message is not yours to send, or it was sent already.",
        "Один из файлов этого сообщения загружен не вами или уже отправлен.",
    ),
    Words("Attach the file anew.", "Прикрепите файл заново."),
)
ATTACHMENT_EXPIRED: Final = Kind(
    "attachment_expired",
    410,
    Words(
        "The file was kept for as long as files are kept; it is gone.",
        "Срок хранения файла прошёл: его больше нет.",
    ),
)
ATTACHMENT_PENDING: Final = Kind(
    "attachment_pending",
    409,
    Words("The file has not come in yet.", "Файл ещё не получен."),
    Words("Try again in a moment.", "Повторите чуть позже."),
)
NOT_YOUR_MESSAGE: Final = Kind(
    "not_your_message",
    403,
    Words(
        "Only the author may change a message or delete it.",
        "Изменить или удалить сообщение может только его автор.",
    ),
)
QUOTE_UNSENT: Final = Kind(
    "quote_unsent",
    409,
    Words(
        "The quoted message has not reached the client's channel yet.",
        "Цитируемое сообщение ещё не дошло до канала клиента.",
    ),
    Words("Send again in a moment.", "Отправьте ещё раз чуть позже."),
)
RETRY: Final = {"Retry-After": "2"}
_STATUS: Final = {
    "no_right": 403,
    "operator_disabled": 403,
    "conversation_not_found": 404,
    "message_not_found": 404,
    "parked_not_found": 404,
    "operator_unknown": 404,
    "account_unknown": 404,
    "account_unseen": 404,
    "contact_unknown": 404,
    "group_unknown": 404,
    "note_not_found": 404,
    "status_unknown": 404,
    "template_not_found": 404,
    "invalid": 422,
    "address_wrong": 422,
    "email_wrong": 422,
    "phone_wrong": 422,
}


def of_refusal(refusal: Refusal) -> Problem:
    """What the router or the store refused, for whoever asked; a conversation that it names is led to."""
    words = Words(refusal.words("en"), refusal.words("ru"))
    kind = Kind(refusal.code, _STATUS.get(refusal.code, 409), words)
    named = refusal.parameters.get("conversation_id")
    return Problem(kind, headers={"Content-Location": f"/api/conversations/{named}"} if named else None)


def undecided() -> Problem:
    """Nobody knows whether a command was or will be carried out."""
    return Problem(UNDECIDED, headers=RETRY)
