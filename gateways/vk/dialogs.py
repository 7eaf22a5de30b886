"""Names of dialogs and people: `peer_id` names a dialog, of a person or (from 2000000000 on) of a chat."""

from __future__ import annotations

from typing import Final

from shared.contract.ids import dialog_id
from shared.contract.people import DialogRef, Identity

CHANNEL: Final = "vk"
FIRST_CHAT: Final = 2_000_000_000
COMMUNITY: Final = "community"
"""The dialog of what happens in the community and is nobody's message."""


def dialog_of(account: str, chat: int | str) -> DialogRef:
    identity = dialog_id(CHANNEL, account, str(chat))
    kind = "group" if is_group(chat) else "personal"
    return DialogRef.model_validate(
        {"dialog_id": identity, "channel": CHANNEL, "account": account, "chat": str(chat), "kind": kind}
    )


def is_group(chat: int | str) -> bool:
    """Whether it is a chat of several."""
    return str(chat).isdigit() and int(chat) > FIRST_CHAT


def identity_of(person: int, name: str | None = None) -> Identity:
    """Somebody: a person, or with a number below 0 a community."""
    address = f"id{person}" if person > 0 else f"club{-person}"
    return Identity(
        channel=CHANNEL,
        address=str(person) if person > 0 else address,
        name=name,
        profile_url=f"https://vk.com/{address}",
    )
