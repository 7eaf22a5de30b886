"""Drives the real router with whatever clients, operators, desks and the clock could do; see router_model.py.

Real: the transactions with their inbox and outbox, the handler, the database. Repeats come from the broker's
habit of delivering again; a failover is another process that takes over the same database.
"""

from __future__ import annotations

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from router import repository, tables
from router.handlers import CATALOGUE, RouterHandler
from shared.bus.connection import Broker
from shared.bus.consumer import Consumer, Delivery
from shared.bus.handler import Incoming
from shared.bus.publisher import Publisher
from shared.bus.sender import Job, Sender
from shared.bus.transaction import Transactions
from shared.clock import FixedClock, uuid7
from shared.contract import commands, ids
from shared.contract.capabilities import Capabilities
from shared.contract.content import text_content
from shared.contract.envelope import Catalogue, Data, Envelope, wrap
from shared.contract.events import EVENTS
from shared.contract.inbound import AccountDeclared, ChatClosed, MessageHeard
from shared.contract.people import Actor, DialogRef, Identity
from shared.db.engine import open_engine, reading
from shared.db.lease import Lease
from shared.topology import EVENTS as EVENTS_EXCHANGE
from shared.topology import Queue
from tests.support.router_model import Model

NOON: Final = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
CONSOLE: Final = Actor(kind="console", id="machine")
DESK: Final = Actor(kind="service", id="desk")
PEOPLE: Final[tuple[dict[str, Any], ...]] = (
    {"login": "anna", "limit": 2},
    {"login": "boris", "limit": 1},
    {"login": "vera", "limit": 3, "accounts": ("webchat.asking", "webchat.free")},
    {"login": "chief", "limit": 2, "role": "supervisor", "without": ("limits.override",)},
)
ACCOUNTS: Final[dict[str, dict[str, Any]]] = {
    "asking": {"distribution": "least_loaded", "handover": "offer", "close_after_minutes": 30},
    "giving": {"distribution": "least_loaded", "handover": "appoint", "reopens": "last"},
    "free": {"distribution": "free", "reopens": "fresh"},
}
CHATS: Final = tuple((account, number) for account in ACCOUNTS for number in range(4))

_events: Final = Catalogue(*EVENTS)
chats = st.sampled_from(CHATS)
people = st.integers(0, len(PEOPLE) - 1)
anybody = st.integers(0, 3 * len(PEOPLE))
"""Often somebody whom the conversation concerns."""


class Wire:
    """The broker as a handler sees it: there, and every queue is declared."""

    connected = True

    async def declare(self, *queues: Queue) -> None:
        """Queues are no part of this."""


class RouterMachine(RuleBasedStateMachine):
    """One company with three accounts and four operators, and the model beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(prefix="switchboard-model-")
        self.clock = FixedClock(NOON)
        self.model = Model()
        self.ids: list[UUID] = []
        self.given: list[Incoming] = []
        self.numbers = 0
        self.runner.run(self._open())

    async def _open(self) -> None:
        self.engine = open_engine(f"sqlite:///{Path(self.folder.name) / 'router.db'}")
        async with self.engine.begin() as conn:
            await conn.run_sync(tables.metadata.create_all)
        self.lease = Lease(self.engine, "router", "machine")
        await self.lease.acquire()
        self.broker = Broker("amqp://127.0.0.1:1/", name="machine")
        await self._take_over()

    async def _take_over(self) -> None:
        """A new process with nothing but the database."""
        sender = Sender(Publisher(self.broker), Consumer(self.broker, []), self.lease.check)
        handler = RouterHandler(Wire(), self.clock)
        self.work = Transactions(self.engine, self.lease, handler, sender, self.clock)
        await self.work.load()

    def teardown(self) -> None:
        async def close() -> None:
            await self.lease.release()
            await self.engine.dispose()

        self.runner.run(close())
        self.runner.close()
        self.folder.cleanup()

    @initialize()
    def company(self) -> None:
        for account, settings in ACCOUNTS.items():
            declared = AccountDeclared(
                channel="webchat",
                account=account,
                name=account,
                capabilities=Capabilities(write_first=True, addresses="id"),
                declared_at=self.clock.now(),
            )
            self.give(declared)
            self.ask(commands.SetRouting, CONSOLE, account=f"webchat.{account}", **settings)
        for one in PEOPLE:
            operator_id = uuid7()
            self.ids.append(operator_id)
            name = str(one["login"]).title()
            self.ask(commands.AddOperator, CONSOLE, operator_id=operator_id, name=name, **one)
        self.workplaces_open(set(range(len(PEOPLE))))

    @rule(chat=chats, count=st.integers(1, 3))
    def client_writes(self, chat: tuple[str, int], count: int) -> None:
        self.give(*(self._heard(chat) for _ in range(count)))

    @rule(some=st.lists(chats, min_size=2, max_size=6))
    def many_write_at_once(self, some: list[tuple[str, int]]) -> None:
        self.give(*map(self._heard, some))

    @rule(chat=chats)
    def client_closes(self, chat: tuple[str, int]) -> None:
        self.give(ChatClosed(dialog=_ref(chat), at=self.clock.now()))

    @rule(
        who=anybody,
        chat=chats,
        what=st.sampled_from(
            [
                commands.AcceptConversation,
                commands.CloseConversation,
                commands.ReturnConversation,
                commands.DeclineOffer,
                commands.RecallOffer,
                commands.ResumeConversation,
                commands.ReadConversation,
            ]
        ),
    )
    def operator_acts(self, who: int, chat: tuple[str, int], what: type[Data]) -> None:
        fields = {"up_to": 1} if what is commands.ReadConversation else {}
        self.act(what, who, chat, **fields)

    @rule(who=anybody, chat=chats)
    def operator_answers(self, who: int, chat: tuple[str, int]) -> None:
        self.act(commands.PostMessage, who, chat, message_id=uuid7(), content=text_content("Да"))

    @rule(who=people, chat=chats)
    def operator_writes_first(self, who: int, chat: tuple[str, int]) -> None:
        account, number = chat
        said = {"message_id": uuid7(), "content": text_content("Добрый день")}
        where = {"account": f"webchat.{account}", "address": f"c{number}"}
        self.ask(commands.StartConversation, self._actor(who), **where, **said)

    @rule(
        who=anybody,
        to=people,
        chat=chats,
        what=st.sampled_from([commands.OfferConversation, commands.AppointOperator]),
    )
    def operator_hands_over(self, who: int, to: int, chat: tuple[str, int], what: type[Data]) -> None:
        self.act(what, who, chat, operator_id=self.ids[to])

    @rule(who=people, to=people, some=st.lists(chats, min_size=1, max_size=4, unique=True))
    def chief_moves(self, who: int, to: int, some: list[tuple[str, int]]) -> None:
        moved = [commands.Moved(**self._about(chat)) for chat in some]
        actor = self._actor(who)
        self.ask(commands.MoveConversations, actor, conversations=moved, operator_id=self.ids[to])

    @rule(here=st.sets(people))
    def workplaces_open(self, here: set[int]) -> None:
        operators = [self.ids[one] for one in sorted(here)]
        self.ask(commands.RenewPresence, DESK, desk="desk", operators=operators, seconds=60)

    @rule(who=people, status=st.sampled_from(["available", "available", "break", "off_work"]))
    def status_changes(self, who: int, status: str) -> None:
        self.ask(commands.SetStatus, self._actor(who), operator_id=self.ids[who], status=status)

    @rule(who=people, limit=st.integers(0, 3))
    def limit_changes(self, who: int, limit: int) -> None:
        """Never below what the operator has: such a limit is above what may be given, not taken away."""
        login, had = str(PEOPLE[who]["login"]), self.model.load(self.ids[who])
        self.ask(commands.ChangeOperator, CONSOLE, operator=login, limit=max(limit, had))

    @rule(seconds=st.sampled_from([1, 3, 20, 61, 3600]))
    def time_passes(self, seconds: int) -> None:
        for step in [1] * seconds if seconds <= 3 else [seconds - 1, 1]:
            self.clock.advance(timedelta(seconds=step))
            self._see(self.runner.run(self.work.tick()))

    @rule(back=st.integers(1, 30))
    def delivered_again(self, back: int) -> None:
        """Nothing happens twice."""
        if back <= len(self.given):
            job = self.runner.run(self.work.batch([self.given[-back]]))
            assert not job.rows

    @rule()
    def another_takes_over(self) -> None:
        self.runner.run(self._take_over())

    @invariant()
    def true_of_all(self) -> None:
        self.model.check()
        self.runner.run(self._compare())

    async def _compare(self) -> None:
        async with reading(self.engine) as conn:
            self.model.same({one.dialog_id: one async for one in repository.standing(conn)})

    def act(self, command: type[Any], who: int, chat: tuple[str, int], **fields: Any) -> None:
        self.ask(command, self._actor(who, chat), **self._about(chat), **fields)

    def ask(self, command: type[Any], actor: Actor, **fields: Any) -> None:
        deadline = self.clock.now() + timedelta(seconds=30)
        self.give(command(actor=actor, deadline=deadline, **fields))

    def give(self, *data: Data) -> None:
        """One batch of deliveries, each for the first time."""
        self.clock.advance(timedelta(milliseconds=100))
        batch = [self._incoming(one) for one in data]
        self.given += batch
        self._see(self.runner.run(self.work.batch(batch)))

    def _see(self, job: Job) -> None:
        told = [row for _, row in job.rows if row.exchange == EVENTS_EXCHANGE]
        self.model.see(_events.decode(row.body, row.type) for row in told)

    def _incoming(self, data: Data) -> Incoming:
        self.numbers += 1
        envelope: Envelope[Data] = wrap(
            data, id=uuid7(), source="machine", time=self.clock.now(), subject=f"{self.numbers}"
        )
        read = CATALOGUE.decode(envelope.encode(), data.TYPE)
        return Incoming(Delivery("queue", self.numbers, 1, "exchange", "key", b"", data.TYPE), read)

    def _heard(self, chat: tuple[str, int]) -> MessageHeard:
        self.numbers += 1
        ref = _ref(chat)
        return MessageHeard(
            dialog=ref,
            message_id=uuid7(),
            external_id=f"m{self.numbers}",
            sender=Identity(channel="webchat", address=ref.chat),
            content=text_content("Здравствуйте"),
            received_at=self.clock.now(),
        )

    def _actor(self, who: int, chat: tuple[str, int] | None = None) -> Actor:
        """The operator of a number; beyond the last: whoever has the chat's conversation or is offered it."""
        if who < len(self.ids):
            return Actor(kind="operator", id=str(self.ids[who]))
        talk = self.model.talks.get(_ref(chat).dialog_id) if chat else None
        concerned = sorted(talk.holders) if talk else []
        return Actor(kind="operator", id=str((concerned or self.ids)[who % len(concerned or self.ids)]))

    def _about(self, chat: tuple[str, int]) -> dict[str, UUID]:
        ref = _ref(chat)
        talk = self.model.talks.get(ref.dialog_id)
        known = talk.state.conversation_id if talk and talk.state else ref.dialog_id
        return {"dialog_id": ref.dialog_id, "conversation_id": known}


def _ref(chat: tuple[str, int]) -> DialogRef:
    account, number = chat
    name = f"c{number}"
    dialog_id = ids.dialog_id("webchat", account, name)
    return DialogRef(dialog_id=dialog_id, channel="webchat", account=account, chat=name)
