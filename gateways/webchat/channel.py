"""The web chat as a channel: its provider is our own mailbox, so repeats are known and sent means stored."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.kit.channel import Sent
from gateways.kit.transactions import Transactions
from gateways.webchat import files, mailbox, render, standings
from gateways.webchat.entries import Append, Body, Entry, Kind
from gateways.webchat.limits import FILE_BYTES
from gateways.webchat.parse import FILES, TEXT_LENGTH
from gateways.webchat.reception import Reception
from gateways.webchat.tables import dialogs
from shared.contract.capabilities import Capabilities
from shared.contract.envelope import Envelope
from shared.contract.outbound import Act, CloseChat, DeleteMessage, EditMessage, MarkRead, SendMessage
from shared.db.engine import reading
from shared.db.types import to_micros
from shared.failure import Rejected, Retryable, Unavailable

PROBE_AGAIN_SECONDS = 5.0


class Webchat:
    """One site."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        text_length=TEXT_LENGTH,
        files=True,
        images=True,
        voice=True,
        video=True,
        audio=True,
        stickers=True,
        quote=True,
        edit=True,
        delete=True,
        receipts="read",
        typing_in=True,
        typing_out=True,
        mark_read=True,
        closes=True,
        resume_closed=False,
        transfer_needs_presence=True,
        file_bytes=FILE_BYTES,
        image_bytes=FILE_BYTES,
        files_per_message=FILES,
        deduplicates=True,
        note="Stickers are emoji. The visitor is written to where they write from: on the site.",
    )

    def __init__(self, reception: Reception, transactions: Transactions) -> None:
        self._reception = reception
        self._transactions = transactions
        self._engine: AsyncEngine = transactions.engine

    async def send(self, message: Envelope[SendMessage]) -> Sent:
        """Into the mailbox; its number there is the provider's id. Raises `Rejected`, `Unavailable`."""
        data = message.data
        quoted = await self._quoted(data)
        append = render.appended(data, message.traceparent, quoted)
        if append.body is not None:
            await self._let_see(data)
        return _sent(await self._reception.receive(append))

    async def edit(self, act: Envelope[EditMessage]) -> Sent | None:
        """The words of a message of ours are others now."""
        data = act.data
        text = render.words_of(data.content)
        return _sent(await self._change(act, data.message_id, "edit", text))

    async def delete(self, act: Envelope[DeleteMessage]) -> Sent | None:
        """A message of ours is there no more."""
        return _sent(await self._change(act, act.data.message_id, "delete"))

    async def mark_read(self, act: Envelope[MarkRead]) -> Sent | None:
        """The visitor sees that their messages up to this one were read; what was told is not told again."""
        dialog = act.data.dialog.dialog_id
        async with reading(self._engine) as conn:
            found = await mailbox.find(conn, dialog, [f"c:{act.data.external_id}"])
            standing = (await standings.standings(conn, [dialog])).get(dialog)
        if not found or standing is None or found[0].seq <= standing.seen_seq:
            return None
        up_to = found[0].seq
        await self._receive(act, "seen", str(up_to), message_id=found[0].message_id, body={"up_to": up_to})
        return None

    async def close_chat(self, act: Envelope[CloseChat]) -> Sent | None:
        """The visitor sees that the chat is over, unless they ended it themselves or it never began."""
        dialog = act.data.dialog.dialog_id
        async with reading(self._engine) as conn:
            standing = (await standings.standings(conn, [dialog])).get(dialog)
        if standing is None or standing.closed:
            return None
        conversation = act.data.conversation_id
        await self._receive(act, "closed", str(conversation), message_id=conversation)
        return None

    async def probe(self) -> None:
        """Well as long as the mailbox can be read."""
        try:
            async with reading(self._engine) as conn:
                await conn.execute(dialogs.select().limit(1))
        except Unavailable:
            raise Retryable(PROBE_AGAIN_SECONDS, "account") from None

    async def _quoted(self, message: SendMessage) -> Entry | None:
        """The message that this one quotes: the visitor's by the browser's id of it, ours by its number."""
        quote = message.content.quote
        name = message.quoted_external_id or (quote.external_id if quote is not None else None)
        if not name:
            return None
        dialog = message.dialog.dialog_id
        async with reading(self._engine) as conn:
            found = await mailbox.find(conn, dialog, [f"c:{name}"])
            if not found and name.isascii() and name.isdigit() and len(name) < 16:
                found = (await mailbox.read(conn, {(dialog, int(name))})).get(dialog, [])
        return found[0] if found and found[0].kind == "msg" else None

    async def _let_see(self, message: SendMessage) -> None:
        """The dialog may open the files of this message, before it hears of them."""
        at, dialog, account = to_micros(message.created_at), message.dialog.dialog_id, message.dialog.account
        parts = (files.attached(part, dialog, account, at) for part in message.content.parts)
        rows = [row for row in parts if row is not None]
        if message.author_avatar_id is not None:
            rows.append(files.avatar(message.author_avatar_id, dialog, account, at))
        async with self._transactions.writing() as conn:
            await files.keep(conn, rows)

    async def _change(self, act: Envelope[Act], message: UUID, kind: Kind, text: str = "") -> Entry:
        dialog = act.data.dialog.dialog_id
        async with reading(self._engine) as conn:
            found = await mailbox.find(conn, dialog, [f"m:{message}"])
        if not found:
            raise Rejected("not_found", "The message is not in the visitor's chat.")
        return await self._receive(
            act, kind, str(act.id), message_id=message, text=text, body={"of": found[0].seq}
        )

    async def _receive(
        self,
        act: Envelope[Act],
        kind: Kind,
        once: str,
        *,
        message_id: UUID,
        text: str = "",
        body: Body | None = None,
    ) -> Entry:
        dialog = act.data.dialog
        return await self._reception.receive(
            Append(
                dialog.dialog_id,
                dialog.account,
                dialog.chat,
                "operator",
                text,
                message_id=message_id,
                traceparent=act.traceparent,
                kind=kind,
                body=body,
                once=once,
            )
        )


def _sent(entry: Entry) -> Sent:
    return Sent((str(entry.seq),), entry.seq)
