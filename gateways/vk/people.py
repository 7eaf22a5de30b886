"""Names: VK's messages say by a number who wrote, so people and chats are asked for by and by.

    a message ─▶ errand `meet` ─▶ a row, due now ─▶ the source `names` ─▶ users.get ─▶ a fact with the name

A name that cannot be had holds up no message: it is asked for again later, and a known one once a week.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateways.kit.intake import heard
from gateways.kit.polling import Page
from gateways.kit.spool import SpoolRow
from gateways.kit.text import clean_line
from gateways.kit.transactions import Transactions
from gateways.vk.api import Api
from gateways.vk.dialogs import FIRST_CHAT, dialog_of, identity_of
from gateways.vk.tables import people
from gateways.vk.values import inner, inner_list, number, words
from shared.clock import Clock
from shared.contract.ids import fact_id
from shared.contract.inbound import IdentityLearned, MembersChanged
from shared.db.dialect import insert
from shared.db.engine import reading
from shared.failure import Failure
from shared.log import get_logger
from shared.trace import new_trace

AGAIN: Final = timedelta(days=7)
LATER: Final = timedelta(minutes=10)
"""Where VK did not tell it."""
LOOK_SECONDS: Final = 5.0
AT_ONCE: Final = 100

log = get_logger()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, or a chat, who wrote in a dialog; `name` as it was last told."""

    number: int
    chat: str
    name: str | None


class People:
    """Of one community."""

    def __init__(self, account: str, api: Api, transactions: Transactions, clock: Clock) -> None:
        self._account = account
        self._api = api
        self._transactions = transactions
        self._clock = clock
        self._met: set[int] = set()
        self._new = asyncio.Event()

    async def meet(self, person: int, chat: str) -> None:
        """Somebody wrote, in this dialog."""
        wanted = {one for one in (person, int(chat)) if one > 0} - self._met
        if not wanted:
            return
        now = self._clock.now()
        rows = [
            {"account": self._account, "person": one, "chat": chat, "name": None, "due_at": now}
            for one in sorted(wanted)
        ]
        async with self._transactions.writing() as conn:
            await conn.execute(insert(conn, people).on_conflict_do_nothing(), rows)
        self._met |= wanted
        self._new.set()

    async def page(self, _cursor: str | None) -> Page:
        """The names that are due, told and kept; waits where none are."""
        due = await self._due()
        if not due:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._new.wait()
            self._new.clear()
            return Page()
        names = await self._asked(due)
        rows = [row for one in due if (row := self._told(one, names.get(one.number))) is not None]

        async def settle(conn: AsyncConnection) -> Sequence[SpoolRow]:
            for one in due:
                await self._keep(conn, one, names.get(one.number))
            return ()

        return Page(tuple(rows), more=True, settle=settle)

    async def _due(self) -> list[Person]:
        query = (
            sa.select(people)
            .where(people.c.account == self._account, people.c.due_at <= self._clock.now())
            .order_by(people.c.due_at)
            .limit(AT_ONCE)
        )
        async with reading(self._transactions.engine) as conn:
            return [Person(row.person, row.chat, row.name) for row in await conn.execute(query)]

    async def _asked(self, due: Sequence[Person]) -> dict[int, str]:
        """What VK calls them; what goes wrong is a name less."""
        persons = [str(one.number) for one in due if one.number <= FIRST_CHAT]
        chats = [str(one.number) for one in due if one.number > FIRST_CHAT]
        names: dict[int, str] = {}
        try:
            if persons:
                users = await self._api.ask("users.get", {"user_ids": ",".join(persons)})
                names |= names_in({"items": users})
            if chats:
                found = await self._api.ask("messages.getConversationsById", {"peer_ids": ",".join(chats)})
                names |= titles_in(found)
        except Failure as error:
            log.warning("names_not_known", account=self._account, reason=str(error))
        return names

    def _told(self, person: Person, name: str | None) -> SpoolRow | None:
        """The fact of a name that is news."""
        if name is None or name == person.name:
            return None
        dialog, now = dialog_of(self._account, person.chat), self._clock.now()
        identity = fact_id("name", f"{dialog.dialog_id} {person.number}", f"{name} {now:%Y-%m-%d}")
        fact: IdentityLearned | MembersChanged
        if person.number > FIRST_CHAT:
            fact = MembersChanged(dialog=dialog, title=name)
        else:
            fact = IdentityLearned(dialog=dialog, identity=identity_of(person.number, name))
        return heard(fact, identity=identity, time=now, traceparent=new_trace())

    async def _keep(self, conn: AsyncConnection, person: Person, name: str | None) -> None:
        due_at: datetime = self._clock.now() + (AGAIN if name else LATER)
        mine = people.c.account == self._account, people.c.person == person.number
        await conn.execute(sa.update(people).where(*mine).values(name=name or person.name, due_at=due_at))


def names_in(users: Mapping[str, Any]) -> dict[int, str]:
    """`{"items": [{"id": 7, "first_name": "Anna", "last_name": "Petrova"}]}`"""
    names = {
        number(one, "id"): clean_line(f"{words(one, 'first_name')} {words(one, 'last_name')}", 100)
        for one in inner_list(users, "items")
    }
    return {person: name for person, name in names.items() if person and name}


def titles_in(found: Any) -> dict[int, str]:
    """`{"items": [{"peer": {"id": 2000000001}, "chat_settings": {"title": "Our chat"}}]}`"""
    items = inner_list(found, "items") if isinstance(found, Mapping) else []
    titles = {
        number(inner(one, "peer"), "id"): clean_line(words(inner(one, "chat_settings"), "title"), 200)
        for one in items
    }
    return {chat: title for chat, title in titles.items() if chat and title}
