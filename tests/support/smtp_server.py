"""A real SMTP server over loopback that does as it is told.

    server = SmtpServer()
    async with server:
        server.script("rcpt", "451 4.7.1 Greylisted")        # the next RCPT; later ones are taken
        server.script("data", CUT)                            # the mail is kept, the connection cut: no 250
        server.mails                                          # what was taken, in order
        server.taken = lambda mail: dovecot.deliver("anna", mail, "Sent")

Answers to `mail`, `rcpt` and `data` come from scripts, one each; then everything is fine again.
"""

import asyncio
import base64
import ssl
from collections import defaultdict, deque
from collections.abc import Callable, Container
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

CUT = "cut"
"""The server takes the mail, and the connection ends before it says so."""
SILENT = "silent"
"""The server takes the mail, and never says so."""
FINE = "250 OK"


@dataclass(frozen=True)
class Taken:
    """A mail as the server has it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    options: tuple[str, ...]


class SmtpServer:
    """Listens while entered. Its user is anybody with `password`; without one nobody has to log in."""

    def __init__(self, password: str | None = None, largest: int = 30_000_000) -> None:
        self.port = 0
        self.mails: list[Taken] = []
        self.taken: Callable[[bytes], None] | None = None
        self.logins: list[str] = []
        self.connections = 0
        self.refuses_logins = False
        self.tokens: Container[str] = ()
        """Access tokens that log in."""
        self.tls: ssl.SSLContext | None = None
        self.starts_tls = False
        """By STARTTLS; else, where there is a context, from the first byte."""
        self._password = password
        self._largest = largest
        self._scripts: defaultdict[str, deque[str]] = defaultdict(deque)
        self._server: asyncio.Server | None = None
        self._open: set[_Connection] = set()

    def script(self, verb: str, *answers: str) -> None:
        self._scripts[verb].extend(answers)

    def left(self, verb: str) -> int:
        """Answers of a script that were not given: a test whose fault never came shows nothing."""
        return len(self._scripts[verb])

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._connection, "127.0.0.1", self.port, ssl=None if self.starts_tls else self.tls
        )
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for connection in list(self._open):
            connection.cut()
        await self._server.wait_closed()

    async def handle_MAIL(  # noqa: N802  # aiosmtpd calls it so
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._password and not session.authenticated:
            return "530 5.7.0 Log in first"
        answer = self._next("mail")
        if answer == FINE:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(  # noqa: N802  # aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self._next("rcpt")
        if answer == FINE:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._next("data")
        if answer in (FINE, CUT, SILENT):
            content = envelope.content
            assert isinstance(content, bytes)
            recipients = tuple(str(one) for one in envelope.rcpt_tos)
            self.mails.append(
                Taken(str(envelope.mail_from), recipients, content, tuple(envelope.mail_options))
            )
            if self.taken is not None:
                self.taken(content)
        if answer == CUT:
            server.cut()
        if answer == SILENT:
            await asyncio.Event().wait()
        return answer

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return "221 Bye"

    def authenticate(self, *told: Any) -> Any:
        """Server, session, envelope, how, and the data."""
        data = told[-1]
        assert isinstance(data, LoginPassword)
        user, password = data.login.decode(), data.password.decode()
        self.logins.append(user)
        good = password == self._password and not self.refuses_logins
        return AuthResult(success=good, handled=False)

    async def auth_XOAUTH2(self, _server: SMTP, args: list[str]) -> Any:  # noqa: N802
        said = base64.b64decode(args[1]).decode()
        token = said.partition("Bearer ")[2].rstrip("\x01")
        self.logins.append(said.partition("\x01")[0].removeprefix("user="))
        return AuthResult(success=token in self.tokens, handled=False)

    def _next(self, verb: str) -> str:
        script = self._scripts[verb]
        return script.popleft() if script else FINE

    def _connection(self) -> "_Connection":
        self.connections += 1
        tls = self.tls if self.starts_tls else None
        return _Connection(self, self._password, self._largest, tls)


class _Connection(SMTP):
    """One of a client's."""

    def __init__(
        self, server: SmtpServer, password: str | None, largest: int, tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(
            server,
            hostname="mx.test",
            data_size_limit=largest,
            enable_SMTPUTF8=True,
            authenticator=server.authenticate if password else None,
            auth_require_tls=False,
            tls_context=tls,
            require_starttls=tls is not None,
            loop=asyncio.get_running_loop(),
        )
        self._known = server._open
        self._known.add(self)

    def cut(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        self._known.discard(self)
        super().connection_lost(error)
