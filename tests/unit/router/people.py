"""The people and things of these tests: one web chat account, three operators, a visitor, a dialog."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid5

from router.conversation import decide
from router.dialog import Decision, Dialog, Facts, Input
from router.floor import Floor, place
from router.registry import Account, Operator, Registry, Routing
from shared.contract import ids
from shared.contract.capabilities import Capabilities
from shared.contract.commands import Answer
from shared.contract.content import Content, text_content
from shared.contract.envelope import Data, wrap
from shared.contract.inbound import MessageHeard
from shared.contract.people import Actor, DialogRef, Identity

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
CHANNEL, ACCOUNT, CHAT = "webchat", "site", "v1"
REF = DialogRef(dialog_id=ids.dialog_id(CHANNEL, ACCOUNT, CHAT), channel=CHANNEL, account=ACCOUNT, chat=CHAT)
VISITOR = Identity(channel=CHANNEL, address=CHAT, name="Вера")
CONSOLE = Actor(kind="console", id="root")

D = TypeVar("D", bound=Data)


def number(name: str) -> UUID:
    """A fixed id for a name."""
    return uuid5(ids.NAMESPACE, name)


def operator(login: str, **fields: Any) -> Operator:
    given: dict[str, Any] = {"name": login.title(), "public_name": login.title(), "role": "operator"}
    given |= {"present": True} | fields
    return Operator(operator_id=number(login), login=login, **given)


def account(**fields: Any) -> Account:
    given: dict[str, Any] = {"name": "Site", "capabilities": Capabilities(), "connected": True}
    settings = {name: fields.pop(name) for name in Routing.__slots__ if name in fields}
    given |= {"declared_at": NOON, "routing": Routing(**settings)} | fields
    return Account(channel=CHANNEL, account=ACCOUNT, **given)


ANNA, BORIS, ADMIN = operator("anna"), operator("boris"), operator("root", role="administrator")
SITE = account()


def actor(one: Operator) -> Actor:
    return Actor(kind="operator", id=str(one.operator_id), name=one.name)


def input_(data: D, name: str = "input", *, at: datetime = NOON) -> Input:
    return wrap(data, id=number(name), source="test", time=at, subject=str(REF.dialog_id))


def heard(text: str = "Здравствуйте", *, at: datetime = NOON, external_id: str = "m1", **fields: Any) -> Data:
    given: dict[str, Any] = {"sender": VISITOR, "content": text_content(text), "received_at": at} | fields
    return MessageHeard(dialog=REF, message_id=number(external_id), external_id=external_id, **given)


class Desk:
    """One dialog under decision: gives inputs one after another and keeps the state and what came of it."""

    def __init__(self, *entities: Operator | Account) -> None:
        self.registry = Registry(entities or (ANNA, BORIS, ADMIN, SITE))
        self.floor = Floor(self.registry)
        self.state: Dialog | None = None
        self.now = NOON
        self.effects: tuple[Any, ...] = ()
        self._count = 0

    def give(self, data: Data) -> Decision:
        """Decides one input a second later than the last."""
        self._count += 1
        self.now += timedelta(seconds=1)
        decision = decide(self.state, input_(data, f"input {self._count}", at=self.now), self.facts)
        self.state, self.effects = decision.state, decision.effects
        if self.state is not None:
            self.floor.moved(
                REF.dialog_id, place(self.state.account, self.state.conversation, self.state.declined)
            )
        return decision

    @property
    def facts(self) -> Facts:
        return Facts(self.now, self.registry, self.floor)

    def hear(self, text: str = "Здравствуйте", **fields: Any) -> Decision:
        fields.setdefault("external_id", f"m{self._count}")
        return self.give(heard(text, at=self.now + timedelta(seconds=1), **fields))

    def ask(self, command: type[Data], by: Actor, **fields: Any) -> Answer:
        """Gives a command about the dialog's conversation; its answer."""
        now = {"actor": by, "deadline": self.now + timedelta(seconds=30), "dialog_id": REF.dialog_id}
        given = {"conversation_id": self.conversation_id} | now | fields
        decision = self.give(command(**given))
        return next(effect for effect in decision.effects if isinstance(effect, Answer))

    @property
    def conversation_id(self) -> UUID:
        known = self.state.conversation if self.state else None
        return known.conversation_id if known else number("no conversation")

    @property
    def conversation(self) -> Any:
        """The conversation's state; a failing test where there is none."""
        assert self.state is not None
        assert self.state.conversation is not None
        return self.state.conversation

    def events(self) -> list[str]:
        """Types of what the last input led to, without the answer."""
        return [effect.TYPE for effect in self.effects if not isinstance(effect, Answer)]


def words(text: str) -> Content:
    return text_content(text)
