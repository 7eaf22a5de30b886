"""Prints what every channel can do (CH16), as a table for people and for the documentation."""

from __future__ import annotations

from collections.abc import Mapping

from shared.contract.capabilities import Capabilities


def table(channels: Mapping[str, Capabilities]) -> str:
    """A Markdown table, one row a capability, one column a channel; notes stand below."""
    names = [name for name in Capabilities.model_fields if name != "note"]
    lines = [
        "| capability | " + " | ".join(channels) + " |",
        "|---|" + "---|" * len(channels),
        *(
            f"| {name} | " + " | ".join(_shown(getattr(one, name)) for one in channels.values()) + " |"
            for name in names
        ),
    ]
    notes = [f"- **{name}**: {one.note}" for name, one in channels.items() if one.note]
    return "\n".join(lines + (["", *notes] if notes else []))


def _shown(value: object) -> str:
    if value is True:
        return "yes"
    if value is False or value is None or value in ((), 0):
        return "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
