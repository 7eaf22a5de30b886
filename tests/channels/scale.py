"""The graded scale: what every channel must show by a case, or say in its `exempt.json` why it cannot.

A name is that of the file: tests/channels/<channel>/<name>.json. Of our own side, what the capabilities
announce must be shown, and nothing else can be.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from shared.contract.capabilities import Capabilities

SCALE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "text": "a client's words become a fact, with the provider's id and time",
        "image": "a picture arrives as an image part, or as what the provider makes of it",
        "file": "a file arrives with its name, type and size",
        "voice": "a recording arrives as voice, not as a file",
        "video": "a video arrives as video",
        "audio": "music arrives as audio",
        "sticker": "a sticker arrives as one, with its emoji where it has one",
        "location": "a place arrives with its coordinates",
        "contact": "a contact's card arrives with names and numbers",
        "edit": "the client edits: the fact names the message and its new words",
        "delete": "the client deletes: the fact names the message",
        "unsupported": "a kind that we do not know is shown or refused by name: no silence, no exception",
        "duplicate": "the provider repeats itself: the same ids, byte for byte",
        "out_of_order": "the provider says a later thing first: the order is still known",
        "bad_signature": "who cannot prove to be the provider is not believed",
        "throttled": "the provider says later: it is sent again then, and not before",
        "server_error": "the provider fails: it is sent again, or nobody knows and says so",
        "access_revoked": "the provider takes our access away: the account stops and its health says why",
        "contact_blocked": "the client does not want to hear us: the message is failed, in words",
        "too_long": "a text above the limit is refused before anything leaves",
        "reply": "an operator's words become the provider's request",
        "longest": "the longest text that is allowed passes whole",
        "markup": "what looks like markup stays the words that they are",
        "not_json": "bytes that are no payload are refused or kept: never an exception",
        "nul": "a NUL and a lone surrogate do not reach a database",
    }
)

ANNOUNCED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "images": "reply_image",
        "files": "reply_file",
        "voice": "reply_voice",
        "video": "reply_video",
        "audio": "reply_audio",
        "stickers": "reply_sticker",
        "locations": "reply_location",
        "contact_cards": "reply_contact",
        "templates": "reply_template",
        "buttons": "reply_buttons",
        "quote": "reply_quote",
        "edit": "reply_edit",
        "delete": "reply_delete",
        "reactions": "reply_reaction",
        "mark_read": "reply_read",
        "closes": "reply_closed",
    }
)
"""Capability → the case of our own side that shows it; the capability that is not there is the exemption."""


def mistakes(
    names: Iterable[str],
    exempt: Mapping[str, str],
    capabilities: Capabilities,
    scale: Mapping[str, str] = SCALE,
) -> list[str]:
    """What is wrong with a channel that shows cases of these names; each with what to do."""
    shown = set(names)
    return [
        *(
            f"{name}.json is missing ({words}): write it, or say in exempt.json why not"
            for name, words in scale.items()
            if name not in shown and name not in exempt
        ),
        *(
            f"{name}.json is missing (the capabilities announce {capability}): write it"
            for capability, name in ANNOUNCED.items()
            if getattr(capabilities, capability) and name not in shown
        ),
        *(f"{name} is shown and exempt: take it out of exempt.json" for name in exempt if name in shown),
        *(f"{name} is exempt and not of the scale: take it out" for name in exempt if name not in scale),
        *(f"{name} is exempt without a reason: write it" for name, why in exempt.items() if not why.strip()),
    ]
