"""What was accepted, against what is there: history read as an operator, the mailbox as a visitor.

    lost        accepted, and not there            duplicated   there more than once
    reordered   pairs of neighbours turned round   unexpected   there, and never said
    recovered   said, never acknowledged, there    unfinished   ours, there, and not `sent`

The two sides of a dialog are compared each for itself: nobody promises an order between them.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Any

from tests.faults.crowd import Guest
from tests.faults.ledger import Ledger, Side
from tests.faults.town import Town
from tests.support.operator import Operator
from tests.support.visitor import Visitor
from tests.support.waiting import eventually

SENT = ("sent", "delivered", "read")
_SIDES: tuple[Side, ...] = ("client", "operator")
READERS = 8
"""Dialogs that are read side by side."""


@dataclass(slots=True)
class Verdict:
    """Counts, and what each place of a mistake was."""

    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    unexpected: int = 0
    recovered: int = 0
    unfinished: int = 0
    compared: int = 0
    where: list[str] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        for one in fields(self):
            if one.name == "where":
                self.where += other.where
            else:
                setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def mistakes(self) -> int:
        return self.lost + self.duplicated + self.reordered + self.unexpected + self.unfinished


def compare(place: str, accepted: Sequence[str], offered: set[str], found: Sequence[str]) -> Verdict:
    """One side of one dialog in one place."""
    counts = Counter(found)
    known = set(accepted)
    once = list(dict.fromkeys(text for text in found if text in known))
    rank = {text: number for number, text in enumerate(accepted)}
    turned = [(first, second) for first, second in pairwise(once) if rank[first] > rank[second]]
    lost = [text for text in accepted if text not in counts]
    doubled = [text for text, count in counts.items() if count > 1]
    strange = [text for text in counts if text not in offered]
    mistakes: dict[str, Sequence[object]] = {
        "lost": lost,
        "duplicated": doubled,
        "reordered": turned,
        "strange": strange,
    }
    where = [f"{place}: {what}: {list(texts)[:5]}" for what, texts in mistakes.items() if texts]
    return Verdict(
        lost=len(lost),
        duplicated=sum(counts[text] - 1 for text in doubled),
        reordered=len(turned),
        unexpected=len(strange),
        recovered=sum(text in offered and text not in known for text in counts),
        compared=len(accepted),
        where=where,
    )


def of_history(ledger: Ledger, dialog: int, lines: Sequence[Mapping[str, Any]]) -> Verdict:
    """One dialog in the store, as its lines stand there."""
    verdict = Verdict()
    said = [line for line in lines if line["kind"] == "message"]
    for side, direction in (("client", "in"), ("operator", "out")):
        found = [text_of(line) for line in said if line["direction"] == direction]
        verdict.add(_of_side(ledger, dialog, side, found, "history"))  # type: ignore[arg-type]
    unfinished = [
        f"dialog {dialog}: {text_of(line)} is {line.get('state')}"
        for line in said
        if line["direction"] == "out" and line.get("state") not in SENT
    ]
    verdict.unfinished += len(unfinished)
    verdict.where += unfinished
    return verdict


def of_mailbox(ledger: Ledger, dialog: int, entries: Sequence[Mapping[str, Any]], place: str) -> Verdict:
    """One dialog as its visitor has it."""
    verdict = Verdict()
    for side in _SIDES:
        found = [str(entry["text"]) for entry in entries if entry.get("from") == side]  # messages have it
        verdict.add(_of_side(ledger, dialog, side, found, place))
    return verdict


class Oracle:
    """Reads everything through the doors that operators and visitors use."""

    def __init__(self, town: Town, ledger: Ledger, guests: Sequence[Guest], operator: Operator) -> None:
        self._town = town
        self._ledger = ledger
        self._guests = guests
        self._operator = operator

    async def store(self) -> Verdict:
        """Every dialog's history through the desk."""
        conversations: dict[str, str] = {
            state["dialog_id"]: state["conversation_id"]
            for folder in ("closed", "all")
            for state in await self._operator.conversations(folder)
        }
        limit = asyncio.Semaphore(READERS)

        async def read(guest: Guest) -> Verdict:
            conversation = conversations.get(guest.dialog_id)
            async with limit:
                lines = await self._operator.history(conversation) if conversation else []
            return of_history(self._ledger, guest.number, lines)

        return _sum(await asyncio.gather(*(read(guest) for guest in self._guests)))

    async def mailboxes(self) -> Verdict:
        """Every visitor's mailbox, read by a browser of theirs that has nothing yet."""
        limit = asyncio.Semaphore(READERS)

        async def read(guest: Guest) -> Verdict:
            async with limit:
                entries = await self._resumed(guest)
            return of_mailbox(self._ledger, guest.number, entries, "mailbox")

        return _sum(await asyncio.gather(*(read(guest) for guest in self._guests)))

    def rendered(self) -> Verdict:
        """What the visitors' own connections showed them, through all the cuts."""
        return _sum(
            of_mailbox(self._ledger, guest.number, guest.visitor.received, "shown to the visitor")
            for guest in self._guests
        )

    async def _resumed(self, guest: Guest) -> list[dict[str, Any]]:
        fresh: Visitor = self._town.visitor()
        fresh.token, fresh.last_seq = guest.visitor.token, 0
        async with asyncio.TaskGroup() as group:
            running = group.create_task(fresh.run())
            await eventually(
                lambda: fresh.welcomed.is_set() and (fresh.last_seq or 0) >= (guest.visitor.last_seq or 0),
                seconds=30,
            )
            running.cancel()
        assert fresh.visitor == guest.visitor.visitor, "the token names another visitor"
        return fresh.received


def _of_side(ledger: Ledger, dialog: int, side: Side, found: Sequence[str], place: str) -> Verdict:
    return compare(
        f"dialog {dialog}, {side}, {place}",
        ledger.accepted_texts(dialog, side),
        ledger.offered_texts(dialog, side),
        found,
    )


def _sum(verdicts: Any) -> Verdict:
    whole = Verdict()
    for verdict in verdicts:
        whole.add(verdict)
    return whole


def text_of(line: Mapping[str, Any]) -> str:
    """The words of a line's message."""
    parts = (line.get("content") or {}).get("parts") or []
    return "".join(str(part.get("text", "")) for part in parts)
