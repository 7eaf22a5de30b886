"""The Bot API asked over a real connection: what may have been sent is never asked again by itself."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from aiogram import methods
from aiogram.types import InputMediaDocument, MediaUnion
from pydantic import SecretStr

from gateways.kit.addresses import Guard
from gateways.kit.attachments import Attachment
from gateways.kit.http import GuardedClient, Limits
from gateways.kit.unfetched import Broken
from gateways.telegram_bot.api import BotApi
from shared.failure import ChannelDown, Failure, Rejected, Retryable, Unconfirmed
from tests.support.provider_faults import AcceptThenReset, Fail, Fault, Garbage, Hang, ResetAfter
from tests.support.telegram_bot_provider import Telegram, later, path, refused

pytestmark = pytest.mark.feature("CH3")

TOKEN = "1001:obviously-fake"
ASKED = methods.SendMessage(chat_id=42, text="hi")


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    made = Telegram([TOKEN])
    async with made.provider:
        yield made


def api(client: GuardedClient, telegram: Telegram, token: str = TOKEN) -> BotApi:
    return BotApi(client, telegram.provider.url, SecretStr(token))


def client(telegram: Telegram) -> GuardedClient:
    return GuardedClient(
        Guard([telegram.provider.end_point]), limits=Limits(connect_seconds=0.2, answer_seconds=0.2)
    )


@pytest.mark.parametrize(
    ("fault", "failure", "taken"),
    [
        (AcceptThenReset(), Unconfirmed, True),
        (ResetAfter(10), Unconfirmed, True),
        (Garbage(), Unconfirmed, True),
        (Hang(), Unconfirmed, False),
        (Fail(502, "<html>"), Unconfirmed, False),
        (later(3), Retryable, False),
        (refused(403, "Forbidden: user is deactivated"), Rejected, False),
        (refused(401, "Unauthorized"), ChannelDown, False),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Fault) else None,
)
async def test_a_message_is_asked_for_once(
    telegram: Telegram, fault: Fault, failure: type[Failure], taken: bool
) -> None:
    telegram.provider.script(path("sendMessage"), fault)
    async with client(telegram) as asking:
        with pytest.raises(failure) as raised:
            await api(asking, telegram).send(ASKED)
    assert TOKEN not in str(raised.value)
    assert len(telegram.provider.seen(path("sendMessage"))) == 1
    assert len(telegram.provider.taken(path("sendMessage"))) == taken


async def test_what_is_not_reached_was_not_sent(telegram: Telegram) -> None:
    async with client(telegram) as asking:
        await telegram.provider.__aexit__(None, None, None)
        with pytest.raises(Retryable) as raised:
            await api(asking, telegram).send(ASKED)
    assert raised.value.scope == "account"


async def test_looking_says_what_it_saw(telegram: Telegram) -> None:
    telegram.provider.script(path("getMe"), Fail(502, "<html>"), ResetAfter(5), later(2))
    async with client(telegram) as asking:
        for failure in (Broken, Broken, Retryable):
            with pytest.raises(failure):
                await api(asking, telegram).look(methods.GetMe())
        assert (await api(asking, telegram).look(methods.GetMe()))["id"] == 1001
        with pytest.raises(ChannelDown):
            await api(asking, telegram, "9:nobody").look(methods.GetMe())


async def test_files_go_by_the_names_of_their_parts(telegram: Telegram) -> None:
    """One or several in a form: fields that are no text as JSON, bytes as a stream."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    paper = Attachment("счёт.pdf", "application/pdf", 7, chunks)
    media: list[MediaUnion] = [InputMediaDocument(media=f"attach://f{at}") for at in (0, 1)]
    async with client(telegram) as asking:
        sent = await api(asking, telegram).send(
            methods.SendMediaGroup(chat_id=42, media=media), [("f0", paper), ("f1", paper)]
        )
    assert len(sent) == 2
    (asked,) = telegram.bots[TOKEN].of("sendMediaGroup")
    assert asked.files == {"f0": ("счёт.pdf", b"one two"), "f1": ("счёт.pdf", b"one two")}
    assert asked.fields["chat_id"] == "42"
    assert '"attach://f1"' in asked.fields["media"]


@pytest.mark.parametrize("told", ["documents/a b.pdf", f"/var/lib/bots/{TOKEN}/documents/a b.pdf"])
async def test_a_file_of_a_server_of_ones_own_is_had_by_its_place(telegram: Telegram, told: str) -> None:
    bot = telegram.bots[TOKEN]
    bot.files["a b.pdf"] = b"bytes"
    bot.paths["F1"] = told
    async with (
        client(telegram) as asking,
        aclosing(api(asking, telegram).file("F1", Limits())) as chunks,
    ):
        assert b"".join([chunk async for chunk in chunks]) == b"bytes"
    telegram.provider.script(path("getFile"), refused(400, "Bad Request: file is too big"))
    async with client(telegram) as asking:
        with pytest.raises(Rejected, match="too_large"):
            await anext(api(asking, telegram).file("F1", Limits()))
