"""Figures of a bench: percentiles, what processes used, and medians with their ranges over repeats."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import psutil


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie; NaN of none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True, slots=True)
class Usage:
    cpu_seconds: float
    rss_bytes: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One path once: `per_second` of the burst, latencies in milliseconds at the paced rate."""

    name: str
    count: int
    per_second: float
    paced_count: int
    latencies: tuple[float, ...]
    usage: Mapping[str, Usage] = field(default_factory=dict)

    @property
    def p50(self) -> float:
        return percentile(self.latencies, 0.50)

    @property
    def p95(self) -> float:
        return percentile(self.latencies, 0.95)

    @property
    def p99(self) -> float:
        return percentile(self.latencies, 0.99)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children so far."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return sum(times.user + times.system for times in (one.cpu_times() for one in family))


def used_since(before: Mapping[str, float], pids: Mapping[str, int]) -> dict[str, Usage]:
    """What each named process used since `before`, and its memory now."""
    return {
        name: Usage(cpu_seconds(pid) - before[name], psutil.Process(pid).memory_info().rss)
        for name, pid in pids.items()
    }


def median(values: Iterable[float]) -> float:
    """The middle one; NaN of none."""
    known = list(values)
    return statistics.median(known) if known else float("nan")


def spread(values: Iterable[float], digits: int = 0) -> str:
    """`median (least–greatest)`."""
    known = list(values)
    shown = f"{statistics.median(known):,.{digits}f}"
    return shown if len(known) == 1 else f"{shown} ({min(known):,.{digits}f}–{max(known):,.{digits}f})"


def table(measures: Sequence[Measure]) -> str:
    """The measures of all repeats, a line a path."""
    names = list(dict.fromkeys(measure.name for measure in measures))
    lines = [
        "| path | n | messages a second | p50 ms | p95 ms | p99 ms |",
        "|---|---|---|---|---|---|",
    ]
    for name in names:
        mine = [measure for measure in measures if measure.name == name]
        lines.append(
            f"| {name} | {mine[0].count:,} + {mine[0].paced_count:,} | {spread(m.per_second for m in mine)}"
            f" | {spread((m.p50 for m in mine), 1)} | {spread((m.p95 for m in mine), 1)}"
            f" | {spread((m.p99 for m in mine), 1)} |"
        )
    return "\n".join(lines)


def usage_table(measures: Sequence[Measure]) -> str:
    """CPU seconds per thousand messages of the burst, and memory, a line a process."""
    lines = ["| path | process | CPU seconds per 1,000 messages | memory MB |", "|---|---|---|---|"]
    seen = dict.fromkeys((measure.name, process) for measure in measures for process in measure.usage)
    for name, process in seen:
        mine = [measure for measure in measures if measure.name == name and process in measure.usage]
        cpu = spread((m.usage[process].cpu_seconds / m.count * 1000 for m in mine), 2)
        memory = spread((m.usage[process].rss_bytes / 1e6 for m in mine), 0)
        lines.append(f"| {name} | {process} | {cpu} | {memory} |")
    return "\n".join(lines)
