"""The floor: who has how many conversations, which of them wait for somebody, and who could take one more.

It is derived from the dialogs (`moved`) and the registry, kept in memory, and built anew after a takeover or
any doubt. A place is taken by a conversation that one has, and by an offer to one person (RT4).

Least loaded first; of the equally loaded, who was given one longest ago (RT3). Oldest waiting first (RT5).
What all who could take it have declined waits aside until somebody else can.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from router.registry import Operator, Registry
from shared.contract.events import Considered, ConversationState, Why

TRACED: Final = 5
"""Operators that the trace of one decision names."""

Waiting: TypeAlias = tuple[datetime, UUID]
"""Since when, and the dialog."""
Rank: TypeAlias = tuple[int, int, UUID]
"""Load, number of the last time that the operator was given one, operator."""


class Pair(NamedTuple):
    """Who gets what, and who else was looked at."""

    dialog_id: UUID
    operator_id: UUID
    considered: tuple[Considered, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """What of a dialog the floor keeps."""

    account: str
    holders: frozenset[UUID]
    """Whose place it takes."""
    since: datetime | None
    """Since when it waits for somebody; none: it does not."""
    declined: frozenset[UUID] = frozenset()


def place(account: str, conversation: ConversationState | None, declined: Iterable[UUID]) -> Place | None:
    """The place of a dialog; none where it takes none and does not wait."""
    if conversation is None or conversation.status == "closed":
        return None
    offered = conversation.offer.operator_id if conversation.offer else None
    holders = frozenset(one for one in (conversation.assignee, offered) if one is not None)
    since = (conversation.waiting_since or conversation.opened_at) if conversation.status == "new" else None
    return Place(account, holders, since, frozenset(declined))


class Floor:
    """See the file's docstring. Changed only by `moved`."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._generation = registry.generation
        self._loads: Counter[UUID] = Counter()
        self._given: dict[UUID, int] = {}
        self._number = 0
        self._places: dict[UUID, Place] = {}
        self._waiting: dict[str, list[Waiting]] = {}
        self._aside: dict[str, set[UUID]] = {}
        self._ranks: dict[str, list[Rank]] = {}

    def load(self, operator_id: UUID) -> int:
        """Places taken."""
        return self._loads[operator_id]

    def full(self, operator: Operator) -> bool:
        """RT4: whether nothing more may be given to the operator."""
        return operator.limit is not None and self._loads[operator.operator_id] >= operator.limit

    def waiting(self, account: str) -> int:
        """How many wait there for somebody."""
        return len(self._waiting.get(account, ())) + len(self._aside.get(account, ()))

    def moved(self, dialog_id: UUID, after: Place | None) -> None:
        """A dialog's place from now on."""
        before = self._places.get(dialog_id)
        if before == after:
            return
        if after is None:
            del self._places[dialog_id]
        else:
            self._places[dialog_id] = after
        self._queue(dialog_id, before, after)
        gone = before.holders if before else frozenset()
        come = after.holders if after else frozenset()
        for operator in gone - come:
            self._count(operator, -1)
        for operator in come - gone:
            self._count(operator, 1)

    def next_pair(self) -> Pair | None:
        """The oldest waiting one that somebody may have, with the least loaded who may (BY5)."""
        self._refresh()
        while (oldest := min(self._heads(), default=None)) is not None:
            (_, dialog_id), key = oldest
            ranks, declined = self._ranked(key), self._places[dialog_id].declined
            chosen = next((rank for rank in ranks if rank[2] not in declined), None)
            if chosen is not None:
                return Pair(dialog_id, chosen[2], tuple(self._considered(ranks, chosen)))
            self._set_aside(key, dialog_id)
        return None

    def _heads(self) -> Iterator[tuple[Waiting, str]]:
        """The oldest waiting one of each account that gives, and where somebody has a free place."""
        for key, waiting in self._waiting.items():
            account = self._registry.accounts.get(key)
            gives = account is not None and account.routing.distribution == "least_loaded"
            if waiting and gives and self._ranked(key):
                yield waiting[0], key

    def could_take(self, operator: Operator, account: str) -> bool:
        """Whether the distribution may give the operator one of this account now."""
        return (
            operator.present
            and not operator.disabled
            and self._registry.status_of(operator).assigned
            and not self.full(operator)
            and account in self._registry.seen_accounts(operator)
        )

    def _considered(self, ranks: list[Rank], chosen: Rank) -> Iterator[Considered]:
        for rank in (chosen, *[rank for rank in ranks[:TRACED] if rank is not chosen][: TRACED - 1]):
            why: Why = "chosen" if rank is chosen else "declined" if rank < chosen else "more_loaded"
            limit = self._registry.operators[rank[2]].limit
            yield Considered.model_construct(operator_id=rank[2], why=why, load=rank[0], limit=limit)

    def _queue(self, dialog_id: UUID, before: Place | None, after: Place | None) -> None:
        if before is not None and before.since is not None:
            line = self._waiting.get(before.account, [])
            at = bisect_left(line, (before.since, dialog_id))
            if at < len(line) and line[at] == (before.since, dialog_id):
                del line[at]
            self._aside.get(before.account, set()).discard(dialog_id)
        if after is not None and after.since is not None:
            insort(self._waiting.setdefault(after.account, []), (after.since, dialog_id))

    def _set_aside(self, account: str, dialog_id: UUID) -> None:
        since = self._places[dialog_id].since
        line = self._waiting[account]
        if since is not None:
            del line[bisect_left(line, (since, dialog_id))]
        self._aside.setdefault(account, set()).add(dialog_id)

    def _back(self, account: str) -> None:
        """Somebody else could take what was declined: it waits with the others again."""
        for dialog_id in self._aside.pop(account, ()):
            since = self._places[dialog_id].since
            if since is not None:
                insort(self._waiting.setdefault(account, []), (since, dialog_id))

    def _count(self, operator_id: UUID, more: int) -> None:
        """The operator has more or less: every ranking is told."""
        self._refresh()
        rank = self._rank(operator_id)
        self._loads[operator_id] += more
        if more > 0:
            self._number += 1
            self._given[operator_id] = self._number
        operator = self._registry.operators.get(operator_id)
        for account, ranks in self._ranks.items():
            was = _remove(ranks, rank, operator_id)
            if operator is not None and self.could_take(operator, account):
                insort(ranks, self._rank(operator_id))
                if not was:
                    self._back(account)

    def _rank(self, operator_id: UUID) -> Rank:
        return self._loads[operator_id], self._given.get(operator_id, 0), operator_id

    def _ranked(self, account: str) -> list[Rank]:
        ranks = self._ranks.get(account)
        if ranks is None:
            everybody = self._registry.operators.values()
            able = (one for one in everybody if self.could_take(one, account))
            ranks = self._ranks[account] = sorted(self._rank(one.operator_id) for one in able)
        return ranks

    def _refresh(self) -> None:
        """After a change of the registry everything that was derived of it is looked at anew."""
        if self._generation != self._registry.generation:
            self._generation = self._registry.generation
            self._ranks.clear()
            for account in tuple(self._aside):
                self._back(account)


def _remove(ranks: list[Rank], rank: Rank, operator_id: UUID) -> bool:
    """Takes the operator's entry out; whether there was one."""
    at = bisect_left(ranks, rank)
    if at < len(ranks) and ranks[at] == rank:
        del ranks[at]
        return True
    for position, (_, _, one) in enumerate(ranks):
        if one == operator_id:
            del ranks[position]
            return True
    return False
