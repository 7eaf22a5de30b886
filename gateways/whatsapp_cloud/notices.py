"""What WhatsApp says about a client beside messages. Pure.

{"wa_id": "79990000001", "category": "marketing_messages", "value": "stop", "timestamp": 1769853600}
{"wa_id": "79990000001", "user_id": {"previous": "RU.134900001", "current": "RU.134900002"}, "timestamp": …}
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateways.kit.spool import SpoolRow
from gateways.whatsapp_cloud.messages import notice
from gateways.whatsapp_cloud.people import identity_of
from gateways.whatsapp_cloud.scene import Scene, Update, word
from shared.contract.inbound import IdentityLearned

_PREFERENCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "stop": "the client does not want marketing messages any more",
        "resume": "the client wants marketing messages again",
        "signup": "the client asked for marketing messages",
    }
)


def preference(update: Update, scene: Scene) -> list[SpoolRow]:
    """Shown in the dialog; it opens nothing. Raises `Malformed` where it names nobody."""
    party = scene.party(_named(update))
    value = str(update.get("value"))
    words = _PREFERENCES.get(value, "the client changed what they want to hear of us")
    external_id = f"preference:{update.get('timestamp')}:{value}"[:200]
    return [notice(update, scene, party, external_id, words), *scene.learned(party)]


def user_id_update(update: Update, scene: Scene) -> list[SpoolRow]:
    """The client's id changed: the chat stays the same. Raises `Malformed` where it names nobody."""
    told = update.get("user_id")
    changed = told if isinstance(told, Mapping) else {}
    before, after = word(changed.get("previous")), word(changed.get("current"))
    named = _named({**update, "user_id": before or after})
    party = scene.party(named)
    if after is None or after == before or not scene.chats.rename(party.dialog.chat, after):
        return scene.learned(party)
    identity = identity_of(party.person, party.dialog.chat)
    identity = identity.model_copy(update={"aliases": tuple(dict.fromkeys((*identity.aliases, after)))})
    provider = party.person.provider if party.person.numbers else {"recipient": after}
    fact = IdentityLearned(dialog=party.dialog, identity=identity, provider=provider)
    return [scene.row(fact, "identity", party.dialog.chat, after)]


def _named(update: Update) -> Update:
    """As a message names people."""
    return {"from": update.get("wa_id"), "from_user_id": update.get("user_id")}
