"""What Meta posts, as our facts. Pure.

    {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [
        {"field": "messages", "value": {"messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "79991112233", "phone_number_id": "106540352242922"},
            "contacts": [{"profile": {"name": "Анна"}, "wa_id": "79990000001"}],
            "messages": [{"from": "79990000001", "id": "wamid.HBg1", "timestamp": "1769853600",
                          "type": "text", "text": {"body": "Добрый день"}}]}}]}]}

Meta posts everything of an app to one address: what is of another number is counted and is not ours. An
update that cannot be read is kept as it came; a field that we do not know, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from gateways.kit.aliases import Alias
from gateways.kit.payload import Malformed
from gateways.kit.spool import SpoolRow
from gateways.kit.unreadable import readable, unreadable
from gateways.whatsapp_cloud.alerts import Errand, alert
from gateways.whatsapp_cloud.calls import call
from gateways.whatsapp_cloud.fates import ALARMING, told_in
from gateways.whatsapp_cloud.messages import Side, message
from gateways.whatsapp_cloud.notices import preference, user_id_update
from gateways.whatsapp_cloud.people import CHANNEL, Chats, names_in
from gateways.whatsapp_cloud.receipts import receipt
from gateways.whatsapp_cloud.scene import Scene, Update, objects, word
from shared.log import get_logger
from shared.metrics import WEBHOOK_REJECTED

log = get_logger()

Read: TypeAlias = Callable[[Update, Scene], Sequence[SpoolRow]]


@dataclass(frozen=True, slots=True)
class Ours:
    """Which parts of a notice are the account's; without ids, all of them."""

    account: str
    number_id: str | None = None
    business_id: str | None = None


@dataclass
class Heard:
    """What a notice comes to."""

    rows: list[SpoolRow] = field(default_factory=list)
    aliases: tuple[Alias, ...] = ()
    errands: list[Errand] = field(default_factory=list)


_LISTS: Final[Mapping[str, Read]] = MappingProxyType(
    {
        "messages": message,
        "message_echoes": lambda update, scene: message(update, scene, Side(ours=True)),
        "statuses": receipt,
        "calls": call,
        "user_preferences": preference,
        "user_id_update": user_id_update,
    }
)
"""Which list of a change holds what."""


def facts(payload: Any, account: str, at: datetime) -> Sequence[SpoolRow]:
    """The facts of a notice to an account of which nothing else is known; raises `Malformed`."""
    return read(payload, Ours(account), {}, at).rows


def chats(payload: Any) -> Collection[str]:
    """The names of people in a notice."""
    return set(names_in(payload))


def read(payload: Any, ours: Ours, known: Mapping[str, str], at: datetime) -> Heard:
    """All that a notice says; `known`: what is known of the names in it. Raises `Malformed`."""
    heard, names = Heard(), Chats(ours.account, dict(known))
    for business_id, change in _changes(payload):
        value = change["value"]
        if not _is_ours(ours, business_id, value):
            _count(ours.account, value)
            continue
        _change(str(change.get("field", "messages")), value, Scene(names, at), heard)
    heard.aliases = tuple(names.learned)
    return heard


def _changes(payload: Any) -> list[tuple[str | None, Update]]:
    """The changes with the business account of each; some go-betweens pass a change's value on by itself."""
    if not isinstance(payload, Mapping):
        raise Malformed("shape")
    if "entry" not in payload and payload.keys() & _LISTS.keys():
        return [(None, {"value": payload})]
    entries = payload.get("entry")
    if not isinstance(entries, list):
        raise Malformed("shape")
    found: list[tuple[str | None, Update]] = []
    for entry in entries:
        changes = entry.get("changes") if isinstance(entry, Mapping) else None
        if not isinstance(changes, list) or not all(_is_change(one) for one in changes):
            raise Malformed("shape")
        found += [(word(entry.get("id")), change) for change in changes]
    return found


def _is_change(one: Any) -> bool:
    return isinstance(one, Mapping) and isinstance(one.get("value"), Mapping)


def _is_ours(ours: Ours, business_id: str | None, value: Update) -> bool:
    """By the number where one is named, else by the business account."""
    number_id = _metadata(value).get("phone_number_id")
    if number_id is not None:
        return ours.number_id is None or number_id == ours.number_id
    return ours.business_id is None or business_id is None or business_id == ours.business_id


def _count(account: str, value: Update) -> None:
    number_id = _metadata(value).get("phone_number_id")
    WEBHOOK_REJECTED.labels(CHANNEL, account, "another_number").inc()
    log.info("change_of_another_number", account=account, number_id=str(number_id)[:30])


def _change(name: str, value: Update, scene: Scene, heard: Heard) -> None:
    own = word(_metadata(value).get("display_phone_number")) or ""
    contacts = tuple(objects(value.get("contacts")))
    lists = [one for one in _LISTS if isinstance(value.get(one), list)]
    sole = len({_people(one) for name in lists for one in objects(value[name])}) == 1
    scene = Scene(scene.chats, scene.at, contacts, "".join(filter(str.isdigit, own)), sole)
    if strange := {one: value[one] for one in _LISTS if one not in lists and value.get(one) is not None}:
        raw = json.dumps(strange, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
        heard.rows.append(unreadable(CHANNEL, scene.account, raw, at=scene.at, why="shape"))
    for one in lists:
        heard.rows += readable(CHANNEL, scene.account, value[one], _reading(_LISTS[one], scene), at=scene.at)
    if name == "history":
        heard.rows += _history(value, scene)
    elif not lists:
        heard.rows += alert(name, value, scene, heard.errands)
    if any(_is_alarming(one) for one in (value, *objects(value.get("statuses")))):
        heard.errands.append({"look": "health"})


def _reading(read_one: Read, scene: Scene) -> Callable[[Any], Sequence[SpoolRow]]:
    def one(update: Any) -> Sequence[SpoolRow]:
        if not isinstance(update, Mapping):
            raise Malformed("shape")
        return read_one(update, scene)

    return one


def _history(value: Update, scene: Scene) -> list[SpoolRow]:
    """What was said before the number came to us: of a number that is also in the WhatsApp Business app."""
    rows: list[SpoolRow] = []
    for thread in (
        thread for chunk in objects(value.get("history")) for thread in objects(chunk.get("threads"))
    ):
        client = word(thread.get("id"))
        told = thread.get("messages")

        def one(update: Update, scene: Scene, client: str | None = client) -> Sequence[SpoolRow]:
            ours = bool(scene.own) and update.get("from") == scene.own
            return message({"to": client, **update}, scene, Side(ours=ours, backfill=True))

        if isinstance(told, list):
            rows += readable(CHANNEL, scene.account, told, _reading(one, scene), at=scene.at)
    return rows


def _people(update: Update) -> tuple[str, ...]:
    """The people that an update names, as it names them."""
    told = (str(update.get(name)) for name in ("from", "from_user_id", "to", "to_user_id", "recipient_id"))
    return tuple(told)


def _metadata(value: Update) -> Update:
    metadata = value.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _is_alarming(told: Update) -> bool:
    code, _, _ = told_in(told.get("errors"))
    return code in ALARMING
