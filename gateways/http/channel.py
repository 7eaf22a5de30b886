"""The open channel: any other system becomes a channel by HTTP (docs/http-channel.md).

facts:   an integrator ──POST /http/<account>/facts──▶ gateways/http/interface.py ──▶ spool ──▶ inbound
notices: outbound ──▶ journal ──▶ this file ──POST──▶ the account's webhook
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from pydantic import SecretStr

from gateways.http import parse, render, tries
from gateways.http.abilities import MOST
from gateways.http.accounts import HttpAccount
from gateways.http.door import OpenConnector
from gateways.http.places import CHANNEL
from gateways.http.protocol.notices import Notice, Ping, Told, TypingTold
from gateways.http.signature import Signed, signed
from gateways.kit.channel import Sent
from gateways.kit.connector import Means
from gateways.kit.http import Answer, Limits
from gateways.kit.request import BLOCKED_WORDS
from gateways.kit.retrying import Troubling
from gateways.kit.spool import SpoolRow
from gateways.kit.translation import BadPayload, Translation, line_of
from gateways.kit.unfetched import Blocked, Unfetched
from gateways.kit.verification import Verification
from shared.clock import uuid7
from shared.contract.capabilities import Capabilities
from shared.contract.content import File
from shared.contract.envelope import Envelope
from shared.contract.outbound import (
    Act,
    CloseChat,
    DeleteMessage,
    EditMessage,
    MarkRead,
    React,
    SendMessage,
)
from shared.contract.people import DialogRef
from shared.failure import ChannelDown, Failure, Rejected, Unconfirmed
from shared.http.problem import Problem

ActT = TypeVar("ActT", bound=Act)

LIMITS: Final = Limits(bytes=64 * 1024, seconds=30, answer_seconds=20)
"""Of a notice and its answer."""
NO_WEBHOOK_WORDS: Final = "This account only tells us what happens: it has no webhook."
GIVEN_UP_WORDS: Final = "The integrator's system did not take it in time: {why}"
NO_ANSWER_WORDS: Final = "The integrator's system did not answer: {why}"


class OpenChannel:
    """One account."""

    def __init__(self, account: HttpAccount, means: Means) -> None:
        self.capabilities: Capabilities = account.able(MOST)
        self._account = account
        self._means = means

    async def send(self, message: Envelope[SendMessage]) -> Sent:
        """The integrator drops a repeat by its id; an own id is the message's name where none is given."""
        return await self._tell(message)

    async def edit(self, act: Envelope[EditMessage]) -> Sent:
        return await self._tell(act)

    async def delete(self, act: Envelope[DeleteMessage]) -> Sent:
        return await self._tell(act)

    async def react(self, act: Envelope[React]) -> Sent:
        return await self._tell(act)

    async def mark_read(self, act: Envelope[MarkRead]) -> Sent:
        return await self._tell(act)

    async def close_chat(self, act: Envelope[CloseChat]) -> Sent:
        return await self._tell(act)

    async def typing(self, dialog: DialogRef, *, on: bool) -> None:
        """Said once: what fails is worth nothing later."""
        told = TypingTold(
            id=uuid7(self._now()),
            account=dialog.account,
            chat=dialog.chat,
            chat_kind=dialog.kind,
            on=on,
        )
        await self._post(told, told.id)

    async def probe(self) -> None:
        """Returns when the webhook takes a ping, or says that it knows none."""
        if self._account.webhook is None:
            return
        ping = Ping(id=uuid7(self._now()), account=self._account.slug)
        try:
            await self._post(ping, ping.id)
        except Rejected:
            return

    async def _tell(self, act: Envelope[ActT]) -> Sent:
        """One try; what is not taken waits, longer each time, until nobody wants it any more."""
        told = render.notice(act, self._link)
        try:
            return await self._post(told, told.id)
        except Troubling as trouble:
            raise await self._put_off(told, act, trouble) from None

    async def _put_off(self, told: Notice, act: Envelope[ActT], trouble: Troubling) -> Failure:
        """What is raised for a notice that was not taken once more."""
        data, now = act.data, self._now()
        async with self._means.transactions.writing() as conn:
            seconds = await tries.failed(conn, told.id, trouble.words, now)
        return given_up(data, trouble, seconds, now) or Troubling(seconds, trouble.words)

    async def _post(self, told: Told, identity: UUID) -> Sent:
        account, client = self._account, self._means.client
        if account.webhook is None:
            raise Rejected("not_possible", NO_WEBHOOK_WORDS)
        raw = told.model_dump_json(exclude_none=True).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": str(identity),
            **signed(account.secrets, raw, self._now()),
        }
        try:
            answer = await client.fetch("POST", account.webhook, headers=headers, body=raw, limits=LIMITS)
        except Blocked as error:
            raise ChannelDown(BLOCKED_WORDS.format(why=error.words)) from None
        except Unfetched as error:
            words = NO_ANSWER_WORDS.format(why=error.words)
            raise Troubling(tries.FIRST_SECONDS, words) from None
        return render.judged(answer, identity)

    def _link(self, file: File) -> str:
        return self._account.links.to(file.attachment_id, file.name, self._now())

    def _now(self) -> datetime:
        return self._means.clock.now()


def given_up(data: Act, trouble: Troubling, seconds: float, now: datetime) -> Failure | None:
    """The end of an act whose next try, after so many seconds, would be too late; none where it is not.

    A message may have arrived: it is unconfirmed, and a replay that is taken says so.
    """
    if now + timedelta(seconds=seconds) < data.not_after:
        return None
    words = GIVEN_UP_WORDS.format(why=trouble.words)
    return Unconfirmed(words) if isinstance(data, SendMessage) else Rejected("given_up", words)


def _parse(raw: bytes, account: str, at: datetime) -> Sequence[SpoolRow]:
    """The facts of a body of JSON; raises `BadPayload` with the field that is wrong."""
    try:
        given = parse.read(raw)
        parse.require(given, ())
        return parse.facts(given, account, at).rows
    except Problem as problem:
        wrong = [f"{fault.where} {fault.words.en}" for fault in problem.faults]
        words = "; ".join(wrong) or problem.kind.words.en
        remedy = problem.kind.remedy.en if problem.kind.remedy else "docs/http-channel.md shows each fact"
        raise BadPayload(line_of(raw), words, remedy) from None


def _judge(answer: Answer) -> tuple[str, ...]:
    return render.judged(answer, UUID(int=0)).external_ids


def _proofs(secret: SecretStr) -> tuple[Verification, ...]:
    """The signature alone: how old it is, the gateway judges by its clock."""
    return (Signed((secret,)),)


CONNECTOR: Final = OpenConnector(CHANNEL, "gateways.http", MOST, HttpAccount, OpenChannel)
TRANSLATION: Final = Translation(_parse, render.render_message, _judge, _proofs)
