"""What must be true of the router's events, whatever the router thinks: a plain model, told what happened.

    one is responsible, whoever wrote first too · never above the limit · no free place while somebody
    may have it · the oldest first · waiting since the first unanswered word · exact counts of unread ·
    every closed conversation explainable

It knows nothing of tables, floors or transitions: only the events, in order, and the people as events told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shared.contract import events
from shared.contract.envelope import Data, Envelope
from shared.contract.events import AccountChanged, ConversationState, DialogEvent, OperatorChanged
from shared.contract.statuses import STANDARD

ASSIGNED: Final = {row.slug: row.assigned for row in STANDARD}


@dataclass(slots=True)
class Talk:
    """A dialog as its events tell it."""

    account: str
    version: int = 0
    state: ConversationState | None = None
    waits_since: datetime | None = None
    unread: int = 0
    declined: set[UUID] = field(default_factory=set)
    story: list[str] = field(default_factory=list)

    @property
    def open(self) -> bool:
        return self.state is not None and self.state.status != "closed"

    @property
    def holders(self) -> set[UUID]:
        """Whose places it takes."""
        if self.state is None or not self.open:
            return set()
        offered = self.state.offer.operator_id if self.state.offer else None
        return {one for one in (self.state.assignee, offered) if one is not None}

    @property
    def queued(self) -> bool:
        return self.state is not None and self.state.status == "new"

    @property
    def since(self) -> datetime:
        assert self.state is not None
        return self.state.waiting_since or self.state.opened_at


class Model:
    """Told every event in order by `see`; `check` after each input."""

    def __init__(self) -> None:
        self.talks: dict[UUID, Talk] = {}
        self.people: dict[UUID, OperatorChanged] = {}
        self.accounts: dict[str, AccountChanged] = {}

    def load(self, operator_id: UUID) -> int:
        return sum(operator_id in talk.holders for talk in self.talks.values())

    def could_take(self, operator_id: UUID, account: str) -> bool:
        """RT3: there, in a status that gets new ones, with access and a free place."""
        one = self.people[operator_id]
        return (
            one.present
            and not one.disabled
            and ASSIGNED[one.status]
            and (one.accounts is None or account in one.accounts)
            and (one.limit is None or self.load(operator_id) < one.limit)
        )

    def takers(self, talk: Talk) -> list[UUID]:
        """Who could be given what waits there."""
        if self.accounts[talk.account].distribution == "free":
            return []
        return [one for one in self.people if one not in talk.declined and self.could_take(one, talk.account)]

    def see(self, happened: Iterable[Envelope[Data]]) -> None:
        for envelope in happened:
            event = envelope.data
            if isinstance(event, OperatorChanged):
                self.people[event.operator_id] = event
            elif isinstance(event, AccountChanged):
                self.accounts[f"{event.channel}.{event.account}"] = event
            elif isinstance(event, DialogEvent):
                self._of_dialog(event, envelope.time)

    def _of_dialog(self, event: DialogEvent, at: datetime) -> None:
        ref = event.dialog
        talk = self.talks.setdefault(ref.dialog_id, Talk(f"{ref.channel}.{ref.account}"))
        assert event.version == talk.version + 1, "versions rise one by one"
        self._right_choice(event, talk)
        talk.version = event.version
        talk.story.append(event.TYPE)
        before, talk.state = talk.state, event.conversation
        match event:
            case events.MessageReceived():
                talk.waits_since = talk.waits_since or event.received_at
                talk.unread += 1
            case events.MessageQueued():
                talk.waits_since = None
            case events.ConversationRead():
                talk.unread = 0
            case events.ConversationReturned():
                talk.declined |= {event.former} if event.former else set()
                if talk.waits_since is None and before is not None and before.last_author == "client":
                    talk.waits_since = at
            case events.OfferEnded():
                if event.offer.by is None and event.offer.operator_id is not None:
                    talk.declined.add(event.offer.operator_id)
            case events.ConversationAssigned() | events.ConversationReopened():
                talk.declined.clear()
                self._begun(event, talk, before)
            case events.ConversationClosed():
                talk.declined.clear()
                talk.waits_since, talk.unread = None, 0
                self._explained(event, talk)
            case _:
                pass

    def _right_choice(self, event: DialogEvent, talk: Talk) -> None:
        """RT3, RT5: of the distribution's own choices: the oldest, and the least loaded who could."""
        chosen: UUID | None = None
        if isinstance(event, events.ConversationOffered) and event.offer.by is None:
            chosen = event.offer.operator_id
        elif isinstance(event, events.ConversationAssigned) and event.how == "distributed":
            chosen = event.assignee
        if chosen is None or event.actor.kind != "system":
            return
        takers = self.takers(talk)
        assert chosen in takers, "given to somebody who could not take it"
        assert self.load(chosen) == min(map(self.load, takers)), "somebody else had less"
        older = [one for one in self.talks.values() if one.queued and one.since < talk.since]
        assert not any(self.takers(one) for one in older), "an older one waited"

    def _begun(self, event: DialogEvent, talk: Talk, before: ConversationState | None) -> None:
        """MS12: what somebody wrote first is theirs, by their own act, out of what nobody had."""
        if isinstance(event, events.ConversationAssigned) and event.how == "started":
            assert event.actor.id == str(event.assignee)
            assert before is not None
            assert (before.status, before.assignee, event.former) == ("new", None, None)
            one = self.people[event.assignee]
            assert one.accounts is None or talk.account in one.accounts, "written through a hidden account"

    @staticmethod
    def _explained(event: events.ConversationClosed, talk: Talk) -> None:
        state = talk.state
        assert state is not None
        assert state.closed_by is not None
        assert event.actor == state.closed_by
        wanted = {"by_client": "client", "silence": "system"}.get(event.how)
        assert wanted is None or event.actor.kind == wanted
        assert "conversation.opened.v1" in talk.story

    def check(self) -> None:
        for talk in self.talks.values():
            self._check_talk(talk)
        for one in self.people.values():
            assert one.limit is None or self.load(one.operator_id) <= one.limit, f"{one.login} has too many"
        waiting = [talk for talk in self.talks.values() if talk.queued]
        assert not any(self.takers(talk) for talk in waiting), "a free place while somebody may have it"

    @staticmethod
    def _check_talk(talk: Talk) -> None:
        state = talk.state
        if state is None:
            return
        assert (state.status == "active") <= (state.assignee is not None)
        assert (state.status in ("new", "offered")) <= (state.assignee is None)
        assert (state.status == "offered") <= (state.offer is not None)
        assert (state.offer is None) or state.status in ("offered", "active")
        assert (state.closed_at is not None) == (state.status == "closed")
        assert state.waiting_since == talk.waits_since, "since when the client waits"
        assert state.unread == talk.unread, "the count of unread"
        assert state.assignee not in state.participants

    def same(self, stored: dict[UUID, Any]) -> None:
        """What the router would read at a takeover is what it told."""
        told = {id_: talk.state for id_, talk in self.talks.items() if talk.open}
        assert {id_: dialog.conversation for id_, dialog in stored.items()} == told
