"""For every channel × everything that it cannot: refused with code and words, and its queue saw nothing."""

from typing import Any

import pytest

from gateways.registry import GATEWAYS
from shared.clock import uuid7
from shared.contract import commands
from shared.contract.capabilities import Capabilities
from shared.contract.content import text_content
from shared.contract.people import Actor
from tests.integration.router.town import Town, ref
from tests.support.asking import SWITCHES, Asking, too_much
from tests.support.waiting import eventually

CHANNELS = {name: gateway.capabilities for name, gateway in GATEWAYS.items()} | {"nothing": Capabilities()}


def refused_by(capabilities: Capabilities) -> dict[str, Asking]:
    """What this channel has to refuse."""
    lacking = {
        name: asking
        for name, asking in SWITCHES.items()
        if isinstance(asking, Asking) and not getattr(capabilities, name)
    }
    return lacking | too_much(capabilities)


@pytest.mark.feature("CH16", "BY8")
@pytest.mark.parametrize("channel", CHANNELS)
async def test_what_the_channel_cannot_is_refused_before_anything_is_sent(town: Town, channel: str) -> None:
    capabilities = CHANNELS[channel]
    if capabilities != Capabilities():
        await town.declare_account(capabilities=capabilities)
    anna = await town.operator("anna")
    await town.hear("Здравствуйте")
    opened = await town.event("conversation.opened.v1")
    about = {"dialog_id": ref().dialog_id, "conversation_id": opened.data.conversation.conversation_id}
    assert (await town.ask(commands.AcceptConversation, anna, **about)).ok
    version = (await town.event("conversation.assigned.v1")).data.version
    asked = refused_by(capabilities)
    assert asked
    for name, asking in asked.items():
        answer = await town.ask(asking.command, anna, **about, **asking.fields)
        assert answer.refusal is not None, name
        assert (answer.refusal.code, answer.refusal.parameters) == (asking.code, asking.parameters)
        assert all(answer.refusal.words(language) for language in ("en", "ru"))
    await _sent(town, anna, about)
    assert [act.type for act in town.acts] == ["outbound.message.v1"]
    assert (await town.event("message.queued.v1")).data.version == version + 1


async def _sent(town: Town, by: Actor, about: dict[str, Any]) -> None:
    """What the channel can is the first that its queue sees."""
    answer = await town.ask(
        commands.PostMessage, by, **about, message_id=uuid7(), content=text_content("Добрый день")
    )
    assert answer.ok
    await eventually(lambda: town.acts)
