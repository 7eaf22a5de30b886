"""Handing a mail over by SMTP, and what each end of that means.

==========================================  =====================================================
the server                                  the mail
==========================================  =====================================================
is not reached, or closes before DATA       `Retryable(account)`: nothing was sent
421, or 4xx to a log-in or a sender         `Retryable(account)`
4xx to the client's address or to the mail  `Retryable(dialog)`: greylisting, 5 to 15 minutes
5xx to the client's address or to the mail  `Rejected` with the server's words; 552 and 5.3.4: too big
refuses the log-in                          gateways/email/login.py: in the end `ChannelDown`
refuses a copy's address alone              sent to the others
breaks off after DATA, or says nothing      `Doubtful`: nobody knows
250                                         sent
==========================================  =====================================================

What an answer means is in gateways/email/verdicts.py. One refused recipient raises the same class whether it
is a 451 or a 550: the code decides.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPRecipientRefused, SMTPResponseException

from gateways.email.accounts import EmailAccount
from gateways.email.login import Credentials, Login, LoginRefused
from gateways.email.mime import Ready
from gateways.email.verdicts import TOO_BIG_WORDS, judged
from gateways.kit.text import clean_line
from shared.failure import Failure, Rejected, Retryable
from shared.log import get_logger

log = get_logger()

SOON_SECONDS: Final = 15.0
SLOWEST_BYTES_PER_SECOND: Final = 100_000
BYE_SECONDS: Final = 2.0
_WAYS: Final = ("plain", "login", "cram-md5")


class Doubtful(Exception):
    """The mail left us, and nobody knows whether the server has it."""


class Submission:
    """One for each account."""

    def __init__(self, account: EmailAccount, login: Login, answer_seconds: float) -> None:
        self._account = account
        self._login = login
        self._patience = answer_seconds

    async def hand_over(self, mail: Ready, begins: Callable[[], Awaitable[None]], refusals: int = 0) -> None:
        """Returns when the server has it; `begins` is awaited just before it may get it.

        Raises `Doubtful`, or what the table says; then it surely was not taken. `refusals`: how often it
        was put off before.
        """
        async with self._opened() as client:
            await self._envelope(client, mail, refusals)
            await begins()
            try:
                seconds = self._patience + len(mail.raw) / SLOWEST_BYTES_PER_SECOND
                await client.data(mail.raw, timeout=seconds)
            except SMTPResponseException as error:
                raise judged(error.code, error.message, refusals) from None
            except (SMTPException, OSError, TimeoutError) as error:
                log.warning("mail_doubtful", account=self._account.slug, reason=type(error).__name__)
                raise Doubtful from None

    async def probe(self) -> None:
        """Returns when we are let in; raises `ChannelDown` or `Retryable`."""
        async with self._opened():
            pass

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[SMTP]:
        """A connection that has logged in."""
        account = self._account
        host, port = account.smtp_at
        client = SMTP(
            hostname=host,
            port=port,
            use_tls=account.smtp_security == "tls",
            start_tls=account.smtp_security == "starttls",
            local_hostname=account.domain,
            timeout=self._patience,
        )
        try:
            await self._connected(client)
            yield client
            await _said_goodbye(client)
        finally:
            client.close()

    async def _connected(self, client: SMTP) -> None:
        try:
            await client.connect()
            await client.ehlo()
            if client.supports_extension("auth"):
                await self._login.log_in(lambda credentials: _let_in(client, credentials))
        except Failure:
            raise
        except (SMTPException, OSError, TimeoutError) as error:
            log.warning("mail_server_unreached", account=self._account.slug, reason=_words(error))
            raise Retryable(SOON_SECONDS, "account") from None

    async def _envelope(self, client: SMTP, mail: Ready, refusals: int) -> None:
        """Sender and recipients; raises what the table says."""
        options = _options(client, mail)
        encoding = "utf-8" if mail.utf8 else "ascii"
        try:
            await client.mail(mail.sender, options=options, encoding=encoding)
            await self._recipients(client, mail.recipients, encoding, refusals)
        except Failure:
            raise
        except SMTPResponseException as error:
            if error.code < 500:
                raise Retryable(SOON_SECONDS, "account") from None
            raise judged(error.code, error.message, refusals) from None
        except (SMTPException, OSError, TimeoutError):
            raise Retryable(SOON_SECONDS, "account") from None

    async def _recipients(
        self, client: SMTP, recipients: Sequence[str], encoding: str, refusals: int
    ) -> None:
        """The first is the client: without them nothing is sent. A copy that is refused is left out."""
        for place, recipient in enumerate(recipients):
            try:
                await client.rcpt(recipient, encoding=encoding)
            except SMTPRecipientRefused as error:
                if place == 0:
                    raise judged(error.code, error.message, refusals) from None
                log.warning("copy_refused", account=self._account.slug, code=error.code)


async def _let_in(client: SMTP, credentials: Credentials) -> None:
    try:
        if credentials.by_token:
            await client.auth_xoauth2(credentials.user, credentials.secret)
        else:
            await _by_password(client, credentials)
    except aiosmtplib.SMTPAuthenticationError as error:
        if 400 <= error.code < 500:
            raise
        raise LoginRefused(f"{error.code} {clean_line(error.message, 200)}") from None


async def _by_password(client: SMTP, credentials: Credentials) -> None:
    """In one way: the library would try all that the server knows, and each refusal counts there."""
    known = [name for name in client.server_auth_methods if name in _WAYS]
    way = min(known, key=_WAYS.index, default="plain")
    await getattr(client, f"auth_{way.replace('-', '')}")(credentials.user, credentials.secret)


def _options(client: SMTP, mail: Ready) -> list[str]:
    """What the server is told of the mail; raises `Rejected` for what it says it cannot take."""
    options = []
    if client.supports_extension("size"):
        largest = client.esmtp_extensions.get("size", "")
        if largest.isdigit() and 0 < int(largest) < len(mail.raw):
            raise Rejected("too_big", f"{TOO_BIG_WORDS} ({len(mail.raw)} of {largest} bytes)")
        options.append(f"SIZE={len(mail.raw)}")
    if mail.utf8:
        if not client.supports_extension("smtputf8"):
            raise Rejected("bad_address", "The mail server knows no addresses of other letters.")
        options.append("SMTPUTF8")
    return options


async def _said_goodbye(client: SMTP) -> None:
    """Out of politeness: how it ends changes nothing."""
    try:
        async with asyncio.timeout(BYE_SECONDS):
            await client.quit()
    except (SMTPException, OSError, TimeoutError):
        return


def _words(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {clean_line(error.message, 200)}"
    return clean_line(f"{type(error).__name__}: {error}", 200)
