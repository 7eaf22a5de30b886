"""Administrative commands over the bus: carried out, refused with words, and recorded either way."""

import json

import pytest

from shared.bus.outgoing import Outgoing
from shared.clock import uuid7
from shared.contract import commands
from shared.contract.envelope import Data
from shared.contract.inbound import AccountHealth, KnownTemplate, TemplatesKnown
from shared.topology import COMMANDS
from tests.integration.router.town import CONSOLE, Town, ref


@pytest.mark.feature("AD6")
async def test_accepted_and_refused_acts_are_recorded(town: Town) -> None:
    anna = await town.operator("anna", role="administrator")
    refused = await town.ask(commands.ChangeOperator, anna, operator="anna", disabled=True)
    assert refused.refusal is not None
    assert refused.refusal.code == "last_administrator"
    await town.event("audit.recorded.v1", 2)
    added, kept = (one.data for one in town.of("audit.recorded.v1"))
    assert (added.actor, added.command, added.accepted) == (CONSOLE, "operator.add.v1", True)
    assert added.detail == {"login": "anna", "role": "administrator"}
    assert (kept.actor, kept.accepted, kept.refusal) == (anna, False, "last_administrator")
    assert kept.subject == "operator:anna"


@pytest.mark.feature("AD2")
async def test_an_operator_administers_nothing(town: Town) -> None:
    anna = await town.operator("anna")
    answer = await town.ask(commands.AddGroup, anna, slug="sales", name="Sales")
    assert answer.refusal is not None
    assert answer.refusal.code == "no_right"
    assert not town.of("group.changed.v1")


@pytest.mark.feature("AD3", "LC3")
async def test_an_accounts_groups_decide_who_sees_it(town: Town) -> None:
    assert (await town.ask(commands.AddGroup, slug="sales", name="Sales")).ok
    anna = await town.operator("anna", groups=("sales",))
    boris = await town.operator("boris")
    assert (await town.ask(commands.SetRouting, account="webchat.site", groups=("sales",))).ok
    changed = await town.event("account.changed.v1", 2)
    assert (changed.data.groups, changed.data.version) == (("sales",), 2)
    assert town.of("operator.changed.v1")[-1].data.access_version == 2
    assert str(town.of("operator.changed.v1")[-1].data.operator_id) == boris.id

    await town.hear("Есть скидки?")
    opened = await town.event("conversation.opened.v1")
    about = {
        "dialog_id": ref().dialog_id,
        "conversation_id": opened.data.conversation.conversation_id,
    }
    hidden = await town.ask(commands.AcceptConversation, boris, **about)
    assert hidden.refusal is not None
    assert hidden.refusal.code == "conversation_not_found"
    assert (await town.ask(commands.AcceptConversation, anna, **about)).ok


async def test_resync_repeats_all_open_state(town: Town) -> None:
    await town.operator("anna")
    assert (await town.ask(commands.AddGroup, slug="sales", name="Sales")).ok
    for chat in ("v1", "v2", "v3"):
        await town.hear("Здравствуйте", chat)
    await town.event("message.received.v1", 3)
    closing = town.of("conversation.opened.v1", "v3")[0].data.conversation.conversation_id
    await town.ask(commands.CloseConversation, dialog_id=ref("v3").dialog_id, conversation_id=closing)

    answer = await town.ask(commands.Resync)
    assert answer.result == {"operators": 1, "groups": 1, "accounts": 1, "conversations": 2}
    await town.event("conversation.resynced.v1", 2)
    for chat in ("v1", "v2"):
        *before, resynced = town.of_dialog(chat)
        assert resynced.type == "conversation.resynced.v1"
        assert resynced.data.version == before[-1].data.version + 1
        assert resynced.data.conversation == before[-1].data.conversation
    assert len(town.of("operator.changed.v1")) == 2
    await town.hear("Ау", "v1")
    received = await town.event("message.received.v1", 2, chat="v1")
    assert received.data.version == 4


async def test_an_unknown_command_is_answered_so(town: Town) -> None:
    class Fly(commands.Command):
        TYPE = "conversation.fly.v1"

    answer = await town.ask(Fly)
    assert answer.refusal is not None
    assert (answer.refusal.code, answer.refusal.parameters) == (
        "unknown_command",
        {"type": "conversation.fly.v1"},
    )


async def test_an_unknown_fact_is_passed_by(town: Town) -> None:
    class Hum(Data):
        TYPE = "inbound.humming.v1"

    await town.tell(Hum(), "somebody")
    await town.hear("Здравствуйте")
    await town.event("message.received.v1")


async def test_a_command_of_nonsense_is_parked_and_harms_nobody(town: Town) -> None:
    id_ = str(uuid7())
    body = json.dumps({"specversion": "1.0", "id": id_, "type": "conversation.accept.v1"}).encode()
    await town.publisher.publish(
        Outgoing(COMMANDS, "conversation.accept", body, id_, "conversation.accept.v1")
    )
    await town.hear("Здравствуйте")
    await town.event("message.received.v1")
    (parked,) = await town.parked()
    assert parked.body == body
    assert parked.headers["x-queue"] == "router.commands.v1"
    assert "Field required" in parked.headers["x-error"]


async def test_other_accounts_queues_are_declared_and_lists_tell(town: Town) -> None:
    await town.declare_account(account="shop", name="Shop")
    listed = await town.ask(commands.ListRouting)
    assert [one["account"] for one in listed.result["accounts"]] == ["webchat.shop", "webchat.site"]
    message = Outgoing("outbound", "webchat.shop", b"{}", str(uuid7()))
    await town.publisher.publish(message)


@pytest.mark.feature("BY10")
async def test_health_of_an_account_is_told(town: Town) -> None:
    at = town.of("account.changed.v1")[0].time
    fact = AccountHealth(channel="webchat", account="site", state="down", reason="no disk", at=at)
    await town.tell(fact, "account:webchat.site")
    changed = await town.event("account.changed.v1", 2)
    assert (changed.data.health, changed.data.health_reason) == ("down", "no disk")


@pytest.mark.feature("MS7")
async def test_templates_of_an_account_are_told_and_repeated(town: Town) -> None:
    at = town.of("account.changed.v1")[0].time
    order = KnownTemplate(name="order", language="ru", text="Ждём, {{1}}", parameters=1)
    fact = TemplatesKnown(channel="webchat", account="site", templates=(order,), at=at)
    await town.tell(fact, "account:webchat.site")
    told = (await town.event("account.templates.v1")).data
    assert (told.channel, told.account, told.templates, told.version) == ("webchat", "site", (order,), 1)
    assert (await town.ask(commands.Resync)).ok
    assert (await town.event("account.templates.v1", 2)).data.templates == (order,)
