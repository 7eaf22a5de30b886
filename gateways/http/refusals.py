"""What the endpoint answers besides the problems of every HTTP interface of ours."""

from __future__ import annotations

from typing import Final

from shared.http.problem import Kind, Words

UNPROVEN: Final = Kind(
    "not_proven",
    401,
    Words("The signature does not prove this account.", "Подпись не подтверждает эту учётную запись."),
    Words(
        "Sign <timestamp>.<body> with the account's secret, byte for byte as it is sent.",
        "Подпишите <timestamp>.<body> секретом учётной записи, байт в байт как отправляете.",
    ),
)
TOO_OLD: Final = Kind(
    "timestamp_off",
    401,
    Words("The timestamp is more than 5 minutes off.", "Метка времени расходится больше чем на 5 минут."),
    Words(
        "Set the clock, and sign each request anew.", "Настройте часы и подписывайте каждый запрос заново."
    ),
)
COMPRESSED: Final = Kind(
    "compressed",
    415,
    Words("The body is compressed.", "Тело запроса сжато."),
    Words("Send it without Content-Encoding.", "Пришлите его без Content-Encoding."),
)
BAD_FORM: Final = Kind(
    "bad_form",
    400,
    Words("The form cannot be read.", "Форму не удаётся прочитать."),
    Words(
        "Send multipart/form-data with JSON in the field facts and each file in a field of its own.",
        "Пришлите multipart/form-data: JSON в поле facts и каждый файл в своём поле.",
    ),
)
BAD_KEY: Final = Kind(
    "bad_idempotency_key",
    400,
    Words("The Idempotency-Key cannot be used.", "Idempotency-Key не подходит."),
    Words("Send one of 1 to 200 printable ASCII characters.", "От 1 до 200 печатных символов ASCII."),
)
KEY_USED: Final = Kind(
    "idempotency_key_used",
    409,
    Words(
        "This Idempotency-Key came before, with something else.",
        "Этот Idempotency-Key уже приходил с другим содержанием.",
    ),
    Words("Take a new key for what is new.", "Для нового возьмите новый ключ."),
)
FILE_TOO_LARGE: Final = Kind(
    "file_too_large",
    413,
    Words("A file is too large.", "Файл слишком велик."),
    Words("Send a smaller one, or give its address as url.", "Пришлите меньший или укажите адрес в url."),
)
BUSY: Final = Kind(
    "busy",
    503,
    Words("Too much arrives at once.", "Слишком многое приходит сразу."),
    Words("Try again in a few seconds.", "Повторите через несколько секунд."),
)
