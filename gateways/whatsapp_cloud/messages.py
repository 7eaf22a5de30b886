"""What a client sends, or one of us in the WhatsApp Business app, as facts. Pure.

{"from": "79990000001", "from_user_id": "RU.134900001", "id": "wamid.HBg1", "timestamp": "1769853600",
 "type": "text", "text": {"body": "Добрый день"}, "context": {"id": "wamid.HBg0"}, "referral": {…}}

Message ids have no time bits: an edit names the original without its time, and its files have to be told
under the original's id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateways.kit.payload import Malformed
from gateways.kit.spool import SpoolRow
from gateways.whatsapp_cloud.contents import Place, Said, said, unsupported
from gateways.whatsapp_cloud.people import CHANNEL
from gateways.whatsapp_cloud.scene import Party, Scene, Update, moment, word
from gateways.whatsapp_cloud.unsayable import advertisement_words, product_words
from shared.contract.content import Content, Forwarded, Part, Quote
from shared.contract.ids import fact_id, message_id
from shared.contract.inbound import IdentityLearned, MessageDeleted, MessageEdited, MessageHeard, Reacted
from shared.contract.people import Identity, Visit

_SYSTEM: Final[Mapping[str, str]] = MappingProxyType(
    {
        "customer_identity_changed": "the client's security code changed: a new telephone, or installed anew",
        "user_identity_changed": "the client's security code changed: a new telephone, or installed anew",
    }
)
_RENAMED: Final = frozenset({"user_changed_number", "customer_changed_number", "user_changed_user_id"})
_OPENED: Final = "request_welcome"


@dataclass(frozen=True, slots=True)
class Side:
    """Who wrote: the client, or one of us past us. `backfill`: fetched from before."""

    ours: bool = False
    backfill: bool = False


CLIENT: Final = Side()


def message(update: Update, scene: Scene, side: Side = CLIENT) -> list[SpoolRow]:
    """The facts of one message; raises `Malformed` where it names nobody, or has no id."""
    external_id = word(update.get("id"))
    if external_id is None:
        raise Malformed("nameless")
    party = scene.party(_client(update) if side.ours else update, update.get("group_id"))
    reader = _SPECIAL.get(str(update.get("type")))
    rows = reader(update, scene, party, external_id, side) if reader is not None else None
    if rows is None:
        rows = [_heard(update, scene, party, external_id, side)]
    return [*rows, *scene.learned(party)]


def _client(update: Update) -> Update:
    """The other end of what one of us wrote."""
    return {"from": update.get("to"), "from_user_id": update.get("to_user_id")}


def _heard(update: Update, scene: Scene, party: Party, external_id: str, side: Side) -> SpoolRow:
    identity = message_id(CHANNEL, scene.account, party.dialog.chat, external_id)
    content, read = _content(update, Place(identity, identity))
    fact = MessageHeard(
        dialog=party.dialog,
        provider={} if side.ours or party.dialog.kind == "group" else party.person.provider,
        message_id=identity,
        external_id=external_id,
        sender=_us(scene) if side.ours else party.identity,
        origin="external" if side.ours else "client",
        content=content,
        sent_at=moment(update.get("timestamp")),
        received_at=scene.at,
        backfill=side.backfill,
        visit=_visit(update),
    )
    return scene.message(fact, identity, read.wanted)


def _us(scene: Scene) -> Identity:
    return Identity(channel=CHANNEL, address=scene.own or f"{CHANNEL}:{scene.account}")


def _content(update: Update, place: Place) -> tuple[Content, Said]:
    """All that it says, and what of it is still to be fetched."""
    read = said(update, place)
    context, referral = update.get("context"), update.get("referral")
    context = context if isinstance(context, Mapping) else {}
    parts: list[Part] = [*read.parts]
    if isinstance(referral, Mapping):
        parts.append(unsupported(referral, advertisement_words(referral)))
    if isinstance(product := context.get("referred_product"), Mapping):
        parts.append(unsupported(product, product_words(product)))
    quoted = word(context.get("id"))
    forwarded = context.get("forwarded") is True or context.get("frequently_forwarded") is True
    content = Content(
        parts=tuple(parts),
        quote=Quote(external_id=quoted) if quoted else None,
        forwarded_from=Forwarded() if forwarded else None,
        pressed=read.pressed,
        technical=update.get("type") == _OPENED,
    )
    return content, read


def _visit(update: Update) -> Visit | None:
    """Where an advertisement was that the client came from."""
    referral = update.get("referral")
    if not isinstance(referral, Mapping):
        return None
    named = {
        name: found
        for name in ("source_type", "source_id", "ctwa_clid")
        if (found := word(referral.get(name)))
    }
    return Visit(
        url=word(referral.get("source_url")),
        title=word(referral.get("headline")),
        utm=named,
        at=moment(update.get("timestamp")),
    )


def _edited(
    update: Update, scene: Scene, party: Party, external_id: str, _side: Side
) -> list[SpoolRow] | None:
    told = update.get("edit")
    told = told if isinstance(told, Mapping) else {}
    original, inner = word(told.get("original_message_id")), told.get("message")
    if original is None or not isinstance(inner, Mapping):
        return None
    place = Place(
        message_id(CHANNEL, scene.account, party.dialog.chat, original),
        fact_id("edit", f"{party.dialog.dialog_id} {original}", external_id),
    )
    content, read = _content(inner, place)
    edited_at = moment(update.get("timestamp"))
    fact = MessageEdited(dialog=party.dialog, external_id=original, content=content, edited_at=edited_at)
    return [scene.message(fact, place.naming, read.wanted)]


def _revoked(update: Update, scene: Scene, party: Party, _name: str, _side: Side) -> list[SpoolRow] | None:
    told = update.get("revoke")
    original = word(told.get("original_message_id")) if isinstance(told, Mapping) else None
    if original is None:
        return None
    deleted_at = moment(update.get("timestamp"))
    fact = MessageDeleted(dialog=party.dialog, external_id=original, deleted_at=deleted_at)
    return [scene.row(fact, "deletion", original, "")]


def _reacted(
    update: Update, scene: Scene, party: Party, external_id: str, side: Side
) -> list[SpoolRow] | None:
    told = update.get("reaction")
    target = word(told.get("message_id")) if isinstance(told, Mapping) else None
    if target is None:
        return None
    emoji = word(told.get("emoji")) if isinstance(told, Mapping) else None
    fact = Reacted(
        dialog=party.dialog,
        external_id=target,
        sender=_us(scene) if side.ours else party.identity,
        emoji=(emoji,) if emoji else (),
    )
    return [scene.row(fact, "reaction", target, external_id)]


def _system(
    update: Update, scene: Scene, party: Party, external_id: str, _side: Side
) -> list[SpoolRow] | None:
    """A number that changed: the chat stays the same; and whatever else WhatsApp has to say of somebody."""
    told = update.get("system")
    told = told if isinstance(told, Mapping) else {}
    kind = str(told.get("type"))
    rows: list[SpoolRow] = []
    words = _SYSTEM.get(kind, "a notice of WhatsApp about the client")
    if kind in _RENAMED:
        number, user_id = word(told.get("wa_id")), word(told.get("user_id"))
        news = [one for one in (user_id, number) if one and scene.chats.rename(party.dialog.chat, one)]
        words = f"the client's number is +{number} now" if number else "the client's id at WhatsApp changed"
        if news:
            rows.append(_renamed(scene, party, tuple(news), number, user_id))
    return [notice(update, scene, party, external_id, words), *rows]


def _renamed(
    scene: Scene, party: Party, news: tuple[str, ...], number: str | None, user_id: str | None
) -> SpoolRow:
    known = party.identity
    phone = f"+{number}" if number and number.isdigit() else known.phone
    names = tuple(dict.fromkeys((*known.aliases, *(one for one in news if one != known.address))))
    identity = known.model_copy(update={"aliases": names, "phone": phone})
    provider = {"to": number} if number else {"recipient": user_id}
    fact = IdentityLearned(dialog=party.dialog, identity=identity, provider=provider)
    return scene.row(fact, "identity", party.dialog.chat, " ".join(news))


def notice(update: Update, scene: Scene, party: Party, external_id: str, words: str) -> SpoolRow:
    """What is shown in the dialog and opens nothing."""
    identity = message_id(CHANNEL, scene.account, party.dialog.chat, external_id)
    fact = MessageHeard(
        dialog=party.dialog,
        message_id=identity,
        external_id=external_id,
        sender=party.identity,
        content=Content(parts=(unsupported(update, words),), technical=True),
        sent_at=moment(update.get("timestamp")),
        received_at=scene.at,
    )
    return scene.message(fact, identity, ())


Special = Callable[[Update, Scene, Party, str, Side], "list[SpoolRow] | None"]

_SPECIAL: Final[Mapping[str, Special]] = MappingProxyType(
    {"edit": _edited, "revoke": _revoked, "reaction": _reacted, "system": _system}
)
"""Kinds that are no message of their own; none of their facts where they are not as they should be."""
