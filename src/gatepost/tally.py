"""Counting what happens: plain numbers, cheap enough to keep of every request."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds that durations are sorted by."""

Kind = Literal["counter", "gauge", "histogram"]


class Histogram:
    """How often values fell between bounds, and their sum."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...] = SECONDS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def note(self, value: float) -> None:
        """Count one value; a bound belongs to what is below it."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Sample(Struct, frozen=True):
    """One figure: a number, or, of a histogram, the sum beside how many fell where."""

    labels: tuple[str, ...]
    value: float
    counts: tuple[int, ...] = ()


class Family(Struct, frozen=True):
    """Figures of one name, told apart by labels."""

    name: str
    kind: Kind
    help: str
    samples: tuple[Sample, ...]
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


def counted(name: str, text: str, counts: Mapping[str, int], label: str) -> Family:
    """What only grows, by one label."""
    samples = tuple(Sample((value,), count) for value, count in counts.items())
    return Family(name, "counter", text, samples, (label,))


def single(name: str, kind: Kind, text: str, value: float) -> Family:
    """One number without labels."""
    return Family(name, kind, text, (Sample((), value),))


def spread(
    name: str,
    text: str,
    histograms: Sequence[tuple[tuple[str, ...], Histogram]],
    labels: tuple[str, ...] = (),
) -> Family:
    """Histograms of the same bounds, told apart by labels."""
    samples = tuple(Sample(of, each.total, tuple(each.counts)) for of, each in histograms)
    bounds = histograms[0][1].bounds if histograms else SECONDS
    return Family(name, "histogram", text, samples, labels, bounds)
