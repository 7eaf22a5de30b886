"""An echo or a receipt that overtakes the answer waits and is matched; the rest was written elsewhere."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.kit import journal
from gateways.kit.echoes import SOON_SECONDS, Echoes
from gateways.kit.intake import heard
from gateways.kit.journal import INTERRUPTED, Entry, Outcome
from shared.clock import uuid7
from shared.contract.content import text_content
from shared.contract.ids import dialog_id
from shared.contract.inbound import DeliveryReported, MessageHeard, ReadUpTo
from shared.contract.people import DialogRef, Identity
from shared.db.engine import open_engine, writing
from shared.db.types import to_micros
from shared.failure import Unavailable

NOW = datetime.now(UTC)
MICROS = to_micros(NOW)
REF = DialogRef(dialog_id=dialog_id("webchat", "main", "v1"), channel="webchat", account="main", chat="v1")
OURS = Entry(uuid7(), "main", REF.dialog_id, False, b"", MICROS + 10**9)


@pytest.fixture
async def engine(mailbox_url: str) -> AsyncIterator[AsyncEngine]:
    opened = open_engine(mailbox_url)
    async with writing(opened) as conn:
        await journal.add(conn, [OURS], MICROS)
        await journal.mark_sending(conn, [OURS])
    yield opened
    await opened.dispose()


async def answered(engine: AsyncEngine) -> None:
    """The provider's answer is written at last."""
    async with writing(engine) as conn:
        await journal.finish(conn, [Outcome(OURS, "sent", external_ids=("p-1", "p-2"))])


def echo(name: str, ref: DialogRef = REF) -> MessageHeard:
    return MessageHeard(
        dialog=ref,
        message_id=uuid7(),
        external_id=name,
        sender=Identity(channel="webchat", address="us"),
        origin="external",
        content=text_content("hello"),
        received_at=NOW,
    )


def receipt(name: str) -> DeliveryReported:
    return DeliveryReported(dialog=REF, external_id=name, state="delivered", at=NOW)


async def test_what_comes_before_the_answer_waits_and_is_matched(engine: AsyncEngine) -> None:
    echoes, read = Echoes(engine), ReadUpTo(dialog=REF, state="read", up_to="p-2", at=NOW)
    early = [
        asyncio.ensure_future(echoes.settled(fact))
        for fact in (echo("p-1"), receipt("p-2"), read, echo("elsewhere"), receipt("unknown"))
    ]
    done, _ = await asyncio.wait(early, timeout=0.5)
    assert not done
    await answered(engine)
    dropped, matched, swept, elsewhere, unknown = [await one for one in early]
    assert dropped is None
    assert isinstance(matched, DeliveryReported)
    assert matched.message_id == OURS.message_id
    assert swept == read
    assert isinstance(elsewhere, MessageHeard)
    assert elsewhere.external_id == "elsewhere"
    assert isinstance(unknown, DeliveryReported)
    assert unknown.message_id is None
    assert await echoes.settled(echo("p-2")) is None


async def test_rows_of_an_intake_are_settled_in_their_order(engine: AsyncEngine) -> None:
    await answered(engine)
    theirs = echo("m1").model_copy(
        update={"origin": "client", "content": text_content('say "origin":"external"')}
    )
    facts = (theirs, echo("p-1"), receipt("p-1"), echo("elsewhere"), receipt("unknown"))
    rows = [heard(fact, identity=uuid7(), time=NOW, traceparent=None) for fact in facts]
    first, matched, *rest = await Echoes(engine).settled_rows(rows)
    assert [first, *rest] == [rows[0], *rows[3:]]
    assert (matched.fact_id, matched.type) == (rows[2].fact_id, rows[2].type)
    assert json.loads(matched.body)["data"]["message_id"] == str(OURS.message_id)
    assert json.loads(rows[2].body) | {"data": None} == json.loads(matched.body) | {"data": None}


async def test_nobody_waits_for_another_dialog_or_for_a_client(engine: AsyncEngine) -> None:
    echoes = Echoes(engine, patience_seconds=0)
    other = DialogRef(
        dialog_id=dialog_id("webchat", "main", "v2"), channel="webchat", account="main", chat="v2"
    )
    fact = echo("p-1", other)
    assert await echoes.settled(fact) is fact
    theirs = echo("m1").model_copy(update={"origin": "client"})
    assert await echoes.settled(theirs) is theirs
    named = receipt("p-1").model_copy(update={"message_id": uuid7()})
    assert await echoes.settled(named) is named


async def test_for_too_long_the_provider_has_to_say_it_again(engine: AsyncEngine) -> None:
    echoes = Echoes(engine, patience_seconds=0.2)
    with pytest.raises(Unavailable, match="still with the provider"):
        await echoes.settled(echo("p-1"))
    async with writing(engine) as conn:
        later = MICROS + int(timedelta(minutes=5).total_seconds() * 1e6)
        await journal.finish(conn, [Outcome(OURS, "queued", paused_until=later)])
    assert await echoes.settled(echo("p-1")) is not None


@pytest.mark.parametrize("waits", [True, False])
async def test_what_is_repeated_much_later_holds_nobody_up(engine: AsyncEngine, *, waits: bool) -> None:
    pause = SOON_SECONDS / 2 if waits else SOON_SECONDS * 2
    later = to_micros(datetime.now(UTC) + timedelta(seconds=pause))
    again = Outcome(OURS, "queued", code=INTERRUPTED, paused_until=later)
    async with writing(engine) as conn:
        await journal.finish(conn, [again])
    echoes = Echoes(engine, patience_seconds=0.2)
    if waits:
        with pytest.raises(Unavailable):
            await echoes.settled(receipt("p-1"))
    else:
        assert await echoes.settled(receipt("p-1")) is not None
