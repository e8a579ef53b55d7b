"""Drawings as SVG: a card that carries its own background, light or dark as its reader likes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10
from xml.sax.saxutils import escape, quoteattr

_STYLE = """
:root { color-scheme: light dark }
.card { fill: #ffffff; stroke: #d8dee6 } .grid { stroke: #e6eaef } .axis { stroke: #98a2b0 }
text { font: 13px system-ui, sans-serif; fill: #3d4653 } .title { font-size: 16px;
font-weight: 600; fill: #16202c } .small { font-size: 12px; fill: #5a6573 }
.c0 { --c: #2563eb } .c1 { --c: #c2570c } .c2 { --c: #0f8a6d } .c3 { --c: #8b5cf6 }
.line { fill: none; stroke: var(--c); stroke-width: 2.25; stroke-linejoin: round }
.thin { stroke-width: 1.5; stroke-dasharray: 5 4 } .fill { fill: var(--c) }
.pale { fill: var(--c); opacity: .45 } .mark { stroke: #16202c; stroke-width: 2.5 }
@media (prefers-color-scheme: dark) {
.card { fill: #11161d; stroke: #2b3440 } .grid { stroke: #232b35 } .axis { stroke: #5f6b7a }
text { fill: #c4ccd6 } .title { fill: #eef2f6 } .small { fill: #94a0ae }
.c0 { --c: #6ea8fe } .c1 { --c: #f59e58 } .c2 { --c: #4fd1ae } .c3 { --c: #b79cff }
.mark { stroke: #eef2f6 } }
"""


class Drawing:
    """Shapes on a card of so many pixels."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._size = width, height
        self._title = title
        self._shapes: list[str] = []
        self.rect(0.5, 0.5, width - 1, height - 1, "card", radius=10)
        self.text(24, 34, title, "title")

    def rect(
        self, x: float, y: float, width: float, height: float, kind: str, radius: float = 0
    ) -> None:
        self._shapes.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}"'
            f' rx="{radius:g}" class={quoteattr(kind)}/>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        self._shapes.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
            f" class={quoteattr(kind)}/>"
        )

    def path(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        steps = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self._shapes.append(f'<path d="M{steps}" class={quoteattr(kind)}/>')

    def dot(self, x: float, y: float, kind: str) -> None:
        self._shapes.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class={quoteattr(kind)}/>')

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        self._shapes.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class={quoteattr(kind)}'
            f' text-anchor="{anchor}">{escape(words)}</text>'
        )

    def finished(self) -> str:
        """The whole file."""
        width, height = self._size
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{width}" height="{height}" role="img" aria-label={quoteattr(self._title)}>'
            f"\n<style>{_STYLE}</style>\n" + "\n".join(self._shapes) + "\n</svg>\n"
        )


class Scale:
    """Values to pixels, evenly or by powers of ten."""

    def __init__(
        self, values: Sequence[float], start: float, end: float, *, powers: bool = False
    ) -> None:
        self._start, self._end, self._powers = start, end, powers
        if powers:
            least, most = floor(log10(min(values))), ceil(log10(max(values)))
            self.ticks = [10.0**power for power in range(least, max(most, least + 1) + 1)]
        else:
            self.ticks = _even(max(values))
        self._low, self._high = self.ticks[0], self.ticks[-1]

    def __call__(self, value: float) -> float:
        low, high = self._low, self._high
        if self._powers:
            value, low, high = log10(value), log10(low), log10(high)
        share = (value - low) / (high - low)
        return self._start + share * (self._end - self._start)


def _even(most: float) -> list[float]:
    """Four to eight round steps from nought to at least so much."""
    rough = max(most, 1e-9) / 5
    power = 10.0 ** floor(log10(rough))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough * 0.999)
    return [step * n for n in range(ceil(most / step - 1e-9) + 1)]


def short(value: float) -> str:
    """A figure at an axis: 0.1, 250, 4k, 1M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
