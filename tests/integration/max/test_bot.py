"""One account against a fake MAX, without its process: what a message in several parts meets on its way."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateways.kit.addresses import Guard
from gateways.kit.attachments import Attachments
from gateways.kit.connector import Means
from gateways.kit.http import FILE_LIMITS, GuardedClient, Limits
from gateways.kit.request import Request
from gateways.kit.retrying import InPart
from gateways.kit.transactions import Transactions
from gateways.max.account import MaxAccount
from gateways.max.channel import CONNECTOR, Max
from gateways.max.interface import Interface
from gateways.max.people import dialog
from shared.clock import SystemClock, uuid7
from shared.contract.content import Content, Document, File, Text
from shared.contract.envelope import Envelope, wrap
from shared.contract.outbound import SendMessage
from shared.db.engine import open_engine
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed
from shared.files.blobs import Blobs
from tests.support.max_provider import ACTIONS, ANSWERS, ME, MESSAGES, UPLOADS, MaxProvider
from tests.support.provider_faults import AcceptThenReset, Fail, Fine, Garbage, Hang, Throttle

pytestmark = pytest.mark.feature("CH13", "MS1")

TOKEN = "a token of a bot, invented for tests"
LONG = "слово " * 1500


@pytest.fixture
async def fake() -> AsyncIterator[MaxProvider]:
    async with MaxProvider(TOKEN) as provider:
        yield provider


@pytest.fixture
async def account(
    fake: MaxProvider, migrated_url: Callable[[str], str], tmp_path: Path
) -> AsyncIterator[Max]:
    engine = open_engine(migrated_url(CONNECTOR.package))
    transactions, clock = Transactions(engine), SystemClock()
    blobs = Blobs.open(f"file://{tmp_path / 'blobs'}")
    async with GuardedClient(Guard([fake.provider.end_point])) as client:
        attachments = Attachments(blobs, transactions, clock)
        means = Means(client, attachments, clock, FILE_LIMITS, blobs, transactions)
        named = MaxAccount(slug="main", name="Shop", api=fake.provider.url, secret=SecretStr(TOKEN))
        yield Max(named, means)
    await engine.dispose()


def message(*parts: Text | Document) -> Envelope[SendMessage]:
    now, identity = datetime.now(UTC), uuid7()
    said = SendMessage(
        dialog=dialog("main", "182", "personal"), not_after=now + timedelta(hours=1), message_id=identity,
        created_at=now, content=Content(parts=parts),
    )  # fmt: skip
    return wrap(said, id=identity, source="router", time=now, subject="x")


async def test_what_has_arrived_of_a_long_text_is_not_sent_again(account: Max, fake: MaxProvider) -> None:
    long = message(Text(text=LONG))
    fake.provider.script(MESSAGES, Fine(), Throttle(3), Fine(), Fail(503))
    with pytest.raises(InPart) as paused:
        await account.send(long)
    assert (paused.value.after, paused.value.scope) == (3, "account")
    with pytest.raises(InPart):
        await account.send(long)
    sent = await account.send(long)
    assert "".join(fake.texts("182")) == LONG
    assert sent.external_ids == tuple(one["mid"] for one in fake.sent)
    assert len(sent.external_ids) == 3


@pytest.mark.parametrize("fault", [AcceptThenReset(), Garbage(), Fail(502)])
async def test_a_part_of_which_nobody_knows_ends_the_message(
    account: Max, fake: MaxProvider, fault: AcceptThenReset | Garbage | Fail
) -> None:
    fake.provider.script(MESSAGES, Fine(), fault)
    with pytest.raises(Unconfirmed, match="Of 3 parts of it the first 1 arrived"):
        await account.send(message(Text(text=LONG)))
    assert len(fake.asked("POST", MESSAGES)) == 2


async def test_a_refused_part_says_how_much_arrived(account: Max, fake: MaxProvider) -> None:
    fake.provider.script(MESSAGES, Fine(), Fine(), Fail(403, {"code": "chat.denied", "message": ""}))
    with pytest.raises(Rejected, match="Of 3 parts of it the first 2 arrived") as refused:
        await account.send(message(Text(text=LONG)))
    assert refused.value.code == "contact_blocked"


async def test_a_file_is_put_once_however_long_max_works_on_it(account: Max, fake: MaxProvider) -> None:
    attachment = uuid7()
    await Blobs.put(account._means.blobs, str(attachment), _chunks(b"%PDF-1.4 invented"), limit=100)
    file = File(attachment_id=attachment, name="bill.pdf", mime_type="application/pdf", state="stored")
    fake.not_ready = 3
    with_file = message(Document(file=file))
    pauses = []
    for _ in range(3):
        with pytest.raises(Retryable) as paused:
            await account.send(with_file)
        assert paused.value.scope == "dialog"
        pauses.append(paused.value.after)
    await account.send(with_file)
    assert pauses == [2, 4, 8]
    assert len(fake.asked("POST", UPLOADS)) == len(fake.put) == len(fake.sent) == 1


async def test_no_answer_in_time_is_no_answer(fake: MaxProvider) -> None:
    fake.provider.script(MESSAGES, Hang())
    async with GuardedClient(Guard([fake.provider.end_point])) as client:
        limits = Limits(connect_seconds=0.2, answer_seconds=0.1)
        interface = Interface(client, fake.provider.url, SecretStr(TOKEN), limits)
        with pytest.raises(Unconfirmed):
            await interface.asked(Request("POST", "/messages?chat_id=1", {"text": "x"}))
    assert fake.provider.left(MESSAGES) == 0


async def test_what_is_said_beside_messages(account: Max, fake: MaxProvider) -> None:
    await account.typing(dialog("main", "182", "personal"), on=True)
    await account.typing(dialog("main", "182", "personal"), on=False)
    await account.run({"answer": "f9 cb", "notification": "Да"})
    (action,), (answer,) = fake.asked("POST", ACTIONS), fake.asked("POST", ANSWERS)
    assert (action.names["chat"], action.json()) == ("182", {"action": "typing_on"})
    assert (answer.query["callback_id"], answer.json()) == ("f9 cb", {"notification": "Да"})


async def test_a_probe_tells_a_token_that_was_taken_away(account: Max, fake: MaxProvider) -> None:
    await account.probe()
    fake.token = "another one"
    with pytest.raises(ChannelDown, match=r"^login_needed: "):
        await account.probe()
    (first, _) = fake.asked("GET", ME)
    assert (first.body, first.headers.get("Content-Type")) == (b"", None)


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content
