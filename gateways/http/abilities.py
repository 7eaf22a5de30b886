"""What an account of the open channel can do: what its integrator declares, within what the protocol carries.

[http.capabilities]          # below the entry [[http]]; what is not written is as in USUAL
text_length = 2000
images = true
receipts = "read"
"""

from __future__ import annotations

from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict, Field, create_model

from shared.contract.capabilities import Capabilities

TEXT_LENGTH: Final = 50_000
"""The longest text of one message: bodies on the bus stay under 256 KB."""

MOST: Final = Capabilities(
    text_length=TEXT_LENGTH,
    files=True,
    images=True,
    voice=True,
    video=True,
    audio=True,
    stickers=True,
    locations=True,
    contact_cards=True,
    templates=True,
    buttons=True,
    quote=True,
    edit=True,
    delete=True,
    reactions=True,
    receipts="read",
    typing_in=True,
    typing_out=True,
    mark_read=True,
    closes=True,
    write_first=True,
    groups=True,
    deduplicates=True,
    note="The most that the protocol carries; each account declares what its own connector can.",
)
"""What the protocol has a notice for."""

USUAL: Final = Capabilities(deduplicates=True)
"""Of an account that declares nothing: words, both ways."""

DEAF: Final = Capabilities(text_length=0, deduplicates=True)
"""Of an account without a webhook: nothing can be sent to it."""

_OURS: Final = frozenset({"deduplicates", "find_by_phone", "scheduled"})
"""Dropping repeats is a term of the protocol; the others are nothing that a connector does."""


def _choices() -> dict[str, Any]:
    fields = {name: info for name, info in Capabilities.model_fields.items() if name not in _OURS}
    chosen: dict[str, Any] = {name: (info.annotation, info) for name, info in fields.items()}
    chosen["text_length"] = (int, Field(default=USUAL.text_length, ge=0, le=TEXT_LENGTH))
    for name in ("file_bytes", "image_bytes", "files_per_message", "message_bytes"):
        chosen[name] = (int, Field(default=0, ge=0))
    chosen["reply_window_hours"] = (int | None, Field(default=None, ge=1))
    chosen["note"] = (str | None, Field(default=None, max_length=500))
    return chosen


class Declarable(BaseModel):
    """Root of `Declared`: what it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Declared: Final = cast(type[Declarable], create_model("Declared", __base__=Declarable, **_choices()))
"""The sub-table `capabilities` of an account: the fields of `Capabilities` that an integrator chooses."""


def abilities(declared: Declarable, *, hears: bool) -> Capabilities:
    """What the account can do; `hears`: it has a webhook."""
    chosen = declared.model_dump(exclude_unset=True)
    if not hears:
        kept = {"receipts", "typing_in", "groups", "note", "resume_closed"}
        return DEAF.model_copy(update={name: value for name, value in chosen.items() if name in kept})
    return USUAL.model_copy(update=chosen)
