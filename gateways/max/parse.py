"""What MAX says, as our facts. Pure.

    {"update_type": "message_created", "timestamp": 1769853600000, "user_locale": "ru", "message": {
        "sender": {"user_id": 101, "first_name": "Анна", "is_bot": false},
        "recipient": {"chat_id": 182, "chat_type": "dialog", "user_id": 229}, "timestamp": 1769853600000,
        "body": {"mid": "mid.1a", "seq": 116000000000000001, "text": "Добрый день"}}}
    {"update_type": "message_callback", "callback": {"callback_id": "f9", "payload": "yes", "user": {…}}, …}
    {"update_type": "bot_started", "chat_id": 182, "user": {…}, "payload": "from-the-site", "timestamp": …}

================================================  ==========================================================
update                                            fact
================================================  ==========================================================
message_created                                   `MessageHeard`
message_edited, message_removed                   `MessageEdited`, `MessageDeleted`
message_callback                                  `ButtonPressed`, and an errand: the press is answered
bot_started                                       `MessageHeard`, technical: "/start" and the link's payload
user_added, user_removed, chat_title_changed      `MembersChanged`
message_chat_created                              `MembersChanged`, and a technical note
bot_added, bot_removed, bot_stopped, dialog_…     a technical note: unsupported, with words and what came
any other                                         the same; without a chat: kept as unreadable
================================================  ==========================================================
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from gateways.kit.intake import heard
from gateways.kit.payload import Malformed
from gateways.kit.spool import SpoolRow
from gateways.kit.text import clean_line
from gateways.kit.unreadable import unreadable
from gateways.max import people
from gateways.max.contents import content, mapping
from gateways.max.keyboard import label_of
from gateways.max.messages import Hearing, Said, is_ours, message_row, names
from gateways.max.people import CHANNEL, GROUP, chat_of, identity, is_bot, kind_of, moment, number, user_alias
from shared.contract.content import Content, Text, Unsupported
from shared.contract.ids import fact_id, message_id
from shared.contract.inbound import ButtonPressed, MembersChanged, MessageDeleted, MessageEdited, MessageHeard
from shared.contract.people import DialogRef
from shared.trace import new_trace

Update: TypeAlias = Mapping[str, Any]

_NOTES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bot_added": "the bot was added to the chat",
        "bot_removed": "the bot was removed from the chat",
        "bot_stopped": "the client stopped the bot",
        "dialog_removed": "the client deleted the dialog",
        "dialog_cleared": "the client cleared the dialog's history",
        "dialog_muted": "the client muted the dialog",
        "dialog_unmuted": "the client unmuted the dialog",
        "message_chat_created": "a chat was made by a button of the bot",
    }
)
"""MAX's word for what our contract has no fact for → words for people."""
_OF_GROUPS: Final = frozenset(
    {"bot_added", "bot_removed", "user_added", "user_removed", "chat_title_changed", "message_chat_created"}
)
_TITLE_LENGTH: Final = 200


def facts(payload: Any, account: str, at: datetime) -> Sequence[SpoolRow]:
    """The facts of one call; raises `Malformed` for what is none of MAX's."""
    return said(payload, Hearing(account, at)).rows


def said(update: Any, hearing: Hearing) -> Said:
    """What one update says; raises `Malformed`."""
    if not isinstance(update, dict) or not isinstance(update.get("update_type"), str):
        raise Malformed("shape")
    read = _READ.get(update["update_type"], _noted)
    return read(update, hearing)


def chats(payload: Any) -> Collection[str]:
    """The other names of chats in an update, for which canonical ones are looked up."""
    if not isinstance(payload, dict):
        return ()
    message, callback = mapping(payload.get("message")), mapping(payload.get("callback"))
    users = (
        payload.get("user"), callback.get("user"), message.get("sender"), mapping(message.get("recipient")),
    )  # fmt: skip
    people_named = {alias for user in users if (alias := user_alias(user)) is not None}
    ids = (_chat(payload), _chat(mapping(message.get("recipient"))))
    return people_named | {f"{GROUP}{chat}" for chat in ids if chat is not None}


def _created(update: Update, hearing: Hearing) -> Said:
    message = mapping(update.get("message"))
    sender, recipient = message.get("sender"), message.get("recipient")
    if chat_of(recipient, sender, hearing.aliases) is None:
        return _kept(update, hearing)
    row = message_row(message, hearing, update.get("user_locale"))
    chat = _chat(mapping(recipient))
    if chat is None:
        return Said((row,))
    other = recipient if is_bot(sender) else sender
    return Said((row,), names(chat, kind_of(recipient), other, hearing))


def _edited(update: Update, hearing: Hearing) -> Said:
    """What the bot edited by itself is no news: one long text of ours is several messages there."""
    message = mapping(update.get("message"))
    sender, recipient, mid = (
        message.get("sender"),
        message.get("recipient"),
        mapping(message.get("body")).get("mid"),
    )
    chat = chat_of(recipient, sender, hearing.aliases)
    if chat is None or not isinstance(mid, str):
        return _kept(update, hearing)
    if is_ours(sender, recipient, hearing):
        return Said()
    dialog = people.dialog(hearing.account, chat, kind_of(recipient))
    named = message_id(CHANNEL, hearing.account, chat, mid, moment(message.get("timestamp")))
    stamp = str(update.get("timestamp"))
    made, wanted = content(message, named, fact_id("edited", str(named), stamp))
    fact = MessageEdited(
        dialog=dialog, external_id=mid, content=made, edited_at=moment(update.get("timestamp"))
    )
    return Said((replace(hearing.row(fact, "edit", mid, stamp), files=wanted),))


def _removed(update: Update, hearing: Hearing) -> Said:
    dialog, mid = _dialog(update, hearing), update.get("message_id")
    if dialog is None or not isinstance(mid, str):
        return _kept(update, hearing)
    fact = MessageDeleted(dialog=dialog, external_id=mid, deleted_at=moment(update.get("timestamp")))
    return Said((hearing.row(fact, "deletion", mid),))


def _pressed(update: Update, hearing: Hearing) -> Said:
    """The message may be gone; then the person's chat is known by its other name."""
    callback, message = mapping(update.get("callback")), mapping(update.get("message"))
    user, named = callback.get("user"), callback.get("callback_id")
    chat = chat_of(message.get("recipient"), user, hearing.aliases)
    if chat is None or not isinstance(named, str) or not named:
        return _kept(update, hearing)
    body = mapping(message.get("body"))
    payload, mid = callback.get("payload"), body.get("mid")
    payload = payload if isinstance(payload, str) else None
    label = label_of(body.get("attachments"), payload)
    fact = ButtonPressed(
        dialog=people.dialog(hearing.account, chat, kind_of(message.get("recipient"))),
        external_id=mid if isinstance(mid, str) else None,
        sender=identity(user, chat, locale=update.get("user_locale")),
        label=label,
        payload=payload,
    )
    errand = {"answer": named, "notification": label or "✓"}
    return Said((hearing.row(fact, "press", named),), errands=(errand,))


def _started(update: Update, hearing: Hearing) -> Said:
    """What a link carried is technical, as a command of a messenger that has them."""
    dialog = _dialog(update, hearing)
    if dialog is None:
        return _kept(update, hearing)
    carried = update.get("payload")
    text = f"/start {carried}" if isinstance(carried, str) and carried else "/start"
    row = _technical(update, hearing, dialog, Content(parts=(Text(text=text),), technical=True))
    return Said((row,), names(dialog.chat, "personal", update.get("user"), hearing))


def _members(update: Update, hearing: Hearing) -> Said:
    dialog = _dialog(update, hearing)
    if dialog is None:
        return _kept(update, hearing)
    kind, title = str(update["update_type"]), update.get("title")
    person = (identity(update.get("user"), dialog.chat),)
    fact = MembersChanged(
        dialog=dialog,
        title=clean_line(title, _TITLE_LENGTH) or None if isinstance(title, str) else None,
        joined=person if kind == "user_added" else (),
        left=person if kind == "user_removed" else (),
    )
    row = hearing.row(fact, kind, person[0].address, str(update.get("timestamp")))
    return Said((row,), names(dialog.chat, "group", None, hearing))


def _chat_made(update: Update, hearing: Hearing) -> Said:
    """A new chat, and what its button carried."""
    made = mapping(update.get("chat"))
    chat = number(made.get("chat_id"))
    if chat is None:
        return _kept(update, hearing)
    dialog = people.dialog(hearing.account, str(chat), "group")
    title = clean_line(str(made.get("title") or ""), _TITLE_LENGTH) or None
    changed = hearing.row(MembersChanged(dialog=dialog, title=title), "chat", str(update.get("timestamp")))
    note = _technical(update, hearing, dialog, _note(update))
    return Said((changed, note), names(str(chat), "group", None, hearing))


def _noted(update: Update, hearing: Hearing) -> Said:
    """What our contract cannot say: shown, with all that came."""
    dialog = _dialog(update, hearing)
    if dialog is None:
        return _kept(update, hearing)
    row = _technical(update, hearing, dialog, _note(update))
    group = update["update_type"] != "bot_removed" and dialog.kind == "group"
    return Said((row,), names(dialog.chat, "group", None, hearing) if group else ())


def _note(update: Update) -> Content:
    kind = str(update["update_type"])
    words = _NOTES.get(kind) or f"an update of MAX: {clean_line(kind, 60)}"
    return Content(parts=(Unsupported(raw=dict(update), words=words),), technical=True)


def _technical(update: Update, hearing: Hearing, dialog: DialogRef, what: Content) -> SpoolRow:
    """A message that opens nothing; named by what the update is about, since it has no id of its own."""
    user, at = update.get("user"), update.get("timestamp")
    person = identity(user, dialog.chat, locale=update.get("user_locale"))
    external_id = clean_line(f"{update['update_type']}:{at}:{person.address}", 200)
    sent_at = moment(at)
    named = message_id(CHANNEL, hearing.account, dialog.chat, external_id, sent_at)
    fact = MessageHeard(
        dialog=dialog,
        message_id=named,
        external_id=external_id,
        sender=person,
        content=what,
        sent_at=sent_at,
        received_at=hearing.at,
    )
    return heard(fact, identity=named, time=hearing.at, traceparent=new_trace())


def _kept(update: Update, hearing: Hearing) -> Said:
    """An update that names no chat of ours, where operators see it."""
    raw = json.dumps(update, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    return Said((unreadable(CHANNEL, hearing.account, raw, at=hearing.at, why="no_chat"),))


def _dialog(update: Update, hearing: Hearing) -> DialogRef | None:
    """The chat of an update that is about no message; groups have negative ids."""
    chat = _chat(update)
    if chat is None:
        return None
    group = update["update_type"] in _OF_GROUPS or chat.startswith("-")
    return people.dialog(hearing.account, chat, "group" if group else "personal")


def _chat(update: Update) -> str | None:
    chat = number(update.get("chat_id"))
    return None if chat is None else str(chat)


_READ: Final[Mapping[str, Callable[[Update, Hearing], Said]]] = MappingProxyType(
    {
        "message_created": _created,
        "message_edited": _edited,
        "message_removed": _removed,
        "message_callback": _pressed,
        "bot_started": _started,
        "user_added": _members,
        "user_removed": _members,
        "chat_title_changed": _members,
        "message_chat_created": _chat_made,
    }
)
