"""What a run printed: figures with their n, the seed, and the evidence of every fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.faults.chaos import Chaos
from tests.faults.crowd import Tally
from tests.faults.ledger import Ledger
from tests.faults.oracle import Verdict

_BRIEF = ("cut",)
"""Faults that are counted, not listed one by one."""


def print_faults(chaos: Chaos) -> None:
    """Every fault with its proof; the many small ones as a count."""
    print(f"  seed {chaos.seed}; {len(chaos.done)} faults:")
    for fault in sorted(chaos.done, key=lambda fault: fault.at):
        if fault.what not in _BRIEF:
            lasted = f"{fault.seconds:5.1f} s" if fault.seconds else "       "
            print(f"    {fault.at:6.1f} s  {fault.what:<9}  {fault.target:<22} {lasted}  {fault.evidence}")
    small = Counter(fault.what for fault in chaos.done if fault.what in _BRIEF)
    for what, count in small.items():
        print(f"    {count} times {what}: each on a socket that was open")
    for one in chaos.takeovers:
        print(f"  active router {one.target} {one.what}: the next decision after {one.seconds:.1f} s")


def print_ledger(ledger: Ledger, tally: Tally, seconds: float) -> None:
    """How much was said."""
    total = sum(1 for _ in ledger.everything())
    clients, operators = ledger.count("accepted", "client"), ledger.count("accepted", "operator")
    print(
        f"  {total} messages offered in {seconds:.0f} s ({total / seconds:.0f} a second); "
        f"accepted: {clients} of visitors, {operators} of operators; "
        f"refused {ledger.count('refused')}, ambiguous {ledger.count('ambiguous')}"
    )
    print(
        f"  frames sent twice {tally.repeated_frames}, commands sent twice {tally.repeated_commands}, "
        f"commands expired and asked again {tally.expired}, conversations accepted by two at once "
        f"{len(tally.contests)}"
    )


def print_verdict(place: str, verdict: Verdict) -> None:
    print(
        f"  {place}: n {verdict.compared}, lost {verdict.lost}, duplicated {verdict.duplicated}, "
        f"out of order {verdict.reordered}, unexpected {verdict.unexpected}, "
        f"unfinished {verdict.unfinished}, recovered {verdict.recovered}"
    )
    for line in verdict.where[:20]:
        print(f"    {line}")


def won_twice(tally: Tally) -> list[str]:
    """Conversations that were accepted by both, or by nobody."""
    return [
        f"dialog {one.dialog}: won by {one.winners}, lost by {one.losers}"
        for one in tally.contests
        if len(one.winners) != 1
    ]


def print_mistakes(title: str, mistakes: Sequence[str]) -> None:
    print(f"  {title} {len(mistakes)}")
    for line in mistakes[:10]:
        print(f"    {line}")
