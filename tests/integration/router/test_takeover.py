"""What a killed router leaves behind its successor continues; what is known survives."""

import asyncio

from shared.bus.connection import Broker
from shared.clock import uuid7
from shared.contract import commands
from shared.contract.content import text_content
from tests.integration.router.town import Town, ref, router

LISTS = (commands.ListOperators, commands.ListGroups, commands.ListRouting)


async def test_a_standby_continues_the_versions(amqp_url: str, router_database: str) -> None:
    async with Town.open(amqp_url) as town:
        async with asyncio.TaskGroup() as group:
            first_ends = asyncio.Event()

            async def first() -> None:
                async with router(amqp_url, router_database, "one"):
                    await first_ends.wait()

            group.create_task(first())
            await town.declare_account()
            async with router(amqp_url, router_database, "two"):
                count = 60
                for number in range(count):
                    await town.hear(f"{number}", f"v{number % 3}")
                    if number == count // 2:
                        first_ends.set()
                await town.event("message.received.v1", count)
        for chat in ("v0", "v1", "v2"):
            said = town.of_dialog(chat)
            unique = {one.id: one for one in said}.values()
            assert [one.data.version for one in unique] == list(range(1, count // 3 + 2))
            texts = [one.data.content.text for one in unique if one.type == "message.received.v1"]
            assert texts == [f"{number}" for number in range(count) if f"v{number % 3}" == chat]


async def test_a_restart_keeps_everything(amqp_url: str, router_database: str) -> None:
    async with Town.open(amqp_url) as town:
        async with router(amqp_url, router_database, "one"):
            await town.declare_account()
            anna = await town.operator("anna", without=("close",))
            assert (await town.ask(commands.AddGroup, slug="sales", name="Sales")).ok
            assert (await town.ask(commands.SetRouting, account="webchat.site", close_untaken=False)).ok
            await town.hear("Здравствуйте")
            opened = await town.event("conversation.opened.v1")
            about = {
                "dialog_id": ref().dialog_id,
                "conversation_id": opened.data.conversation.conversation_id,
            }
            asked = uuid7()
            accepted = await town.ask(commands.AcceptConversation, anna, id_=asked, **about)
            before = [await town.ask(what) for what in LISTS]
        async with router(amqp_url, router_database, "two"):
            after = [await town.ask(what) for what in LISTS]
            assert [one.result for one in after] == [one.result for one in before]
            assert await town.ask(commands.AcceptConversation, anna, id_=asked, **about) == accepted
            refused = await town.ask(commands.CloseConversation, anna, **about)
            assert refused.refusal is not None
            assert refused.refusal.parameters == {"right": "close"}
            await town.hear("Вы тут?")
            received = await town.event("message.received.v1", 2)
            assert received.data.version == 4
            state = received.data.conversation
            assert (state.status, str(state.assignee), state.unread) == ("active", anna.id, 2)


async def test_what_no_queue_takes_has_failed(amqp_url: str, town: Town) -> None:
    anna = await town.operator("anna")
    await town.declare_account(account="gone", name="Gone")
    await town.hear("Здравствуйте", "v1", account="gone")
    opened = await town.event("conversation.opened.v1")
    async with Broker(amqp_url, name="breaker") as broker:
        await broker.ready()
        connection = await broker.publish_link.connection()
        channel = await connection.channel()
        await channel.queue_delete("outbound.webchat.gone.v1")
    about = {
        "dialog_id": opened.data.dialog.dialog_id,
        "conversation_id": opened.data.conversation.conversation_id,
    }
    message_id = uuid7()
    content = text_content("Ответ в никуда")
    answer = await town.ask(commands.PostMessage, anna, message_id=message_id, content=content, **about)
    assert answer.ok
    failed = await town.event("message.delivery.v1")
    assert (failed.data.message_id, failed.data.state) == (message_id, "failed")
    assert failed.data.code == "account_not_connected"
    versions = [one.data.version for one in town.events if one.subject == opened.subject]
    assert versions == [1, 2, 3, 4, 5]
    assert not town.acts
