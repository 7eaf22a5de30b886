"""What the chat can do is one value, and the command prints it."""

import pytest

from gateways.__main__ import main
from gateways.registry import GATEWAYS
from gateways.webchat.channel import Webchat
from gateways.webchat.parse import TEXT_LENGTH


@pytest.mark.feature("CH16")
def test_the_command_prints_every_channel(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["capabilities"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("| capability | " + " | ".join(GATEWAYS))
    assert f"| text_length | {TEXT_LENGTH} |" in printed
    assert "| files | yes |" in printed


def test_what_is_announced_has_a_verb() -> None:
    declared = Webchat.capabilities
    assert declared.deduplicates
    assert not declared.resume_closed
    verbs = {"edit": declared.edit, "delete": declared.delete, "mark_read": declared.mark_read}
    assert all(announced == hasattr(Webchat, verb) for verb, announced in verbs.items())
    assert not any((declared.buttons, declared.locations, declared.reactions))


def test_the_command_line_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "python -m gateways webchat" in capsys.readouterr().err
