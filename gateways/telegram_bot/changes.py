"""Acts on a message that was sent, and what else a chat is told, as requests. Pure.

POST /editMessageText {"chat_id": 42, "message_id": 7, "text": "…"}      POST /deleteMessage {…}
POST /setMessageReaction {"chat_id": 42, "message_id": 7, "reaction": [{"type": "emoji", "emoji": "👍"}]}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiogram import methods
from aiogram.types import InlineKeyboardMarkup, ReactionTypeEmoji, ReactionTypeUnion

from gateways.telegram_bot import render
from gateways.telegram_bot.keyboards import keyboard
from gateways.telegram_bot.layout import FILE_BYTES, LOCAL_FILE_BYTES
from gateways.telegram_bot.names import named, place
from gateways.telegram_bot.render import Step, Target
from shared.contract.envelope import Data, Envelope
from shared.contract.outbound import Act, DeleteMessage, EditMessage, React, SendMessage
from shared.failure import Rejected

SHAPE_WORDS: Final = (
    "Telegram cannot change it so: the new text needs another number of messages than the old one."
)
NOTHING_WORDS: Final = "There are no words in this message that Telegram could change."
BUSINESS_WORDS: Final = "Telegram does not let a bot react in the chats of a business."


def target_of(act: Act) -> Target:
    """Where an act goes as far as it says so itself."""
    where, told = place(act.dialog.chat), act.provider
    connection, topic = told.get("business_connection_id"), told.get("message_thread_id")
    own = where.business.partition(":")[2] if where.business else None
    return Target(
        where.chat_id,
        connection if where.business and isinstance(connection, str) else own,
        topic if type(topic) is int else None,
    )


def edits(act: EditMessage, target: Target) -> tuple[Step, ...]:
    """The requests that change its words; files stay as they are. Raises `Rejected`."""
    for captions in (True, False):
        laid = render.steps(act.content, target, LOCAL_FILE_BYTES, first={}, last={}, captions=captions)
        if sum(step.messages for step in laid) == len(act.external_ids):
            return _edits(laid, act, target)
    raise Rejected("not_possible", SHAPE_WORDS)


def _edits(laid: Sequence[Step], act: EditMessage, target: Target) -> tuple[Step, ...]:
    keys = keyboard(act.content.buttons)
    markup = {"reply_markup": keys} if isinstance(keys, InlineKeyboardMarkup) else {}
    found: list[Step] = []
    at = 0
    for step in laid:
        last = markup if step is laid[-1] else {}
        named_one = _message(act.external_ids[at + step.captioned], target) | last
        at += step.messages
        said = render.fields_of(step.method)
        if isinstance(step.method, methods.SendMediaGroup):
            said = said["media"][step.captioned]
        if isinstance(step.method, methods.SendMessage):
            found.append(Step(methods.EditMessageText(text=said["text"], **_mode(said), **named_one)))
        elif "caption" in said:
            found.append(
                Step(methods.EditMessageCaption(caption=said["caption"], **_mode(said), **named_one))
            )
    if not found:
        raise Rejected("not_possible", NOTHING_WORDS)
    return tuple(found)


def _mode(said: Mapping[str, Any]) -> dict[str, Any]:
    return {"parse_mode": said["parse_mode"]} if "parse_mode" in said else {}


def _message(name: str, target: Target) -> dict[str, Any]:
    """The fields that name a message of ours."""
    chat, number = named(name)
    fields: dict[str, Any] = {"chat_id": target.chat_id if chat is None else chat, "message_id": number}
    return fields | ({"business_connection_id": target.connection} if target.connection else {})


def deletions(act: DeleteMessage, target: Target) -> tuple[Step, ...]:
    """One request for each of its messages; for those of a business, one for all."""
    if target.connection is not None:
        numbers = [named(name)[1] for name in act.external_ids]
        method = methods.DeleteBusinessMessages(business_connection_id=target.connection, message_ids=numbers)
        return (Step(method),)
    found = [_message(name, target) for name in act.external_ids]
    return tuple(Step(methods.DeleteMessage(**fields)) for fields in found)


def reaction(act: React, target: Target) -> Step:
    """A bot has one reaction to a message: the last that was chosen."""
    if target.connection is not None:
        raise Rejected("not_possible", BUSINESS_WORDS)
    chosen: list[ReactionTypeUnion] = [ReactionTypeEmoji(emoji=emoji) for emoji in act.emoji[-1:]]
    return Step(methods.SetMessageReaction(**_message(act.external_id, target), reaction=chosen))


def render_message(act: Envelope[Data]) -> Sequence[dict[str, Any]]:
    """The requests of an act as plain data; ids that only a database knows are as the act names them."""
    data = act.data
    match data:
        case SendMessage():
            found = render.plan(data, target_of(data), FILE_BYTES)
        case EditMessage():
            found = edits(data, target_of(data))
        case DeleteMessage():
            found = deletions(data, target_of(data))
        case React():
            found = (reaction(data, target_of(data)),)
        case _:
            raise Rejected("not_possible", f"Telegram bot has no {act.type}.")
    return [step.shown() for step in found]
