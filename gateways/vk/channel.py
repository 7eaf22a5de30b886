"""VK: one community, what it listens to and its sending side."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from gateways.kit.attachments import Attachment
from gateways.kit.beside import Errand
from gateways.kit.channel import Sent
from gateways.kit.connector import Means
from gateways.kit.polling import Rhythm, Source
from gateways.kit.request import UNCONFIRMED_WORDS
from gateways.kit.retrying import Repeatable
from gateways.kit.steps import refused_after
from gateways.kit.translation import Translation, reading_json
from gateways.vk import pieces, render
from gateways.vk.account import VkAccount, VkConnector
from gateways.vk.api import Api
from gateways.vk.callback import hook, proofs
from gateways.vk.dialogs import CHANNEL
from gateways.vk.errors import DOUBTFUL, cmid_of, judged
from gateways.vk.gap import Gaps
from gateways.vk.parse import facts
from gateways.vk.people import People
from gateways.vk.poll import LongPoll
from gateways.vk.render import Call
from gateways.vk.uploads import Uploads
from gateways.vk.values import inner_list, number
from shared.contract.capabilities import Capabilities
from shared.contract.content import File, Part
from shared.contract.envelope import Envelope
from shared.contract.outbound import DeleteMessage, EditMessage, MarkRead, React, SendMessage
from shared.contract.people import DialogRef
from shared.db.engine import reading
from shared.failure import ChannelDown, Rejected, Retryable, Unconfirmed

AGAIN_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 60.0
"""Between two notes of when we were there last."""
PURGE_SECONDS: Final = 3600.0
WAITING_WORDS: Final = "VK took a part of the message, and the rest has to wait."
RIGHTS_WORDS: Final = (
    "login_needed: The access key of this community has no right to its messages, or the community does not "
    "take messages. Make a key with that right, and switch messages on."
)


class Vk:
    """One community."""

    resumes: ClassVar[bool] = True
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_length=render.TEXT_LENGTH,
        images=True,
        files=True,
        voice=True,
        video=True,
        locations=True,
        buttons=True,
        quote=True,
        edit=True,
        delete=True,
        reactions=True,
        receipts="read",
        typing_in=True,
        typing_out=True,
        mark_read=True,
        groups=True,
        image_bytes=render.IMAGE_BYTES,
        file_bytes=render.FILE_BYTES,
        files_per_message=render.FILES,
        messages_per_second=20,
        burst=20,
        deduplicates=True,
        note="Who never wrote cannot be written to. Video goes as a file; VK refuses music, and gives "
        "communities no bytes of videos and songs. It shows no formatting, tells of no deletion by clients, "
        "and changes and deletes within 24 hours.",
    )

    def __init__(self, account: VkAccount, means: Means) -> None:
        self._account = account
        self._means = means
        self._api = Api(account, means.client)
        self._uploads = Uploads(self._api, means.client)
        self._people = People(account.slug, self._api, means.transactions, means.clock)
        self._purged_at = time.monotonic()

    async def send(self, message: Envelope[SendMessage]) -> Sent:
        """Files first, each once; then the pieces, each as long as VK drops its repeat, and no longer."""
        data = message.data
        render.require_possible(data)
        names = [await self._uploaded(data, part, file) for part, file in render.filed(data.content)]
        await self._purge()
        calls, sent = render.sends(data, names), list[str]()
        for number_, call in enumerate(calls):
            try:
                sent.append(await self._piece(data, number_, call))
            except Rejected as refused:
                raise refused_after(number_, len(calls), refused) from None
        return Sent(tuple(sent), int(sent[0]) if sent[0].isdigit() else None)

    async def _uploaded(self, message: SendMessage, part: Part, file: File) -> str:
        async def upload(attachment: Attachment) -> str:
            return await self._uploads.name_of(part, attachment, message.dialog.chat)

        return await self._means.attachments.uploaded(message, file, upload)

    async def _piece(self, message: SendMessage, number_: int, call: Call) -> str:
        """The name at VK of one piece: now, or from when it was sent before."""
        means, now, identity = self._means, self._means.clock.now(), message.message_id
        async with means.transactions.writing() as conn:
            piece = await pieces.begin(conn, identity, number_, call.attachment, now)
        if piece.cmid is not None:
            return piece.cmid
        if not piece.repeatable(now):
            raise Unconfirmed(UNCONFIRMED_WORDS)
        try:
            cmid = await self._named(await self._api.call(call.method, call.values))
        except Unconfirmed as error:
            raise Repeatable(AGAIN_SECONDS, error.words) from None
        except (Retryable, Rejected, ChannelDown) as error:
            if piece.at == now:
                async with means.transactions.writing() as conn:
                    await pieces.forget(conn, identity, number_)
            if number_ and isinstance(error, Retryable):  # the pieces before it are there, and come back
                raise Repeatable(error.after, WAITING_WORDS) from None
            raise await self._believed(error) from None
        async with means.transactions.writing() as conn:
            await pieces.sent(conn, identity, number_, cmid)
        return cmid

    async def _named(self, response: Any) -> str:
        """The name of what was sent; asked for where VK did not say it, which says nothing of the sending."""
        cmid = cmid_of(response)
        if cmid is None:
            try:
                found = await self._api.ask(
                    "messages.getById", {"message_ids": response[0].get("message_id", 0)}
                )
            except (Retryable, Rejected, ChannelDown):
                raise Unconfirmed(UNCONFIRMED_WORDS) from None
            items = inner_list(found, "items") if isinstance(found, Mapping) else []
            cmid = str(number(items[0], "conversation_message_id") or "") if items else ""
        if not cmid:
            raise Unconfirmed(UNCONFIRMED_WORDS)
        return cmid

    async def _believed(self, error: Exception) -> Exception:
        """What VK does not permit may be this message, or all of them: that is asked."""
        if isinstance(error, Rejected) and error.code in DOUBTFUL:
            try:
                await self.probe()
            except ChannelDown as down:
                return down
            except Retryable:
                return error
        return error

    async def edit(self, act: Envelope[EditMessage]) -> None:
        async with reading(self._means.transactions.engine) as conn:
            known = await pieces.of(conn, act.data.message_id)
        for call in render.edits(act.data, {place: piece.attachment for place, piece in known.items()}):
            await self._done(call)

    async def delete(self, act: Envelope[DeleteMessage]) -> None:
        await self._done(render.deletion(act.data))

    async def mark_read(self, act: Envelope[MarkRead]) -> None:
        """What is no message of VK's is read by nobody there."""
        if act.data.external_id.isdigit():
            await self._done(render.mark_read(act.data))

    async def react(self, act: Envelope[React]) -> None:
        await self._done(render.react(act.data))

    async def typing(self, dialog: DialogRef, *, on: bool) -> None:
        """VK forgets it by itself after some seconds."""
        if on:
            await self._done(render.typing(dialog))

    async def run(self, errand: Errand) -> None:
        """Somebody met, or a press that waits for its answer."""
        if met := errand.get("meet"):
            await self._people.meet(met["person"], met["chat"])
        else:
            await self._api.ask(errand["call"], errand["values"])

    def sources(self) -> Sequence[Source]:
        """The names of people; and Long Poll, or for who is called what our absence has cost."""
        account, api, clock = self._account, self._api, self._means.clock
        names = Source("names", self._people.page)
        if account.listen == "long_poll":
            return Source("updates", LongPoll(account, api, self._means.client, clock).page), names
        gaps = Gaps(account.slug, api, clock)
        return Source("absence", gaps.after_absence, Rhythm(every_seconds=LOOK_SECONDS)), names

    async def probe(self) -> None:
        """Returns when VK lets us at the messages of the community."""
        try:
            await self._api.ask("messages.getConversations", {"count": 1, "group_id": self._account.group})
        except Rejected:
            raise ChannelDown(RIGHTS_WORDS) from None

    async def close(self) -> None:
        await self._api.close()

    async def _done(self, call: Call) -> None:
        try:
            await self._api.call(call.method, call.values)
        except Rejected as error:
            raise await self._believed(error) from None

    async def _purge(self) -> None:
        """Forgets, now and then, what nobody asks for any more."""
        if time.monotonic() - self._purged_at < PURGE_SECONDS:
            return
        self._purged_at = time.monotonic()
        async with self._means.transactions.writing() as conn:
            await pieces.purge(conn, self._means.clock.now() - pieces.KEPT)


CONNECTOR: Final = VkConnector(CHANNEL, "gateways.vk", Vk.capabilities, VkAccount, Vk, hook)
TRANSLATION: Final = Translation(
    reading_json(facts, 'write a notice of VK, {"type": …, "object": …}'),
    render.render_message,
    judged,
    proofs,
)
