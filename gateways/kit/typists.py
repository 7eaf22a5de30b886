"""Operators who write (MS11), as desks tell it on `live`: shown to the client by the channel's `typing`.

Every replica hears every hint; the owner of the account acts, on what is its own alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from pydantic import ValidationError

from gateways.kit.channel import Showing
from gateways.kit.condition import Owned
from gateways.kit.errands import Errands
from gateways.kit.typing import Repeats
from shared.contract.live import Typing
from shared.contract.people import DialogRef
from shared.failure import Retryable

PATTERN: Final = "typing.*"
AGAIN_SECONDS: Final = 4.0
"""Providers show it for five seconds or more."""


class Typists:
    """`heard` is called with each body of `live` under `PATTERN`."""

    def __init__(
        self,
        channel: str,
        owned: Mapping[str, Owned],
        errands: Errands,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._channel = channel
        self._owned = owned
        self._errands = errands
        self._monotonic = monotonic
        self._repeats = Repeats(AGAIN_SECONDS, monotonic)
        self._quiet_until: dict[str, float] = {}

    async def heard(self, body: bytes) -> None:
        """A hint of any desk or gateway; what is not for us, or cannot be read, is passed by."""
        try:
            hint = Typing.model_validate_json(body)
        except ValidationError:
            return
        dialog = hint.dialog
        if hint.by != "operator" or dialog is None or self._shown_by(dialog) is None:
            return
        if self._repeats.news(dialog.dialog_id, on=hint.on):
            self._errands.add(
                dialog.account,
                "typing",
                lambda: self._show(dialog, on=hint.on),
                lambda error: self._failed(dialog.account, error),
            )

    def _shown_by(self, dialog: DialogRef) -> Showing | None:
        """The channel that may show it now."""
        owned = self._owned.get(dialog.account) if dialog.channel == self._channel else None
        if owned is None or not owned.condition.may_chat or not owned.channel.capabilities.typing_out:
            return None
        if self._monotonic() < self._quiet_until.get(dialog.account, 0.0):
            return None
        return owned.channel if isinstance(owned.channel, Showing) else None

    async def _show(self, dialog: DialogRef, *, on: bool) -> None:
        channel = self._shown_by(dialog)  # it has waited: much may have changed
        if channel is not None:
            await channel.typing(dialog, on=on)

    def _failed(self, account: str, error: Exception) -> None:
        if isinstance(error, Retryable):
            self._quiet_until[account] = self._monotonic() + error.after
