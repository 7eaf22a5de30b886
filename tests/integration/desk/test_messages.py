"""Quotes, edits and deletions of one's own messages, and typing."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.bus.connection import Broker
from shared.bus.listener import Listener
from shared.bus.outgoing import Outgoing
from shared.bus.publisher import Publisher
from shared.clock import uuid7
from shared.contract.commands import ChangeMessage, PostMessage, RemoveMessage
from shared.contract.content import Content, File, Image, Template, Text
from shared.contract.live import Typing
from shared.topology import LIVE, live_key
from tests.integration.desk.browser import Socket, Workplace
from tests.integration.desk.person import Person
from tests.integration.desk.scripted_router import ScriptedRouter
from tests.integration.desk.scripted_store import ScriptedStore
from tests.support.waiting import eventually


def said(**changes: Any) -> dict[str, Any]:
    """A line of history as the store tells of one."""
    content = Content(parts=(Text(text="first words"),))
    author = {"kind": "client", "id": "v1", "name": "Vera"}
    return {"direction": "in", "external_id": "m1", "author": author, "content": dump(content), **changes}


def dump(content: Content) -> dict[str, Any]:
    return content.model_dump(mode="json", exclude_none=True)


def ours(who: Person, **changes: Any) -> dict[str, Any]:
    return said(
        direction="out", author={"kind": "operator", "id": str(who.operator_id), "name": "A"}, **changes
    )


@pytest.mark.feature("MS2")
async def test_a_quote_names_the_message_as_its_channel_does(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    anna = store.add(Person("anna"))
    conversation, other = store.put_conversation(), store.put_conversation()
    hidden = store.put_conversation("webchat.other")
    edited = dump(Content(parts=(Text(text="later words"),)))
    quoted = store.put_message(conversation, said(original=said()["content"], content=edited))
    unsent = store.put_message(conversation, ours(anna, external_id=None))
    missing = [
        store.put_message(other, said()), store.put_message(hidden, said()),
        store.put_message(conversation, said(deleted_at="2026-03-01T00:00:00Z")), uuid4(),
    ]  # fmt: skip
    path = f"/api/conversations/{conversation}/messages"
    async with await desk.signed_in(anna) as browser:
        body = {"id": str(uuid7()), "text": "an answer", "quote": str(quoted)}
        assert (await browser.call("POST", path, body)).status in (200, 202)
        refused = await browser.call("POST", path, {**body, "id": str(uuid7()), "quote": str(unsent)})
        assert (refused.status, refused.code) == (409, "quote_unsent")
        for one in missing:
            refused = await browser.call("POST", path, {**body, "id": str(uuid7()), "quote": str(one)})
            assert (refused.status, refused.code) == (404, "message_not_found")
    (command,) = router.of(PostMessage.TYPE)
    assert isinstance(command.data, PostMessage)
    quote = command.data.content.quote
    assert quote is not None
    assert (quote.external_id, quote.message_id) == ("m1", quoted)
    assert (quote.author, quote.text) == ("Vera", "first words")


@pytest.mark.feature("MS10")
async def test_only_the_author_changes_a_message(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    anna, boris = store.add(Person("anna")), store.add(Person("boris"))
    conversation = store.put_conversation(assignee=anna.operator_id)
    picture = Image(file=File(attachment_id=uuid4(), state="stored"))
    content = dump(Content(parts=(Text(text="mistkae"), picture)))
    mine = store.put_message(conversation, ours(anna, content=content))
    theirs = store.put_message(conversation, said())
    path = f"/api/conversations/{conversation}/messages"
    async with await desk.signed_in(anna) as hers, await desk.signed_in(boris) as his:
        for verb, more in (("edit", {"text": "mistake"}), ("delete", {})):
            done = await hers.call("POST", f"{path}/{mine}/{verb}", {"id": str(uuid7()), **more})
            assert done.status in (200, 202), done.body
            for browser, one in ((his, mine), (hers, theirs)):
                refused = await browser.call("POST", f"{path}/{one}/{verb}", {"id": str(uuid7()), **more})
                assert (refused.status, refused.code) == (403, "not_your_message")
            gone = await hers.call("POST", f"{path}/{uuid4()}/{verb}", {"id": str(uuid7()), **more})
            assert (gone.status, gone.code) == (404, "message_not_found")
    (change,) = router.of(ChangeMessage.TYPE)
    assert isinstance(change.data, ChangeMessage)
    assert change.data.message_id == mine
    assert change.data.content.text == "mistake"
    assert change.data.content.parts[1] == picture
    (removal,) = router.of(RemoveMessage.TYPE)
    assert isinstance(removal.data, RemoveMessage)
    assert removal.data.message_id == mine


@pytest.mark.feature("MS11")
async def test_a_typing_client_is_seen_by_those_who_see_the_conversation(
    desk: Workplace, store: ScriptedStore, bus: Broker
) -> None:
    anna, boris = store.add(Person("anna")), store.add(Person("boris", without=("others.read",)))
    conversation = store.put_conversation()
    dialog = UUID(store.conversations[conversation]["dialog_id"])
    async with await desk.signed_in(anna) as hers, await desk.signed_in(boris) as his:
        sockets = [await hers.connect(), await his.connect()]
        for socket in sockets:
            await socket.next("hello")
        frames = await heard_by(bus, sockets, Typing(dialog_id=dialog, by="client", on=True))
        assert (
            frames
            == [{"t": "typing", "dialog_id": str(dialog), "by": "client", "on": True, "name": None}] * 2
        )
        store.put_conversation(assignee=anna.operator_id, id_=conversation)
        await sockets[1].next("delta")
        announce(bus, Typing(dialog_id=dialog, by="client", on=True))
        assert (await sockets[0].next("typing"))["on"] is True
        announce(bus, Typing(dialog_id=uuid4(), by="client"))
        free = UUID(store.conversations[store.put_conversation()]["dialog_id"])
        announce(bus, Typing(dialog_id=free, by="client"))
        assert (await sockets[1].next("typing"))["dialog_id"] == str(free), "what is Anna's was not shown"
        for socket in sockets:
            await socket.close()


@pytest.mark.feature("MS11")
async def test_a_typing_operator_is_told_to_the_channel_and_to_colleagues(
    desk: Workplace, store: ScriptedStore, bus: Broker
) -> None:
    anna, boris = store.add(Person("anna")), store.add(Person("boris"))
    conversation = store.put_conversation(assignee=anna.operator_id)
    dialog = store.conversations[conversation]["dialog_id"]
    path = f"/api/conversations/{conversation}/typing"
    heard: list[Typing] = []

    async def hear(body: bytes) -> None:
        heard.append(Typing.model_validate_json(body))

    listener = Listener(bus, [(LIVE, "typing.#")], hear)
    async with (
        asyncio.TaskGroup() as group,
        await desk.signed_in(anna) as hers,
        await desk.signed_in(boris) as his,
    ):
        task = group.create_task(listener.run())
        await listener.bound.wait()
        sockets = [await hers.connect(), await his.connect()]
        for socket in sockets:
            await socket.next("hello")
        assert (await his.call("POST", path, {"on": True})).status == 204, "it is Anna's: nobody is told"
        assert (await hers.call("POST", path, {"on": True})).status == 204
        assert (await hers.call("POST", f"/api/conversations/{uuid4()}/typing", {"on": True})).status == 404
        await eventually(lambda: heard)
        frame = await sockets[1].next("typing")
        assert (frame["by"], frame["name"], frame["dialog_id"]) == ("operator", "Anna P.", dialog)
        announce(bus, Typing(dialog_id=UUID(dialog), by="client"))
        assert (await sockets[0].next("typing"))["by"] == "client", "one's own typing is not echoed"
        (told,) = [hint for hint in heard if hint.by == "operator"]
        assert told.operator_id == anna.operator_id
        assert told.dialog is not None, "its gateway has to tell the provider"
        assert (told.dialog.channel, told.dialog.account, str(told.dialog.dialog_id)) == (
            "webchat",
            "main",
            dialog,
        )
        store.conversations[conversation]["participants"] = [str(boris.operator_id)]
        assert (await his.call("POST", path, {"on": True})).status == 204
        assert (await sockets[0].next("typing"))["name"] == "Boris P.", "a participant answers here, too"
        for socket in sockets:
            await socket.close()
        task.cancel()


def announce(bus: Broker, hint: Typing) -> None:
    key = live_key("typing", hint.dialog_id.hex)
    body = hint.model_dump_json().encode()
    PUBLISHERS.setdefault(id(bus), Publisher(bus)).announce(
        Outgoing(LIVE, key, body, str(uuid4()), Typing.TYPE, persistent=False)
    )


PUBLISHERS: dict[int, Publisher] = {}
"""One for each bus: order within one connection."""


async def heard_by(bus: Broker, sockets: list[Socket], hint: Typing) -> list[dict[str, Any]]:
    """The first typing frame of each; repeated until the desk listens."""

    async def repeat() -> None:
        while True:
            announce(bus, hint)
            await asyncio.sleep(0.5)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(repeat())
        frames = [await socket.next("typing") for socket in sockets]
        task.cancel()
    return frames


@pytest.mark.feature("MS7")
async def test_a_template_goes_instead_of_words(
    desk: Workplace, store: ScriptedStore, router: ScriptedRouter
) -> None:
    anna = store.add(Person("anna"))
    path = f"/api/conversations/{store.put_conversation()}/messages"
    order = {"name": "order", "language": "ru", "parameters": ["17"]}
    async with await desk.signed_in(anna) as browser:
        assert (await browser.call("POST", path, {"id": str(uuid7()), "template": order})).status in (
            200,
            202,
        )
        nameless = {"id": str(uuid7()), "template": {"name": "", "language": "ru"}}
        assert (await browser.call("POST", path, nameless)).status == 422
    (command,) = router.of(PostMessage.TYPE)
    assert isinstance(command.data, PostMessage)
    assert command.data.content == Content(parts=(Template(name="order", language="ru", parameters=("17",)),))
