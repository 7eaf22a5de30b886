"""WhatsApp Business: one number, its webhook and its sending side."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, ClassVar, Final
from uuid import UUID

from pydantic import SecretStr

from gateways.kit import aliases
from gateways.kit.aliases import Alias
from gateways.kit.attachments import Attachment
from gateways.kit.channel import Sent
from gateways.kit.connector import Means
from gateways.kit.http import Answer
from gateways.kit.multipart import form
from gateways.kit.pace import Pace
from gateways.kit.polling import Source
from gateways.kit.recordings import playable
from gateways.kit.request import Request
from gateways.kit.retrying import InPart, later_after
from gateways.kit.steps import Steps, refused_after
from gateways.kit.translation import Translation, reading_json
from gateways.kit.verification import Call, EqualQuery, HmacHeader, Verification
from gateways.kit.voice import Voice, audible
from gateways.kit.webhook import Challenge, Hook, Parsed, Reply
from gateways.whatsapp_cloud import fates, files, parse, render
from gateways.whatsapp_cloud.accounts import WhatsappCloudAccount, WhatsappConnector
from gateways.whatsapp_cloud.catalogue import Catalogue
from gateways.whatsapp_cloud.graph import Graph
from gateways.whatsapp_cloud.pairs import Pairs, Patience
from gateways.whatsapp_cloud.people import CHANNEL
from gateways.whatsapp_cloud.reading import Reading
from shared.clock import Clock
from shared.contract.capabilities import Capabilities
from shared.contract.content import File, Template
from shared.contract.envelope import Envelope
from shared.contract.outbound import MarkRead, React, SendMessage
from shared.contract.people import DialogRef
from shared.db.engine import reading
from shared.failure import ChannelDown, Rejected, Retryable, Unavailable
from shared.log import get_logger

log = get_logger()

SIGNATURE: Final = "X-Hub-Signature-256"
_STOPPED: Final = frozenset({"BANNED", "DISCONNECTED", "DELETED"})


class WhatsappCloud:
    """One account."""

    capabilities: ClassVar[Capabilities] = audible(
        Capabilities(
            text_length=render.TEXT_LENGTH,
            files=True,
            images=True,
            voice=True,
            video=True,
            audio=True,
            stickers=True,
            locations=True,
            contact_cards=True,
            templates=True,
            buttons=True,
            quote=True,
            reactions=True,
            receipts="read",
            typing_out=True,
            mark_read=True,
            write_first=True,
            addresses="phone",
            groups=True,
            file_bytes=files.FILE_BYTES,
            files_per_message=10,
            reply_window_hours=24,
            messages_per_second=80,
            burst=80,
            note="Meta lets nobody change or delete what was sent, and free text goes for 24 hours after the "
            "client's last message. The first message to somebody is a template. Groups only where Meta has "
            "opened them to the number.",
        )
    )

    def __init__(self, account: WhatsappCloudAccount, means: Means) -> None:
        self._account = account
        self._means = means
        self._graph = Graph(means.client, account)
        self._voice = Voice()
        self._steps = Steps(means.transactions, means.clock)
        self._pairs = Pairs()
        self._patience = Patience()
        self._reading = Reading()
        self._catalogue = Catalogue(account, self._graph, means.transactions, means.clock, self.probe)

    @property
    def pace(self) -> Pace:
        """As fast as Meta lets this number."""
        rate = self._account.messages_per_second
        own = {"messages_per_second": rate, "burst": max(1, int(rate))}
        return Pace(self.capabilities.model_copy(update=own), time.monotonic())

    def sources(self) -> Sequence[Source]:
        """The templates; messages are posted to us."""
        return (self._catalogue.source(),)

    async def send(self, message: Envelope[SendMessage]) -> Sent:
        """Files are uploaded first, each once; then every part of the message, each once."""
        data = message.data
        try:
            sent = await self._send(data)
        except Retryable as error:
            judged = self._patience.judged(data.message_id, error)
            if isinstance(judged, Retryable):
                raise later_after(isinstance(error, InPart), judged) from None
            raise judged from None
        self._patience.forget(data.message_id)
        self._reading.spoke(data.dialog.dialog_id)
        return sent

    async def _send(self, data: SendMessage) -> Sent:
        render.require_possible(data)
        names = {
            file.attachment_id: await self._uploaded(data, file, files.form_of(part, file))
            for part, file in files.attached(data.content)
        }
        template = next((part for part in data.content.parts if isinstance(part, Template)), None)
        shape = None if template is None else await self._catalogue.shape(template)
        requests = render.requests(data, render.Means(names, shape, self._account.list_label))
        known = await self._steps.known(data.message_id) if len(requests) > 1 else {}
        self._pairs.take(data.dialog.dialog_id, len(requests) - len(known), time.monotonic())
        for place, request in enumerate(requests):
            if place in known:
                continue
            try:
                answer = await self._graph.ask(request)
                known[place] = Sent(fates.ids_of(answer))
            except Retryable as later:
                raise later_after(place, later) from None
            except Rejected as refused:
                raise refused_after(place, len(requests), refused) from None
            if place + 1 < len(requests):
                await self._steps.keep(data.message_id, place, known[place])
            await self._learn(data.dialog, request, answer)
        return Sent(tuple(name for place in sorted(known) for name in known[place].external_ids))

    async def _uploaded(self, data: SendMessage, file: File, how: files.Form) -> str:
        async def upload(attachment: Attachment) -> str:
            if not how.spoken:
                return await self._upload(attachment, how.mime_type)
            async with playable(attachment, self._voice) as played:
                return await self._upload(played, how.mime_type)

        return await self._means.attachments.uploaded(data, file, upload, step=how.kind)

    async def _upload(self, attachment: Attachment, mime_type: str) -> str:
        fields = {"messaging_product": "whatsapp", "type": mime_type}
        typed = Attachment(attachment.name, mime_type, attachment.size_bytes, attachment.chunks)
        answer = await self._graph.ask(Request("POST", render.MEDIA, {}), form(fields, "file", typed))
        try:
            return fates.ids_of(answer)[0]
        except Rejected as error:
            raise Rejected("file_refused", error.words) from None

    async def _learn(self, dialog: DialogRef, request: Request, answer: Answer) -> None:
        """Meta's own names of whom we wrote to; what is not kept now is learned when they answer."""
        used = {dialog.chat, request.json.get("to"), request.json.get("recipient")}
        names = [name for name in fates.numbers_of(answer) if name not in used]
        if dialog.kind == "group" or not names:
            return
        transactions, slug = self._means.transactions, self._account.slug
        try:
            async with reading(transactions.engine) as conn:
                known = await aliases.known(conn, slug, names)
            if learned := [Alias(name, dialog.chat) for name in names if name not in known]:
                async with transactions.writing() as conn:
                    await aliases.learn(conn, slug, learned)
        except Unavailable as error:
            log.warning("names_not_kept", account=self._account.slug, reason=str(error))

    async def react(self, act: Envelope[React]) -> None:
        await self._do(act.id, render.reaction(act.data))

    async def mark_read(self, act: Envelope[MarkRead]) -> None:
        await self._do(act.id, render.read_mark(act.data.external_id))
        self._reading.read(act.data.dialog.dialog_id, act.data.external_id)

    async def _do(self, act: UUID, request: Request) -> None:
        """What is said and shows in no message; put off a few times, never for ever."""
        try:
            fates.taken(await self._graph.ask(request))
        except Retryable as error:
            raise self._patience.judged(act, error) from None
        self._patience.forget(act)

    async def typing(self, dialog: DialogRef, *, on: bool) -> None:
        """WhatsApp shows it under a message that was read, for 25 seconds or until ours comes."""
        name = self._reading.to_show(dialog.dialog_id, time.monotonic()) if on else None
        if name is not None:
            fates.taken(await self._graph.ask(render.read_mark(name, typing=True)))

    async def run(self, errand: Mapping[str, Any]) -> None:
        """Meta said that something of the account changed: whoever owns it looks."""
        del errand
        await self._catalogue.outdate()

    async def fetch(self, reference: str) -> AsyncGenerator[bytes, None]:
        """A file that a client sent, by Meta's id of it."""
        async with aclosing(self._graph.file(reference, self._means.file_limits)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def probe(self) -> None:
        """Returns when the number may send."""
        try:
            told = await self._graph.look(self._account.number_id, fields="status,quality_rating")
        except Rejected as error:
            raise ChannelDown(error.words) from None
        status = told.get("status")
        if isinstance(status, str) and status in _STOPPED:
            raise ChannelDown(f"Meta says that the number is {status.lower()}: see the app's dashboard.")


def proofs(secret: SecretStr) -> tuple[Verification, ...]:
    """The HMAC of the raw body, by the app's secret."""
    return (HmacHeader(SIGNATURE, secret, prefix="sha256="),)


def challenge(verify_token: SecretStr) -> Challenge:
    """Meta asks once whether the address is ours."""
    return Challenge(
        EqualQuery("hub.verify_token", verify_token),
        lambda call: Reply(call.query.get("hub.challenge", "")[:200]),
    )


def hook(account: WhatsappCloudAccount, clock: Clock) -> Hook:
    """The webhook `/whatsapp_cloud/<slug>` of an account."""
    ours = parse.Ours(account.slug, account.number_id, account.business_id)

    def read(payload: Any, call: Call) -> Parsed:
        heard = parse.read(payload, ours, call.aliases, clock.now())
        return Parsed(tuple(heard.rows), aliases=heard.aliases, errands=tuple(heard.errands))

    return Hook(
        CHANNEL,
        account.slug,
        proofs(account.app_secret),
        read,
        challenge=challenge(account.verify_token),
        chats=parse.chats,
    )


CONNECTOR: Final = WhatsappConnector(
    CHANNEL,
    "gateways.whatsapp_cloud",
    WhatsappCloud.capabilities,
    WhatsappCloudAccount,
    WhatsappCloud,
    hook,
)
TRANSLATION: Final = Translation(
    reading_json(parse.facts, "write a payload as the top of parse.py shows"),
    render.render_message,
    fates.ids_of,
    proofs,
)
