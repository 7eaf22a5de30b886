"""E-mail: one mailbox, what it listens to and its sending side.

IMAP ──▶ mailbox ──▶ taking ──▶ facts            SendMessage ──▶ sending ──▶ SMTP, and a copy in Sent
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from gateways.email.abilities import ABILITIES
from gateways.email.accounts import EmailAccount
from gateways.email.login import Login
from gateways.email.mailbox import Folder, connecting
from gateways.email.oauth import Tokens
from gateways.email.sending import Means as SendingMeans
from gateways.email.sending import Sending
from gateways.email.sent import SentFolder
from gateways.email.settings import EmailSettings
from gateways.email.submission import Submission
from gateways.email.taking import Room, Taking
from gateways.kit.channel import Sent
from gateways.kit.connector import Means
from gateways.kit.pace import Pace
from gateways.kit.polling import Rhythm, Source
from gateways.kit.unfetched import Unfetched
from shared.contract.capabilities import Capabilities
from shared.contract.envelope import Envelope
from shared.contract.outbound import SendMessage
from shared.failure import Retryable

BURST: Final = 10
"""Mails that may leave at once after a rest."""


@dataclass(frozen=True, slots=True)
class Around:
    """What all mailboxes of a process share."""

    means: Means
    room: Room
    settings: EmailSettings


class Email:
    """One account."""

    capabilities: ClassVar[Capabilities] = ABILITIES
    resumes: ClassVar[bool] = True

    def __init__(self, account: EmailAccount, around: Around) -> None:
        means, settings = around.means, around.settings
        secret = account.secret.get_secret_value()
        tokens = Tokens(account, means.client) if account.token_url is not None else None
        inside = Login(account.login, secret, tokens, settings.login_again_seconds)
        outside = Login(account.login, secret, tokens, settings.login_again_seconds)
        self._account = account
        self._connect = connecting(account, settings, inside)
        taking = Taking(account, around.room, means.blobs, means.transactions, means.clock)
        self.folders = {
            name: Folder(account, name, self._connect, taking, settings, means.clock)
            for name in account.folders
        }
        self._rhythm = Rhythm(longest_seconds=60)
        self._submission = Submission(account, outside, settings.answer_seconds)
        sent = SentFolder(account, account.sent_folder, self._connect) if account.sent_folder else None
        self._sending = Sending(
            account,
            SendingMeans(
                self._submission, sent, taking, means.attachments, means.transactions, means.clock,
                settings.look_up_seconds,
            ),
        )  # fmt: skip
        paced = Capabilities(messages_per_second=account.mails_per_minute / 60, burst=BURST)
        self.pace = Pace(paced, time.monotonic())

    def sources(self) -> Sequence[Source]:
        """Each folder, with a cursor of its own."""
        return [Source(name, folder.page, self._rhythm) for name, folder in self.folders.items()]

    async def send(self, message: Envelope[SendMessage]) -> Sent:
        """A mail in its thread, or one that begins it."""
        return Sent((await self._sending.send(message.data),))

    async def probe(self) -> None:
        """Returns when both servers let us in."""
        try:
            (await self._connect()).close()
        except Unfetched as error:
            raise Retryable(1.0, "account") from error
        await self._submission.probe()

    async def close(self) -> None:
        for folder in self.folders.values():
            folder.close()
        for folder in self.folders.values():
            await folder.ended()
