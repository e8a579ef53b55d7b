"""Curves in a panel with axes."""

from __future__ import annotations

from dataclasses import dataclass

from bench.report.svg import Drawing, Scale, short

WIDTH = 480
LEFT, RIGHT, TOP, BOTTOM = 64, 28, 112, 56

Point = tuple[float, float, str]


@dataclass(frozen=True)
class Series:
    """Points with their labels, joined by a line; one without a name is not in the legend."""

    name: str
    color: str
    points: list[Point]
    style: str = ""


@dataclass(frozen=True)
class Panel:
    """A place on a drawing for one pair of axes."""

    drawing: Drawing
    x: float
    title: str
    height: float

    def curves(
        self,
        series: list[Series],
        x_words: str,
        y_words: str,
        *,
        x_powers: bool = False,
        y_powers: bool = True,
    ) -> None:
        """Draw axes, grid, legend and curves."""
        points = [point for one in series for point in one.points]
        left, right = self.x + LEFT, self.x + WIDTH - RIGHT
        top, bottom = float(TOP), self.height - BOTTOM
        across = Scale([point[0] for point in points], left, right, powers=x_powers)
        up = Scale([point[1] for point in points], bottom, top, powers=y_powers)
        self.drawing.text(left, 64, self.title, "title")
        self._legend(series, left)
        for tick in up.ticks:
            self.drawing.line(left, up(tick), right, up(tick), "grid")
            self.drawing.text(left - 8, up(tick) + 4, short(tick), "small", "end")
        for tick in across.ticks:
            self.drawing.line(across(tick), bottom, across(tick), bottom + 5, "axis")
            self.drawing.text(across(tick), bottom + 19, short(tick), "small", "middle")
        self.drawing.line(left, bottom, right, bottom, "axis")
        self.drawing.text(left - 8, top - 10, y_words, "small", "start")
        self.drawing.text((left + right) / 2, bottom + 40, x_words, "small", "middle")
        for one in series:
            self._curve(one, across, up)

    def _legend(self, series: list[Series], left: float) -> None:
        x = left
        for one in (one for one in series if one.name):
            self.drawing.rect(x, 76, 14, 4, f"{one.color} fill", 2)
            self.drawing.text(x + 20, 82, one.name, "small")
            x += 34 + 6.3 * len(one.name)

    def _curve(self, one: Series, across: Scale, up: Scale) -> None:
        places = [(across(x), up(y), label) for x, y, label in one.points]
        self.drawing.path([(x, y) for x, y, _ in places], f"{one.color} line{one.style}")
        for x, y, label in places:
            if not one.style:
                self.drawing.dot(x, y, f"{one.color} fill")
            if label:
                self.drawing.text(x + 7, y + 14, label, "small")
