"""Makes a channel known: its row in the registry, and its place among the layers that the imports keep."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.support.new_channel.layout import ROOT, class_of, words_of


def register(name: str) -> list[Path]:
    """Which files were changed; raises `AssertionError` when one does not look as expected."""
    registry, project = ROOT / "gateways" / "registry.py", ROOT / "pyproject.toml"
    registry.write_text(_with_row(registry.read_text(encoding="utf-8"), name), encoding="utf-8")
    project.write_text(_with_layer(project.read_text(encoding="utf-8"), name), encoding="utf-8")
    return [registry, project]


def _with_row(text: str, name: str) -> str:
    settings = f"{class_of(name)}Settings"
    row = f"""\
        "{name}": Gateway(
            "{words_of(name)}",
            {name}.CONNECTOR.package,
            {name}.CONNECTOR.capabilities,
            {settings},
            {name}.CONNECTOR.accounts,
            {name}.CONNECTOR.serve,
            {name}.TRANSLATION,
        ),
"""
    imports = (
        f"from gateways.{name} import channel as {name}\nfrom gateways.{name}.settings import {settings}\n"
    )
    text = _once(text, r"^from gateways\.kit\.accounts", lambda found: imports + found)
    return _once(text, r"^    \}\n\)\n", lambda found: row + found)


def _with_layer(text: str, name: str) -> str:
    layer = r'^    "gateways\.webchat( \| gateways\.\w+)*'
    return _once(text, layer, lambda found: f"{found} | gateways.{name}")


def _once(text: str, pattern: str, change: Callable[[str], str]) -> str:
    changed, count = re.subn(pattern, lambda found: change(found[0]), text, flags=re.MULTILINE)
    assert count == 1, f"{pattern!r} stands {count} times: register the channel by hand"
    return changed
