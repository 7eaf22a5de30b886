"""Makes a channel known: its place in the registry, and among the layers that the imports keep."""

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
    load = f"""\
def _{name}() -> Gateway:
    from gateways.{name}.channel import CONNECTOR, TRANSLATION
    from gateways.{name}.settings import {settings}

    return connected("{words_of(name)}", CONNECTOR, {settings}, TRANSLATION)


"""
    text = _once(text, r"^GATEWAYS: Final = ", lambda found: load + found)
    return _once(text, r"^    \}\n\)\n", lambda found: f'        "{name}": _{name},\n' + found)


def _with_layer(text: str, name: str) -> str:
    layer = r'^    "gateways\.webchat( \| gateways\.\w+)*'
    return _once(text, layer, lambda found: f"{found} | gateways.{name}")


def _once(text: str, pattern: str, change: Callable[[str], str]) -> str:
    changed, count = re.subn(pattern, lambda found: change(found[0]), text, flags=re.MULTILINE)
    assert count == 1, f"{pattern!r} stands {count} times: register the channel by hand"
    return changed
