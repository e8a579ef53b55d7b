"""Figures of one round, and what three rounds say together."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from math import ceil

from msgspec import Struct


class Figures(Struct, frozen=True, kw_only=True):
    """One operation in one round. Latencies and costs are in microseconds.

    A quantile that so few calls cannot tell is None.
    """

    operation: str
    concurrency: int
    done: int
    seconds: float
    p50: float
    p99: float | None
    p999: float | None
    server_cpu: float
    database_cpu: float
    client_cpu: float

    @property
    def rate(self) -> float:
        """Operations a second."""
        return self.done / self.seconds


class Spread(Struct, frozen=True):
    """The median of several rounds, and the least and the most that any of them had."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """ValueError for no values."""
        if not values:
            raise ValueError("no rounds")
        return cls(statistics.median(values), min(values), max(values))


def quantile(ordered: Sequence[int], share: float) -> int:
    """The smallest value that `share` of all values do not exceed (the nearest rank)."""
    if not ordered:
        raise ValueError("no latencies")
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def told_by(ordered: Sequence[int], share: float) -> float | None:
    """A quantile in microseconds, of nanoseconds; None where it would be the slowest call.

    The 99th percentile takes 100 calls, the 99.9th 1,000: of fewer the nearest rank is the last.
    """
    if len(ordered) * (1 - share) < 1 - 1e-9:
        return None
    return quantile(ordered, share) / 1000


def figures(
    operation: str,
    concurrency: int,
    latencies: Sequence[int],
    seconds: float,
    *,
    server_seconds: float,
    database_seconds: float,
    client_seconds: float,
) -> Figures:
    """The figures of a round; `latencies` in nanoseconds, the rest in seconds."""
    ordered = sorted(latencies)
    done = len(ordered)
    return Figures(
        operation=operation,
        concurrency=concurrency,
        done=done,
        seconds=seconds,
        p50=quantile(ordered, 0.5) / 1000,
        p99=told_by(ordered, 0.99),
        p999=told_by(ordered, 0.999),
        server_cpu=server_seconds / done * 1e6,
        database_cpu=database_seconds / done * 1e6,
        client_cpu=client_seconds / done * 1e6,
    )
