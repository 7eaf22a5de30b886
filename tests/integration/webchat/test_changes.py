"""What is no new message: edits, deletions, receipts, typing, the end of the chat, who the visitor is."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gateways.webchat.identity import proof
from shared.bus.connection import Broker
from shared.bus.listener import Listener
from shared.bus.outgoing import Outgoing
from shared.clock import uuid7
from shared.contract.content import text_content
from shared.contract.envelope import wrap
from shared.contract.ids import dialog_id
from shared.contract.live import Typing
from shared.contract.outbound import Act, CloseChat, DeleteMessage, EditMessage, MarkRead
from shared.contract.people import DialogRef
from shared.topology import LIVE, OUTBOUND, live_key, outbound_key
from tests.integration.webchat.conftest import House
from tests.support.visitor import Visitor
from tests.support.waiting import eventually
from tests.support.webchat import Replica, Router, write_accounts

pytestmark = pytest.mark.feature("CH1")

CIDS = ("c" * 20, "d" * 20)
IDENTITY_SECRET = "the secret of the site's own server"


@pytest.fixture(scope="module")
def house_accounts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    path = write_accounts(folder)
    (folder / "identity.secret").write_text(IDENTITY_SECRET)
    more = 'identity_secret_file = "identity.secret"\nask = ["name", "phone"]\nrequired = ["name"]\n'
    path.write_text(path.read_text() + more + 'title = "Northwind"\n')
    return path


def ref(visitor: Visitor) -> DialogRef:
    chat = visitor.visitor
    return DialogRef(
        dialog_id=dialog_id("webchat", "main", chat), channel="webchat", account="main", chat=chat
    )


async def give(router: Router, visitor: Visitor, kind: type[Act], **fields: Any) -> None:
    """An act of the router's in the visitor's dialog."""
    identity, now = uuid7(), datetime.now(UTC)
    act = kind(dialog=ref(visitor), not_after=now + timedelta(hours=1), **fields)
    envelope = wrap(act, id=identity, source="router", time=now, subject=str(ref(visitor).dialog_id))
    key = outbound_key("webchat", "main")
    await router.publisher.publish(Outgoing(OUTBOUND, key, envelope.encode(), str(identity), act.TYPE))


async def talked(visitor: Visitor, *texts: str) -> None:
    """The visitor has said this, and may be answered."""
    await visitor.connect()
    for number, text in enumerate(texts):
        visitor.post(text, cid=CIDS[number])
    await heard(visitor, len(texts))


async def heard(visitor: Visitor, count: int) -> list[dict[str, Any]]:
    """Takes frames until there are so many rows."""

    async def enough() -> bool:
        if len(visitor.received) < count:
            visitor._take(await visitor.hear())
        return len(visitor.received) >= count

    await eventually(enough, seconds=15)
    return visitor.received


@pytest.mark.feature("MS9", "MS10")
async def test_edit_delete_seen_and_closed_are_rows_of_their_own(
    replica: Replica, router: Router, visitor: Callable[..., Visitor]
) -> None:
    anna = visitor(replica)
    await talked(anna, "a question")
    first = await router.send(anna.visitor, "a wrong answer")
    second = await router.send(anna.visitor, "a secret of ours")
    await eventually(lambda: router.outcomes(second) == ["sent"])
    await give(
        router, anna, EditMessage, message_id=first, external_ids=("2",), content=text_content("right")
    )
    await heard(anna, 4)
    await give(router, anna, DeleteMessage, message_id=second, external_ids=("3",))
    await heard(anna, 5)
    await give(router, anna, MarkRead, external_id=CIDS[0])
    await heard(anna, 6)
    await give(router, anna, MarkRead, external_id=CIDS[0])
    await give(router, anna, CloseChat, conversation_id=uuid4())
    rows = await heard(anna, 7)
    shown = [{name: row.get(name) for name in ("seq", "of", "text", "up_to", "by")} for row in rows[3:]]
    assert shown == [
        {"seq": 4, "of": 2, "text": "right", "up_to": None, "by": None},
        {"seq": 5, "of": 3, "text": None, "up_to": None, "by": None},
        {"seq": 6, "of": None, "text": None, "up_to": 1, "by": None},
        {"seq": 7, "of": None, "text": None, "up_to": None, "by": "operator"},
    ]
    other = visitor(replica)
    other.token = anna.token
    welcome = await other.connect()
    assert [row["t"] for row in welcome["history"]] == [
        "msg",
        "msg",
        "msg",
        "edit",
        "delete",
        "seen",
        "closed",
    ]
    assert [row["text"] for row in welcome["history"][:3]] == ["a question", "right", ""]
    assert welcome["closed"]
    assert welcome["state"]["read"] == 1
    anna.post("one more")
    await heard(anna, 8)
    assert not (await other.connect())["closed"]


@pytest.mark.feature("MS2")
async def test_quotes_both_ways(replica: Replica, router: Router, visitor: Callable[..., Visitor]) -> None:
    anna = visitor(replica)
    await talked(anna, "what does it cost?")
    await router.send(anna.visitor, "ten", quoted_external_id=CIDS[0])
    rows = await heard(anna, 2)
    assert rows[1]["quote"] == {"seq": 1, "text": "what does it cost?"}
    anna.send_raw(json.dumps({"t": "msg", "cid": CIDS[1], "text": "too much", "quote": 2}))
    await eventually(lambda: len(router.of_type("inbound.message.v1")) == 2)
    quote = router.of_type("inbound.message.v1")[1]["data"]["content"]["quote"]
    assert quote == {"external_id": "2", "author": "Anna", "text": "ten"}


@pytest.mark.feature("MS10")
async def test_receipts_are_told_once(
    replica: Replica, router: Router, visitor: Callable[..., Visitor]
) -> None:
    anna = visitor(replica)
    await talked(anna, "hello")
    for text in ("one", "two"):
        await router.send(anna.visitor, text)
    await heard(anna, 3)
    for _ in range(3):
        anna.send_raw('{"t":"got","seq":3}')
    anna.send_raw('{"t":"read","seq":2}')
    anna.send_raw('{"t":"read","seq":900}')

    def told() -> list[tuple[str, str]]:
        return [(one["data"]["state"], one["data"]["up_to"]) for one in router.of_type("inbound.receipt.v1")]

    await eventually(lambda: len(told()) == 3)
    assert told() == [("delivered", "3"), ("read", "2"), ("read", "3")]
    anna.cut()
    await anna.connect()
    anna.send_raw('{"t":"got","seq":3}')
    anna.send_raw('{"t":"read","seq":3}')
    anna.post("the last word")
    await heard(anna, 4)
    await eventually(lambda: len(router.heard(anna)) == 2)
    assert sum(fact["type"] == "inbound.receipt.v1" for fact in router.facts) == 3


@pytest.mark.feature("LC8")
async def test_the_visitor_closes_the_chat(
    replica: Replica, router: Router, visitor: Callable[..., Visitor]
) -> None:
    anna = visitor(replica)
    await anna.connect()
    anna.send_raw('{"t":"close"}')  # there is nothing to close yet
    await talked(anna, "goodbye")
    anna.send_raw('{"t":"close"}')
    anna.send_raw('{"t":"close"}')
    rows = await heard(anna, 2)
    assert (rows[1]["t"], rows[1]["by"]) == ("closed", "client")
    await eventually(lambda: router.of_type("inbound.closing.v1"))
    await give(router, anna, CloseChat, conversation_id=uuid4())  # the router's echo of it
    await router.send(anna.visitor, "come again")
    rows = await heard(anna, 3)
    assert rows[2]["text"] == "come again"
    assert len(router.of_type("inbound.closing.v1")) == 1


@pytest.mark.feature("MS11")
async def test_typing_both_ways(
    replica: Replica, router: Router, visitor: Callable[..., Visitor], house: House
) -> None:
    anna = visitor(replica)
    await talked(anna, "hello")
    bodies: list[Typing] = []

    async def hear(body: bytes) -> None:
        bodies.append(Typing.model_validate_json(body))

    async with Broker(house.amqp_url, name="test-desk") as broker:
        await broker.ready()
        listener = Listener(broker, [(LIVE, "typing.*")], hear)
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(listener.run())
            await listener.bound.wait()
            for _ in range(5):
                anna.send_raw('{"t":"typing","on":true}')
            anna.send_raw('{"t":"typing","on":false}')
            await eventually(lambda: len(bodies) >= 2)
            assert [(one.by, one.on) for one in bodies] == [("client", True), ("client", False)]
            listening.cancel()
    dialog = ref(anna).dialog_id
    ours = Typing(dialog_id=dialog, by="operator", name="Anna").model_dump_json().encode()
    key = live_key("typing", dialog.hex)

    async def shown() -> bool:
        """It is transient: a desk says it again as long as the operator writes."""
        router.publisher.announce(Outgoing(LIVE, key, ours, str(uuid4()), Typing.TYPE, persistent=False))
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                frame = await anna.hear()
            return bool(frame == {"t": "typing", "on": True, "name": "Anna"})
        return False

    await eventually(shown, seconds=20)


async def test_the_page_and_the_visitor_tell_who_they_are(
    replica: Replica, router: Router, visitor: Callable[..., Visitor]
) -> None:
    anna = visitor(replica)
    anna.page = {"url": "https://shop.example/first"}
    welcome = await anna.connect()
    assert welcome["site"] == {
        "ask": ["name", "phone"],
        "required": ["name"],
        "sound": True,
        "name": "Northwind",
    }
    assert welcome["limits"]["file_bytes"] == 30_000_000
    anna.send_raw(json.dumps({"t": "page", "page": {"url": "https://shop.example/second"}}))
    anna.send_raw(json.dumps({"t": "contact", "name": "Anna", "phone": "+7 999 123-45-67", "consent": True}))
    anna.post("hello")
    await heard(anna, 1)
    anna.send_raw(json.dumps({"t": "page", "page": {"url": "https://shop.example/third"}}))
    anna.send_raw(json.dumps({"t": "event", "name": "order", "data": {"id": 7}}))
    await eventually(lambda: len(router.of_type("inbound.visit.v1")) == 3)
    told = [one["data"] for one in router.of_type("inbound.visit.v1")]
    assert told[0]["consent"]
    assert (told[0]["identity"]["phone"], told[0]["identity"]["verified"]) == ("+79991234567", False)
    assert told[1]["visit"]["url"] == "https://shop.example/third"
    assert told[2]["fields"] == {"event:order": '{"id":7}'}
    message = router.of_type("inbound.message.v1")[0]["data"]
    assert message["visit"]["url"] == "https://shop.example/second"
    assert (message["sender"]["name"], message["sender"]["verified"]) == ("Anna", False)


async def test_the_host_page_vouches_for_its_user(
    replica: Replica, router: Router, visitor: Callable[..., Visitor]
) -> None:
    anna, eve = visitor(replica), visitor(replica)
    anna.user = {"id": "42", "name": "Anna", "hash": proof("42", IDENTITY_SECRET)}
    eve.user = {"id": "42", "name": "Anna", "hash": proof("42", "a secret that Eve made up")}
    for person in (anna, eve):
        await person.connect()
        person.post("hello")
        await heard(person, 1)
    await eventually(lambda: len(router.of_type("inbound.message.v1")) == 2)
    senders = {
        one["data"]["dialog"]["chat"]: one["data"]["sender"] for one in router.of_type("inbound.message.v1")
    }
    assert (senders[anna.visitor]["aliases"], senders[anna.visitor]["verified"]) == (["user:42"], True)
    assert not senders[eve.visitor]["verified"]
    assert "name" not in senders[eve.visitor]
