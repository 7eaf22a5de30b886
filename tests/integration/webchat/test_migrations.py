"""The schema leads there and back, and what an older version wrote is read by this one."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateways.webchat import mailbox, standings
from gateways.webchat.entries import Entry, Standing
from gateways.webchat.service import PACKAGE
from gateways.webchat.tables import METADATA
from shared.clock import uuid7
from shared.contract.ids import dialog_id
from shared.db.dialect import is_sqlite
from shared.db.engine import open_engine, reading, writing
from shared.db.migrate import current, downgrade, upgrade
from shared.db.schema import newest

DIALOG = dialog_id("webchat", "main", "v1")


def test_there_and_back(mailbox_url: str) -> None:
    assert current(mailbox_url) == newest(PACKAGE)
    downgrade(mailbox_url, PACKAGE, "0001")
    downgrade(mailbox_url, PACKAGE, "base")
    assert current(mailbox_url) is None
    upgrade(mailbox_url, PACKAGE)


async def test_the_migrated_schema_is_the_tables(mailbox_url: str) -> None:
    def difference(connection: sa.Connection) -> list[Any]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    engine = open_engine(mailbox_url)
    async with engine.connect() as conn:
        assert await conn.run_sync(difference) == []
    await engine.dispose()


async def test_words_of_an_older_version_are_there(database_url: Callable[[str], str]) -> None:
    url, name = database_url("webchat"), uuid7()
    upgrade(url, PACKAGE)
    downgrade(url, PACKAGE, "0001")
    engine = open_engine(url)
    async with writing(engine) as conn:
        key = {"dialog": DIALOG.hex if is_sqlite(conn) else DIALOG}
        row = key | {"name": name.hex if is_sqlite(conn) else name}
        await conn.execute(sa.text("INSERT INTO dialogs VALUES (:dialog, 'main', 'v1', 1, 5, 5)"), key)
        columns = "dialog_id, seq, mark, message_id, author, text, at"
        values = ":dialog, 1, 'c:old', :name, 'client', 'hello', 5"
        await conn.execute(sa.text(f"INSERT INTO mailbox ({columns}) VALUES ({values})"), row)
    await engine.dispose()
    upgrade(url, PACKAGE)
    engine = open_engine(url)
    async with reading(engine) as conn:
        read = await mailbox.read(conn, {(DIALOG, 1)})
        assert read == {DIALOG: [Entry(DIALOG, 1, "old", name, "client", None, "hello", 5, None)]}
        assert await standings.standings(conn, [DIALOG]) == {DIALOG: Standing(last_seq=1)}
    await engine.dispose()
