"""MAX: one bot, its sending side, and what it listens to. See README.md."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any, ClassVar, Final
from urllib.parse import quote
from uuid import UUID

from pydantic import SecretStr

from gateways.kit.attachments import Attachment
from gateways.kit.channel import Sent
from gateways.kit.connector import Means
from gateways.kit.download import download
from gateways.kit.multipart import form
from gateways.kit.polling import Source
from gateways.kit.request import Request
from gateways.kit.retrying import InPart, later_after
from gateways.kit.translation import Translation, reading_json
from gateways.kit.verification import Call, EqualHeader, Verification
from gateways.kit.webhook import Hook, Parsed
from gateways.max import answers, parse, render, tables
from gateways.max.account import MaxAccount, MaxConnector
from gateways.max.answers import NotReady, taken
from gateways.max.contents import VIDEO
from gateways.max.interface import Interface
from gateways.max.listening import Listening
from gateways.max.messages import Hearing
from gateways.max.people import CHANNEL, USER
from gateways.max.render import Piece, Upload
from gateways.max.subscription import HEADER
from shared.clock import Clock
from shared.contract.capabilities import Capabilities
from shared.contract.envelope import Envelope
from shared.contract.outbound import DeleteMessage, EditMessage, SendMessage
from shared.contract.people import DialogRef
from shared.db.engine import reading
from shared.failure import Rejected, Retryable, Unavailable, Unconfirmed

LONGEST_NOT_READY_SECONDS: Final = 60.0
PART_WORDS: Final = "{words} Of {all} parts of it the first {sent} arrived."
_SIZES: Final = ("mp4_1080", "mp4_720", "mp4_480", "mp4_360", "mp4_240", "mp4_144")


class Max:
    """One account."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        text_length=render.TEXT_LENGTH,
        files=True,
        images=True,
        voice=True,
        video=True,
        audio=True,
        stickers=True,
        locations=True,
        contact_cards=True,
        buttons=True,
        quote=True,
        edit=True,
        delete=True,
        typing_out=True,
        groups=True,
        image_bytes=render.IMAGE_BYTES,
        file_bytes=4 * 1024 * render.MIB,
        files_per_message=render.FILES,
        messages_per_second=25.0,
        burst=5,
        note=(
            "Nobody can be written to who has not started the bot. More than 4,000 characters go as several "
            "messages. A recording is shown as a sound. In dialogs a message without buttons can be edited "
            "for 7 days. MAX tells a bot nothing of reading, reactions and typing, and it can mark nothing "
            "as read."
        ),
    )

    def __init__(self, account: MaxAccount, means: Means) -> None:
        self._means = means
        self._interface = Interface(means.client, account.api, account.secret)
        self._listening = Listening(account, means, self._interface)
        self._not_ready: dict[UUID, int] = {}

    def sources(self) -> Sequence[Source]:
        return self._listening.sources()

    async def probe(self) -> None:
        """Returns when MAX knows the token."""
        await self._listening.who()

    async def send(self, message: Envelope[SendMessage]) -> Sent:
        """Files first, each once; then the message, or the messages that it becomes, each once too."""
        data = message.data
        try:
            sent = await self._sent(data, render.pieces(data))
        except Retryable as later:
            raise self._put_off(data.message_id, later) from None
        self._not_ready.pop(data.message_id, None)
        return sent

    def _put_off(self, message_id: UUID, later: Retryable) -> Retryable:
        """For longer each time, while MAX works on a file."""
        if not isinstance(later.why if isinstance(later, InPart) else later, NotReady):
            return later
        tries = self._not_ready[message_id] = self._not_ready.get(message_id, 0) + 1
        pause = answers.NOT_READY_SECONDS * 2.0 ** min(tries - 1, 10)
        again = Retryable(min(pause, LONGEST_NOT_READY_SECONDS), "dialog")
        return later_after(isinstance(later, InPart), again)

    async def _sent(self, message: SendMessage, pieces: Sequence[Piece]) -> Sent:
        if len(pieces) == 1:
            return await self._send_piece(message, pieces[0])
        async with reading(self._means.transactions.engine) as conn:
            done = await tables.sent_pieces(conn, message.message_id)
        for place, piece in enumerate(pieces):
            if place in done:
                continue
            try:
                done[place] = await self._send_piece(message, piece)
                await self._keep(message.message_id, place, done[place])
            except Retryable as later:
                raise later_after(place, later) from None
            except (Rejected, Unconfirmed) as error:
                with suppress(Unavailable):  # else it would be sent again
                    await self._forget(message.message_id)
                raise _in_part(error, place, len(pieces)) from None
        await self._forget(message.message_id)
        names = tuple(done[place].external_ids[0] for place in range(len(pieces)))
        return Sent(names, done[len(pieces) - 1].sequence)

    async def _send_piece(self, message: SendMessage, piece: Piece) -> Sent:
        names = [
            json.loads(await self._means.attachments.uploaded(message, one.file, self._uploader(one)))
            for one in piece.uploads
        ]
        return answers.sent(await self._interface.asked(render.request(message.dialog.chat, piece, names)))

    def _uploader(self, upload: Upload) -> Any:
        async def put(attachment: Attachment) -> str:
            answer = await self._interface.asked(render.upload_request(upload))
            address, token = answers.upload_address(answer)
            put_there = await self._interface.put(address, form({}, "data", attachment))
            return json.dumps(answers.uploaded(put_there, token))

        return put

    async def _keep(self, message_id: UUID, place: int, sent: Sent) -> None:
        """Raises `Unconfirmed`: sending the part again would show it twice."""
        try:
            async with self._means.transactions.writing() as conn:
                await tables.keep_piece(conn, message_id, place, sent)
        except Unavailable:
            raise Unconfirmed("Our database was away while a long message was sent.") from None

    async def _forget(self, message_id: UUID) -> None:
        async with self._means.transactions.writing() as conn:
            await tables.forget_pieces(conn, message_id)

    async def edit(self, act: Envelope[EditMessage]) -> Sent | None:
        """The words; what is attached stays."""
        for request in render.edits(act.data):
            await self._change(request)
        return None

    async def delete(self, act: Envelope[DeleteMessage]) -> Sent | None:
        for name in act.data.external_ids:
            await self._change(render.deletion(name))
        return None

    async def _change(self, request: Request) -> None:
        """What is deleted already needs no deleting."""
        answer = await self._interface.asked(request)
        if request.method != "DELETE" or answer.status != 404:
            taken(answer)

    async def typing(self, dialog: DialogRef, *, on: bool) -> None:
        """MAX shows it for some seconds; there is no word for its end."""
        if on and not dialog.chat.startswith(USER):
            path = f"/chats/{quote(dialog.chat, safe='-')}/actions"
            taken(await self._interface.asked(Request("POST", path, {"action": "typing_on"})))

    async def run(self, errand: Mapping[str, Any]) -> None:
        """Answers a press, so that the client's button stops waiting."""
        path = f"/answers?callback_id={quote(str(errand['answer']), safe='')}"
        taken(await self._interface.asked(Request("POST", path, {"notification": errand["notification"]})))

    async def fetch(self, reference: str) -> AsyncGenerator[bytes, None]:
        """A video, by its token: the largest that there is."""
        path = f"/videos/{quote(reference.removeprefix(VIDEO), safe='')}"
        urls = taken(await self._interface.news(Request("GET", path, {}))).get("urls")
        known = urls if isinstance(urls, dict) else {}
        address = next((known[size] for size in _SIZES if isinstance(known.get(size), str)), None)
        if address is None:
            raise Rejected("gone", "MAX does not have this video any more.")
        means = self._means
        async with aclosing(download(means.client, address, means.file_limits)) as chunks:
            async for chunk in chunks:
                yield chunk


def _in_part(error: Rejected | Unconfirmed, sent: int, of: int) -> Rejected | Unconfirmed:
    """The failure, with how much of the message arrived."""
    if not sent:
        return error
    words = PART_WORDS.format(words=error.words, sent=sent, all=of)
    return Rejected(error.code, words) if isinstance(error, Rejected) else Unconfirmed(words)


def hook(account: MaxAccount, clock: Clock) -> Hook:
    """What MAX calls, where the account has a webhook."""

    def understood(payload: Any, call: Call) -> Parsed:
        said = parse.said(payload, Hearing(account.slug, clock.now(), call.aliases))
        return Parsed(said.rows, aliases=said.aliases, errands=said.errands)

    return Hook(CHANNEL, account.slug, proofs(account.hook_secret), understood, chats=parse.chats)


def proofs(secret: SecretStr) -> tuple[Verification, ...]:
    return (EqualHeader(HEADER, secret),)


CONNECTOR: Final = MaxConnector(CHANNEL, "gateways.max", Max.capabilities, MaxAccount, Max, hook)
TRANSLATION: Final = Translation(
    reading_json(parse.facts, "write an update as the top of parse.py shows"),
    render.render_message,
    answers.ids_of,
    proofs,
)
