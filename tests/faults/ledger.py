"""Who said what, and what became of it as its author was told: `accepted`, `refused` or still `ambiguous`.

Each text names its run, dialog, side and number, so that a line found anywhere says which entry it is. Every
change is also a line of a file, which outlives a test that is interrupted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

Side = Literal["client", "operator"]
Verdict = Literal["ambiguous", "accepted", "refused"]


@dataclass(slots=True)
class Said:
    """One message; `place` orders what its author was told is accepted, within dialog and side."""

    dialog: int
    side: Side
    n: int
    text: str
    offered_at: float
    verdict: Verdict = "ambiguous"
    place: int = 0
    accepted_at: float = 0.0
    note: str = ""


class Ledger:
    """Everything that was said in one run."""

    def __init__(self, run: str, file: Path) -> None:
        self.run = run
        self._entries: dict[tuple[int, Side], list[Said]] = {}
        self._file = file.open("a", buffering=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def offer(self, dialog: int, side: Side) -> Said:
        """The next message of this side, before it is sent."""
        entries = self._entries.setdefault((dialog, side), [])
        n = len(entries)
        said = Said(dialog, side, n, f"{self.run}:{dialog}:{side}:{n}", time.monotonic())
        entries.append(said)
        self._note(said)
        return said

    def accepted(self, said: Said, place: int) -> None:
        said.verdict, said.place, said.accepted_at = "accepted", place, time.monotonic()
        self._note(said)

    def refused(self, said: Said, why: str) -> None:
        said.verdict, said.note = "refused", why
        self._note(said)

    def of(self, dialog: int, side: Side) -> list[Said]:
        return self._entries.get((dialog, side), [])

    def accepted_texts(self, dialog: int, side: Side) -> list[str]:
        """What was accepted, in the order in which it was."""
        kept = [said for said in self.of(dialog, side) if said.verdict == "accepted"]
        return [said.text for said in sorted(kept, key=lambda said: said.place)]

    def offered_texts(self, dialog: int, side: Side) -> set[str]:
        return {said.text for said in self.of(dialog, side)}

    def everything(self) -> Iterator[Said]:
        for entries in self._entries.values():
            yield from entries

    def count(self, verdict: Verdict, side: Side | None = None) -> int:
        return sum(said.verdict == verdict and side in (None, said.side) for said in self.everything())

    def _note(self, said: Said) -> None:
        line = {
            "run": self.run,
            "dialog": said.dialog,
            "side": said.side,
            "n": said.n,
            "verdict": said.verdict,
            "place": said.place,
            "note": said.note,
            "at": round(time.time(), 4),
        }
        self._file.write(json.dumps(line) + "\n")
