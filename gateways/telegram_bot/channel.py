"""One bot: what it listens to, what it sends, what else its chats are told."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import Any, Final

from aiogram import methods
from pydantic import SecretStr

from gateways.kit import aliases
from gateways.kit.aliases import Alias
from gateways.kit.attachments import Attachment
from gateways.kit.beside import Errand
from gateways.kit.channel import Sent
from gateways.kit.connector import Connector, Means
from gateways.kit.pace import Pace
from gateways.kit.polling import Source
from gateways.kit.recordings import playable
from gateways.kit.retrying import later_after
from gateways.kit.steps import Steps, refused_after
from gateways.kit.translation import Translation, reading_json
from gateways.kit.verification import Call, EqualHeader, Verification
from gateways.kit.voice import MIME_TYPE, Voice
from gateways.kit.webhook import Hook, Parsed
from gateways.telegram_bot import answers, changes, events, names, parse, render
from gateways.telegram_bot.abilities import ABILITIES
from gateways.telegram_bot.account import TelegramBotAccount, webhook_secret
from gateways.telegram_bot.answers import Moved
from gateways.telegram_bot.api import BotApi
from gateways.telegram_bot.facts import Ear
from gateways.telegram_bot.names import Names
from gateways.telegram_bot.quota import Quota
from gateways.telegram_bot.render import Step, Target
from gateways.telegram_bot.transport import Transport
from gateways.telegram_bot.updates import SUPERGROUPS_BELOW
from shared.clock import Clock
from shared.contract.content import File
from shared.contract.envelope import Envelope
from shared.contract.outbound import Act, DeleteMessage, EditMessage, React, SendMessage
from shared.contract.people import DialogRef
from shared.db.engine import reading
from shared.failure import Rejected, Retryable

VOICE: Final = Voice()
PLAYED: Final = frozenset({MIME_TYPE, "audio/opus", "audio/mpeg", "audio/mp4", "audio/x-m4a"})
"""Types that Telegram plays as voice as they are."""
TOKEN_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # its name


class TelegramBot:
    """One account."""

    def __init__(self, account: TelegramBotAccount, means: Means) -> None:
        self.capabilities: Final = account.able(ABILITIES)
        self._account = account
        self._means = means
        self._api = BotApi(means.client, account.api, account.secret)
        self._transport = Transport(account, self._api, means.clock, self._known)
        self._quota = Quota(account.chat_messages_per_second, account.group_messages_per_minute)
        self._steps = Steps(means.transactions, means.clock)
        rate = {
            "messages_per_second": account.messages_per_second,
            "burst": max(1, int(account.messages_per_second)),
        }
        self.pace: Final = Pace(ABILITIES.model_copy(update=rate), time.monotonic())

    async def send(self, message: Envelope[SendMessage]) -> Sent:
        """All requests of the message, in order; those that Telegram has from an earlier try are left out."""
        data = message.data
        target = await self._target(data)
        steps = render.plan(data, target, self._account.most_bytes)
        known = await self._steps.known(data.message_id) if len(steps) > 1 else {}
        for number, step in enumerate(steps):
            if number in known:
                continue
            try:
                known[number] = await self._take(step, target, data.dialog.chat)
            except Retryable as later:
                raise later_after(number, later) from None
            except Rejected as refused:
                raise refused_after(number, len(steps), refused) from None
            if len(steps) > 1:
                await self._steps.keep(data.message_id, number, known[number])
        names_of_all = [name for number in range(len(steps)) for name in known[number].external_ids]
        return Sent(tuple(names_of_all), known[0].sequence)

    async def _take(self, step: Step, target: Target, chat: str) -> Sent:
        """One request, and once more in another way where Telegram refuses the first for a known reason."""
        now = time.monotonic()
        self._quota.take(target.chat_id, step.messages, now)
        try:
            return _sent(await self._asked(step), chat)
        except Moved as moved:
            await self._learn(target.chat_id, moved.chat_id)
            raise
        except Retryable as later:
            raise (
                self._quota.later(target.chat_id, later, now) if later.scope == "dialog" else later
            ) from None
        except Rejected as refused:
            other = render.otherwise(step, refused.code)
            if other is None:
                raise
            return _sent(await self._asked(other), chat)

    async def _asked(self, step: Step) -> Any:
        async with AsyncExitStack() as stack:
            files = [(name, await self._opened(stack, step, file)) for name, file in step.files]
            return await self._api.send(step.method, files)

    async def _opened(self, stack: AsyncExitStack, step: Step, file: File) -> Attachment:
        attachment = await self._means.attachments.open(file)
        if isinstance(step.method, methods.SendVoice):
            return await stack.enter_async_context(playable(attachment, VOICE, PLAYED))
        return attachment

    async def edit(self, act: Envelope[EditMessage]) -> None:
        """The words of a message of ours; what is so already is done."""
        target = await self._target(act.data)
        for step in changes.edits(act.data, target):
            await self._done(step, target, answers.UNCHANGED)

    async def delete(self, act: Envelope[DeleteMessage]) -> None:
        """A message of ours; one that is not there any more is deleted."""
        target = await self._target(act.data)
        for step in changes.deletions(act.data, target):
            await self._done(step, target, answers.NOT_THERE)

    async def react(self, act: Envelope[React]) -> None:
        """The bot's reaction to a message, or none."""
        target = await self._target(act.data)
        await self._done(changes.reaction(act.data, target), target, answers.UNCHANGED)

    async def _done(self, step: Step, target: Target, as_good: str) -> None:
        """A change; `as_good`: the refusal that says that it is so already."""
        try:
            await self._api.send(step.method)
        except Moved as moved:
            await self._learn(target.chat_id, moved.chat_id)
            raise
        except Rejected as refused:
            if refused.code != as_good:
                raise

    async def typing(self, dialog: DialogRef, *, on: bool) -> None:
        """Shown for five seconds; nothing takes it back."""
        if on:
            target = await self._target_in(dialog)
            await self._api.look(methods.SendChatAction(action="typing", **target.fields()))

    async def run(self, errand: Errand) -> None:
        """Answers a press of a button."""
        await self._api.look(methods.AnswerCallbackQuery(callback_query_id=str(errand[events.PRESSED])))

    async def fetch(self, reference: str) -> AsyncGenerator[bytes, None]:
        """A file that a client sent, by Telegram's id of it."""
        async with aclosing(self._api.file(reference, self._means.file_limits)) as chunks:
            async for chunk in chunks:
                yield chunk

    def sources(self) -> Sequence[Source]:
        """The updates, or the state of the webhook that brings them."""
        return (self._transport.source(),)

    async def probe(self) -> None:
        """Returns when the token is good, and updates come as the account says."""
        await self._api.look(methods.GetMe())
        await self._transport.arrange()

    async def _target(self, act: Act) -> Target:
        """Where an act goes, by the newest name of its chat."""
        told, now = changes.target_of(act), await self._target_in(act.dialog)
        return replace(told, chat_id=now.chat_id, connection=now.connection or told.connection)

    async def _target_in(self, dialog: DialogRef) -> Target:
        place = names.place(dialog.chat)
        if place.business is None and not SUPERGROUPS_BELOW < place.chat_id < 0:
            return Target(place.chat_id)
        async with reading(self._means.transactions.engine) as conn:
            name = await aliases.latest(conn, self._account.slug, place.business or dialog.chat)
        if place.business is None:
            return Target(names.place(name).chat_id)
        return Target(place.chat_id, name.partition(":")[2])

    async def _learn(self, chat_id: int, moved_to: int) -> None:
        async with self._means.transactions.writing() as conn:
            await aliases.learn(conn, self._account.slug, [Alias(str(moved_to), str(chat_id))])

    async def _known(self, chats: Collection[str]) -> Mapping[str, str]:
        async with reading(self._means.transactions.engine) as conn:
            return await aliases.known(conn, self._account.slug, chats)


def _sent(result: Any, chat: str) -> Sent:
    """What a request became in the dialog `chat`; raises `Unconfirmed` for a result that names nothing."""
    found = answers.sent(result)
    return Sent(tuple(names.external_id(chat, *one) for one in found), names.sequence(chat, *found[0]))


def hook(account: TelegramBotAccount, clock: Clock) -> Hook:
    """The webhook of an account; while it is polled, Telegram does not know the address."""

    def heard(payload: Any, call: Call) -> Parsed:
        ear = Ear(account.slug, clock.now(), Names(call.aliases))
        told = parse.heard(payload, ear)
        return Parsed(told.rows, aliases=told.aliases, errands=told.errands)

    return Hook(parse.CHANNEL, account.slug, proofs(account.secret), heard, chats=parse.chats)


def proofs(token: SecretStr) -> tuple[Verification, ...]:
    """What a call of the webhook must prove."""
    return (EqualHeader(TOKEN_HEADER, webhook_secret(token)),)


CONNECTOR: Final = Connector(
    parse.CHANNEL, "gateways.telegram_bot", ABILITIES, TelegramBotAccount, TelegramBot, hook
)
TRANSLATION: Final = Translation(
    reading_json(parse.facts, "write an update as the top of parse.py shows"),
    changes.render_message,
    answers.ids_of,
    proofs,
)
