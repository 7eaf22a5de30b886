"""One Dovecot for all of these tests, a user for each; an SMTP server and databases of the test's own."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from gateways.email.door import PACKAGE
from gateways.kit.addresses import Guard
from gateways.kit.http import GuardedClient
from shared.db.engine import open_engine
from shared.files.blobs import Blobs
from tests.support.databases import Models
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.mailroom import Mailroom
from tests.support.postgres import Postgres
from tests.support.session import Session
from tests.support.smtp_server import SmtpServer
from tests.support.token_endpoint import TokenEndpoint


@pytest.fixture(scope="session")
def tokens() -> Iterator[TokenEndpoint]:
    endpoint = TokenEndpoint().start()
    yield endpoint
    endpoint.stop()


@pytest.fixture(scope="session")
def dovecot(servers: Session, tokens: TokenEndpoint) -> Iterator[Dovecot]:
    server = Dovecot(tokens).start()
    yield server
    server.stop()
    server.remove()


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpServer]:
    async with SmtpServer(PASSWORD) as server:
        yield server


@pytest.fixture
async def room(
    dovecot: Dovecot, smtp: SmtpServer, tokens: TokenEndpoint, models: Models, tmp_path: Path
) -> AsyncIterator[Mailroom]:
    """A mailbox of the test's own, on SQLite: for what is about mail servers and not about the database."""
    with models.migrated_databases("sqlite", tmp_path, _no_server) as migrated:
        async with opened(migrated(PACKAGE), dovecot, smtp, tokens, tmp_path) as made:
            yield made


@pytest.fixture
async def filed_room(
    dovecot: Dovecot,
    smtp: SmtpServer,
    tokens: TokenEndpoint,
    migrated_url: Callable[[str], str],
    tmp_path: Path,
) -> AsyncIterator[Mailroom]:
    """The same on each database."""
    async with opened(migrated_url(PACKAGE), dovecot, smtp, tokens, tmp_path) as made:
        yield made


@asynccontextmanager
async def opened(
    url: str, dovecot: Dovecot, smtp: SmtpServer, tokens: TokenEndpoint, folder: Path
) -> AsyncIterator[Mailroom]:
    engine = open_engine(url)
    blobs = Blobs.open(f"file://{folder / 'blobs'}")
    async with GuardedClient(Guard([f"127.0.0.1:{tokens.port}"])) as client:
        made = Mailroom(f"u{uuid4().hex[:12]}", dovecot, smtp, engine, blobs, client).open()
        yield made
        await made.close()
    await engine.dispose()


def _no_server() -> Postgres:
    raise AssertionError("SQLite needs no server")
