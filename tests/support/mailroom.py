"""One mailbox of e-mail without broker and process: the channel's own objects, a real Dovecot, a real SMTP.

    room = Mailroom(…)
    room.deliver(mail(text="Hello"))          # into Dovecot
    facts = await room.heard(1)               # what the channel tells, as the poller of the kit would take it
    sent = await room.send("Good day", chat)  # through SMTP; `room.smtp.mails`

`mail(…)` is a raw mail of the test's own invention.
"""

import asyncio
import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.email.accounts import EmailAccount
from gateways.email.channel import Around, Email
from gateways.email.mail import Mail
from gateways.email.reading.reader import read
from gateways.email.settings import EmailSettings
from gateways.kit.attachments import Attachments
from gateways.kit.connector import Means
from gateways.kit.http import FILE_LIMITS, GuardedClient
from gateways.kit.polling import Page
from gateways.kit.spool import SpoolRow
from gateways.kit.transactions import Transactions
from shared.clock import SystemClock, uuid7
from shared.contract.content import Content, text_content
from shared.contract.envelope import Envelope, wrap
from shared.contract.ids import dialog_id
from shared.contract.outbound import SendMessage
from shared.contract.people import DialogRef
from shared.files.blobs import Blobs
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.smtp_server import SmtpServer

ADDRESS = "support@shop.example"
ANNA = "anna@mail.example"
_NUMBERS = count(1)


def mail(
    text: str = "Hello",
    *,
    sender: str = f"Anna <{ANNA}>",
    to: str = ADDRESS,
    subject: str = "A question",
    message_id: str | None = None,
    html: str | None = None,
    at: datetime | None = None,
    headers: dict[str, str] | None = None,
    picture: bytes | None = None,
) -> bytes:
    """A raw mail; its Message-ID is its own unless given."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = format_datetime(at or datetime.now(UTC))
    made["Message-ID"] = f"<{message_id or f'm{next(_NUMBERS)}@mail.example'}>"
    for name, value in (headers or {}).items():
        made[name] = value
    made.set_content(text)
    if html is not None:
        made.add_alternative(html, subtype="html")
    if picture is not None:
        made.add_attachment(picture, maintype="image", subtype="png", filename="picture.png")
    return made.as_bytes()


class Here:
    """Reads mails where the test is."""

    async def read(self, raw: bytes, *, believed: Collection[str] = ()) -> Mail:
        return read(raw, believed=believed)


@dataclass
class Mailroom:
    """`user` is Dovecot's; `open` it before use."""

    user: str
    dovecot: Dovecot
    smtp: SmtpServer
    engine: AsyncEngine
    blobs: Blobs
    client: GuardedClient
    changes: dict[str, Any] = field(default_factory=dict)
    settings: EmailSettings = field(
        default_factory=lambda: EmailSettings(
            idle_seconds=5, poll_seconds=0.1, answer_seconds=5, look_up_seconds=0.2, login_again_seconds=60
        )
    )
    imap_port: int = 0
    cursors: dict[str, str | None] = field(default_factory=dict)
    _channel: Email | None = None

    def open(self, **changes: Any) -> "Mailroom":
        """The account, with changes; what was known in the database stays."""
        self.changes |= changes
        self._let_go()
        secret = {"secret_file": "x", "secret": SecretStr(self.changes.pop("password", PASSWORD))}
        known = {
            "slug": "main", "name": "Shop", "address": ADDRESS, "user": self.user,
            "imap_host": "127.0.0.1", "imap_port": self.imap_port or self.dovecot.port,
            "imap_security": "none",
            "smtp_host": "127.0.0.1", "smtp_port": self.smtp.port, "smtp_security": "none",
            "mails_per_minute": 6000, "sent_folder": "Sent",
        }  # fmt: skip
        self.account = EmailAccount.model_validate(known | self.changes).model_copy(update=secret)
        self.transactions = Transactions(self.engine)
        attachments = Attachments(self.blobs, self.transactions, SystemClock())
        means = Means(self.client, attachments, SystemClock(), FILE_LIMITS, self.blobs, self.transactions)
        self._channel = Email(self.account, Around(means, Here(), self.settings))
        self.sources = {source.name: source for source in self.channel.sources()}
        return self

    def hurried(self, **seconds: float) -> None:
        """Opened anew with other times."""
        self.settings = self.settings.model_copy(update=seconds)
        self.open()

    async def close(self) -> None:
        if self._channel is not None:
            await self._channel.close()
        await asyncio.sleep(0)  # sockets end in the loop that they were opened in
        await asyncio.sleep(0)

    def _let_go(self) -> None:
        for folder in self._channel.folders.values() if self._channel else ():
            folder.close()

    @property
    def channel(self) -> Email:
        assert self._channel is not None, "the mailbox was not opened"
        return self._channel

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        self.dovecot.deliver(self.user, raw, folder)

    async def begin(self, folder: str = "INBOX") -> None:
        """The first look, from which on mails are new."""
        await self.turn(folder)

    async def turn(self, folder: str = "INBOX") -> list[dict[str, Any]]:
        """One page, made safe as the kit's poller does it: its facts."""
        page = await self.sources[folder].fetch(self.cursors.get(folder))
        rows = await self.settle(page)
        if page.cursor is not None:
            self.cursors[folder] = page.cursor
        return [json.loads(row.body)["data"] | {"type": row.type} for row in rows]

    async def settle(self, page: Page) -> list[SpoolRow]:
        if page.settle is None:
            return []
        async with self.transactions.writing() as conn:
            return list(await page.settle(conn))

    async def heard(self, least: int, folder: str = "INBOX", seconds: float = 10) -> list[dict[str, Any]]:
        """Facts, once there are so many of them."""
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(seconds):
            while len(found) < least:
                found += await self.turn(folder)
        return found

    def message(
        self, content: str | Content, chat: str, *, identity: UUID | None = None, **more: Any
    ) -> Envelope[SendMessage]:
        """One of ours, as the router gives it."""
        message, now = identity or uuid7(), datetime.now(UTC)
        ref = DialogRef(
            dialog_id=dialog_id("email", "main", chat), channel="email", account="main", chat=chat
        )
        known: dict[str, Any] = {
            "dialog": ref, "not_after": now + timedelta(hours=1), "message_id": message, "created_at": now,
            "content": text_content(content) if isinstance(content, str) else content, "author_name": "Olga",
        }  # fmt: skip
        act = SendMessage.model_validate(known | more)
        return wrap(act, id=message, source="router", time=now, subject=str(ref.dialog_id))

    async def send(self, content: str | Content, chat: str, **more: Any) -> str:
        """The Message-ID of what was sent."""
        (name,) = (await self.channel.send(self.message(content, chat, **more))).external_ids
        return name
