"""What the Bot API answers, as its result or as one of the four failures of a connector. Pure.

    200 {"ok": true, "result": {"message_id": 7, "chat": {"id": 42, …}, …}}
    429 {"ok": false, "error_code": 429, "description": "…", "parameters": {"retry_after": 7}}
    400 {"ok": false, "description": "…", "parameters": {"migrate_to_chat_id": -1001}}

====================================  ==========================================================
the answer                            what it means
====================================  ==========================================================
`migrate_to_chat_id`                  `Moved`: again, to the other id
429, `retry_after`                    `Retryable(dialog)`: nobody says whether chat or bot is meant
401, 404 "Not Found"                  `ChannelDown`: the token is no bot's any more
500 to 599, 2xx that is no answer     `Unconfirmed`: the message may have been sent
any other                             `Rejected`, with the words below
====================================  ==========================================================
"""

from __future__ import annotations

from math import isfinite
from typing import Any, Final

from gateways.kit.http import Answer
from gateways.kit.request import AGAIN_SECONDS, LONGEST_PAUSE_SECONDS, UNCONFIRMED_WORDS, object_of, pause_of
from gateways.kit.text import clean_line
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed

LOGIN_WORDS: Final = (
    "login_needed: Telegram does not know this token any more: take a new one from @BotFather."
)
NOWHERE_WORDS: Final = "At the address of this account there is no Bot API."
WEBHOOK_ACTIVE: Final = "webhook_active"
TWO_LISTEN: Final = "two_listen"
UNCHANGED: Final = "unchanged"
NOT_THERE: Final = "message_unknown"
NO_TOPIC: Final = "topic_unknown"
NO_PICTURE: Final = "picture_refused"

REFUSALS: Final[tuple[tuple[str, str, str], ...]] = (
    ("bot was blocked by the user", "contact_blocked", "The client blocked the bot."),
    ("user is deactivated", "contact_gone", "The client deleted their account."),
    ("bot can't initiate conversation", "contact_silent", "The client has not written to the bot yet."),
    ("bot was kicked from", "chat_left", "The bot was removed from the chat."),
    ("bot is not a member", "chat_left", "The bot is not in the chat."),
    ("group chat was deactivated", "chat_left", "The group is closed."),
    ("bots can't send messages to bots", "contact_bot", "A bot cannot write to another bot."),
    ("chat_write_forbidden", "no_rights", "The bot may not write in this chat."),
    ("chat_restricted", "no_rights", "The bot may not write in this chat."),
    ("chat_send_", "no_rights", "The bot may not send this kind of message in this chat."),
    ("not enough rights", "no_rights", "The bot has no right to do this in the chat."),
    ("have no rights", "no_rights", "The bot has no right to do this in the chat."),
    ("topic_closed", "topic_closed", "The topic is closed."),
    ("message thread not found", NO_TOPIC, "The topic is not there any more."),
    ("chat not found", "chat_unknown", "Telegram knows no such chat, or the client never wrote to the bot."),
    ("peer_id_invalid", "chat_unknown", "Telegram knows no such chat, or the client never wrote to the bot."),
    ("voice_messages_forbidden", "voice_refused", "The client takes no voice messages."),
    ("business_connection_invalid", "business_gone", "The business disconnected the bot."),
    ("business_peer_invalid", "business_closed", "The business does not let the bot write to this client."),
    ("message is not modified", UNCHANGED, "The message is as it was."),
    ("message to edit not found", NOT_THERE, "The message is not there any more."),
    ("message to delete not found", NOT_THERE, "The message is not there any more."),
    ("message to react not found", NOT_THERE, "The message is not there any more."),
    ("message_id_invalid", NOT_THERE, "The message is not there any more."),
    ("message can't be deleted", "too_late", "Telegram lets a bot delete a message for 48 hours only."),
    ("message can't be edited", "too_late", "Telegram does not let the bot change this message."),
    ("no text in the message to edit", "not_possible", "This message has no text to change."),
    ("no caption in the message to edit", "not_possible", "This message has no caption to change."),
    ("message text is empty", "text_empty", "There is nothing in the text that Telegram shows."),
    ("text must be non-empty", "text_empty", "There is nothing in the text that Telegram shows."),
    ("message is too long", "text_too_long", "The text is too long for Telegram."),
    ("message_too_long", "text_too_long", "The text is too long for Telegram."),
    ("caption is too long", "text_too_long", "The caption is too long for Telegram."),
    ("button_data_invalid", "button_refused", "Telegram does not take what a button is to send back."),
    ("button_url_invalid", "button_refused", "Telegram does not take the address of a button."),
    ("button_type_invalid", "button_refused", "Telegram does not take this kind of button here."),
    ("reaction_invalid", "reaction_refused", "Telegram does not take this reaction here."),
    ("photo_invalid_dimensions", NO_PICTURE, "Telegram does not show a picture of this shape."),
    ("image_process_failed", NO_PICTURE, "Telegram cannot read this picture."),
    ("photo_ext_invalid", NO_PICTURE, "Telegram cannot read this picture."),
    ("file is too big", "too_large", "The file is larger than Telegram gives or takes from bots."),
    ("request entity too large", "too_large", "The file is larger than Telegram gives or takes from bots."),
    ("file must be non-empty", "file_empty", "The file is empty."),
    ("wrong file", "gone", "Telegram does not have this file any more."),
    ("invalid file_id", "gone", "Telegram does not have this file any more."),
    ("file is temporarily unavailable", "gone", "Telegram does not have this file now."),
    ("terminated by other getupdates", TWO_LISTEN, "Another program asks for this bot's updates: stop it."),
    ("while webhook is active", WEBHOOK_ACTIVE, "A webhook takes this bot's updates."),
)
"""A part of Telegram's description, in small letters → our code, and words for the operator."""


MOVED_SECONDS: Final = 0.5


class Moved(Retryable):
    """The chat has another id from now on."""

    def __init__(self, chat_id: int) -> None:
        super().__init__(MOVED_SECONDS, "dialog")
        self.chat_id = chat_id


def result_of(answer: Answer) -> Any:
    """What the method returns; raises as the table above says."""
    said = object_of(answer)
    if 200 <= answer.status < 300:
        if said.get("ok") is True and "result" in said:
            return said["result"]
        raise Unconfirmed(UNCONFIRMED_WORDS)
    description = said.get("description")
    words = clean_line(description, 200) if isinstance(description, str) else ""
    _require_no_pause(answer, said)
    if answer.status >= 500:
        raise Unconfirmed(UNCONFIRMED_WORDS)
    if answer.status == 401 or (answer.status == 404 and words == "Not Found"):
        raise ChannelDown(LOGIN_WORDS)
    if answer.status == 404 and not words:
        raise ChannelDown(NOWHERE_WORDS)
    raise refusal(answer.status, words)


def refusal(status: int, description: str) -> Rejected:
    """Why it is refused for ever."""
    small = description.lower()
    for part, code, words in REFUSALS:
        if part in small:
            return Rejected(code, words)
    if status == 413:
        return Rejected("too_large", "The file is larger than Telegram takes from bots.")
    return Rejected("refused", f"Telegram refuses it: {description or status}")


def ids_of(answer: Answer) -> tuple[str, ...]:
    """The numbers of the messages that were taken; raises one of the four failures of a connector."""
    return tuple(str(number) for _, number in sent(result_of(answer)))


def sent(result: Any) -> list[tuple[int, int]]:
    """Chat and number of each message in a result; raises `Unconfirmed` where there is none."""
    messages = result if isinstance(result, list) else [result]
    try:
        return [(int(one["chat"]["id"]), int(one["message_id"])) for one in messages]
    except (KeyError, TypeError, ValueError):
        raise Unconfirmed(UNCONFIRMED_WORDS) from None


def _require_no_pause(answer: Answer, said: dict[str, Any]) -> None:
    parameters = said.get("parameters")
    told = parameters if isinstance(parameters, dict) else {}
    moved_to, after = told.get("migrate_to_chat_id"), told.get("retry_after")
    if type(moved_to) is int:
        raise Moved(moved_to)
    if isinstance(after, int | float) and not isinstance(after, bool) and isfinite(after):
        raise Retryable(min(max(float(after), 0.0), LONGEST_PAUSE_SECONDS), "dialog")
    if answer.status == 429:
        raise Retryable(pause_of(answer.headers) or AGAIN_SECONDS, "dialog")
