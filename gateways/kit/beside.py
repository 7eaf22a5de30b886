"""What a provider says beside facts: worth telling at once, and nothing later. It is never stored.

It is told once the facts that came with it are safe; a call or a page that came twice tells it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from gateways.kit.typing import ClientTyping

Errand: TypeAlias = Mapping[str, Any]
"""What the provider wants to hear at once, as JSON that the channel's `run` reads: an answer to a press."""

Beside: TypeAlias = Callable[[str, Sequence[ClientTyping], Sequence[Errand]], None]
"""Told the account, who writes, and the errands; returns at once."""
