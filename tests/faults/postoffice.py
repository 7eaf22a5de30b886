"""A mailbox under faults: a real Dovecot, an SMTP server, the gateway of e-mail, and the services behind it.

    async with PostOffice(servers, "postgresql", folder) as office:
        await office.kill_gateway()
        await office.cut_fetch()

The gateway reaches both mail servers through proxies. On PostgreSQL it runs twice, one of them stands by.
What the SMTP server takes lies in Sent, as with the large providers.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import text

from deploy.local.ports import is_listening
from gateways.email.door import PACKAGE
from shared.db.engine import open_engine, reading
from shared.db.migrate import upgrade
from tests.faults.chaos import Fault
from tests.support.databases import postgresql_databases, sqlite_databases
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.email_member import email_member
from tests.support.email_process import write_accounts
from tests.support.member import Member
from tests.support.operator import Operator
from tests.support.proxy import Mode, Proxy
from tests.support.session import Session
from tests.support.smtp_server import CUT, SmtpServer
from tests.support.stack import Stack
from tests.support.token_endpoint import TokenEndpoint
from tests.support.waiting import eventually

KINDS = ("router", "store-write", "store-serve", "desk")
USER = "shop"
LOOK_UP_SECONDS = 2.0
OUT_SECONDS = 3.0
"""How long a server is away, and how long mails gather before a connection is cut within them."""


class PostOffice:
    """`deliver` puts a mail into the mailbox; `smtp.mails` is what clients got; `done` are the faults."""

    def __init__(self, servers: Session, database: str, folder: Path) -> None:
        self.broker = servers.broker(f"broker-mailbox-{database}")
        self.done: list[Fault] = []
        self.gateways: list[Member] = []
        self._postgres = servers.postgres("postgres-mailbox") if database == "postgresql" else None
        self._folder = folder
        self._exit = AsyncExitStack()
        self._turn = itertools.count()
        self._began = time.monotonic()

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._exit.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            print("\n".join(f"--- {one.name}\n{one.tail(25)}" for one in self.gateways), file=sys.stderr)
        await self._exit.__aexit__(kind, error, trace)

    async def _open(self) -> None:
        enter = self._exit.enter_async_context
        await asyncio.to_thread(self.broker.start)
        self._exit.callback(self._end_servers)
        endpoint = TokenEndpoint().start()
        self._exit.callback(endpoint.stop)
        self.dovecot = Dovecot(endpoint).start()
        self._exit.callback(self._end_dovecot)
        self.smtp = await SmtpServer(PASSWORD).__aenter__()
        self._exit.push_async_exit(self.smtp)
        self.smtp.taken = lambda raw: self.dovecot.deliver(USER, raw, "Sent")
        self.imap_wire = await enter(Proxy(self.dovecot.port))
        self.smtp_wire = await enter(Proxy(self.smtp.port))
        vhost = await asyncio.to_thread(self.broker.virtual_host, "faults")
        url = self.broker.node.url(vhost)
        fresh = self._exit.enter_context(
            postgresql_databases(self._postgres) if self._postgres else sqlite_databases(self._folder)
        )
        self.stack = await enter(Stack(url, fresh, kinds=KINDS))
        await self._start_gateways(url, fresh("email"))
        signer = await self.stack.add_operator("anna", role="administrator")
        self.operator = await enter(
            Operator(self.stack.urls("desk"), signer.login, signer.password, patience=120.0, timeout=14.0)
        )
        await self.operator.stand()

    async def _start_gateways(self, amqp_url: str, database_url: str) -> None:
        await asyncio.to_thread(upgrade, database_url, PACKAGE)
        accounts = write_accounts(
            self._folder, USER, self.imap_wire.port, self.smtp_wire.port,
            files_its_own_sent=True, mails_per_hour_from_one=100_000,
        )  # fmt: skip
        settings = {"look_up_seconds": str(LOOK_UP_SECONDS), "answer_seconds": "5", "drain_seconds": "10"}
        for number in range(2 if self._postgres else 1):
            name, blobs = f"email-{number + 1}", self.stack.blobs_folder
            member = email_member(name, amqp_url, database_url, accounts, blobs, **settings)
            self._exit.callback(member.end)
            member.start()
            await member.ready()
            self.gateways.append(member)
        await eventually(lambda: any(one.lines("mailbox_begun") for one in self.gateways), seconds=30)

    def deliver(self, mail: bytes) -> None:
        self.dovecot.deliver(USER, mail)

    async def parked(self) -> int:
        """Messages that somebody gave up on."""
        engine = open_engine(self.stack.databases["store"])
        try:
            async with reading(engine) as conn:
                return int((await conn.execute(text("SELECT count(*) FROM parked"))).scalar() or 0)
        finally:
            await engine.dispose()

    async def kill_gateway(self) -> None:
        """Each in turn: the owner of the mailbox and who stands by."""
        member = self.gateways[next(self._turn) % len(self.gateways)]

        async def strike() -> str:
            pid = member.kill()
            await asyncio.sleep(OUT_SECONDS)
            again = member.start()
            assert again != pid, "the same process was started again"
            await member.ready(60)
            return f"pid {pid} ended with -9, pid {again} ready"

        await self._done("kill", member.name, strike)

    async def kill_dovecot(self) -> None:
        async def strike() -> str:
            await asyncio.to_thread(self.dovecot.kill)
            assert not is_listening(self.dovecot.port), "the mail server is still there"
            await asyncio.sleep(OUT_SECONDS)
            await asyncio.to_thread(self.dovecot.start)
            return "nobody listened, then it did again"

        await self._done("kill", "dovecot", strike)

    async def kill_smtp(self) -> None:
        async def strike() -> str:
            await self.smtp.__aexit__(None, None, None)
            assert not is_listening(self.smtp.port), "the SMTP server is still there"
            await asyncio.sleep(OUT_SECONDS)
            await self.smtp.__aenter__()
            return "its connections were cut and nobody listened, then it did again"

        await self._done("end", "smtp server", strike)

    async def kill_broker(self) -> None:
        async def strike() -> str:
            pid = self.broker.pid
            await asyncio.to_thread(self.broker.kill)
            assert not self.broker.node.listening(), "the broker is still there"
            await asyncio.to_thread(self.broker.start)
            return f"pid {pid} killed, nobody listened, pid {self.broker.pid} up"

        await self._done("kill", "rabbitmq", strike)

    async def cut_fetch(self) -> None:
        """Mails gather, then the connection that fetches them is cut within the answer."""

        async def strike() -> str:
            wire = self.imap_wire
            wire.mode = Mode.REFUSE
            reset = wire.reset()
            await asyncio.sleep(OUT_SECONDS)
            before, wire.cut_after, wire.mode = wire.cuts, 9_000, Mode.PASS
            await eventually(lambda: wire.cuts > before, seconds=60)
            wire.cut_after = None
            wire.reset()
            return f"{reset} connections reset; cut after 9,000 bytes of an answer"

        await self._done("cut", "FETCH", strike)

    async def cut_data(self) -> None:
        """A connection that hands a mail over is cut within the mail."""

        async def strike() -> str:
            wire = self.smtp_wire
            before, wire.cut_said_after = wire.cuts, 700
            await eventually(lambda: wire.cuts > before, seconds=60)
            wire.cut_said_after = None
            return "cut after 700 bytes of ours"

        await self._done("cut", "DATA", strike)

    async def swallow_answer(self) -> None:
        """The server takes the mail, and its 250 never comes."""

        async def strike() -> str:
            self.smtp.script("data", CUT)
            await eventually(lambda: not self.smtp.left("data"), seconds=60)
            return "the mail was taken, the connection ended before 250"

        await self._done("swallow", "250", strike)

    async def renumber(self) -> None:
        """Every mail of the mailbox gets another number, under another UIDVALIDITY."""

        async def strike() -> str:
            await asyncio.to_thread(self.dovecot.kill)
            self.dovecot.renumber(USER)
            await asyncio.to_thread(self.dovecot.start)
            await eventually(
                lambda: any(one.lines("mailbox_renumbered") for one in self.gateways), seconds=60
            )
            return "the gateway saw it and read the last days again"

        await self._done("renumber", "UIDVALIDITY", strike)

    async def _done(self, what: str, target: str, strike: Callable[[], Awaitable[str]]) -> None:
        at = time.monotonic()
        evidence = await strike()
        self.done.append(Fault(at - self._began, what, target, time.monotonic() - at, evidence))

    def _end_dovecot(self) -> None:
        self.dovecot.stop()
        self.dovecot.remove()

    def _end_servers(self) -> None:
        self.broker.kill()
        if self._postgres is not None:
            self._postgres.stop()
