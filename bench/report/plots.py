"""The three drawings: latency against load, CPU beside the floor, cost against users."""

from __future__ import annotations

from bench.measure.addresses import BindEmail, SendEmail
from bench.measure.figures import Figures
from bench.measure.operations import GetProfile, Nothing
from bench.report.panels import Panel, Point, Series
from bench.report.results import Engine, Run
from bench.report.summary import NAMES, ORDER, SIZED, Missing, floor_of, median, sizes
from bench.report.svg import Drawing, Scale, short

CURVED = (GetProfile, SendEmail, BindEmail)
WITHOUT_BARS = {"sign-in", "no-op"}
"""Too long for the others to be seen beside it; and the floor itself."""

WIDTH, HALF = 960, 480


def drawings(run: Run) -> dict[str, str]:
    """The SVG files of a run of all operations, by their names."""
    plan = run.plan.name
    return {f"{plan}-latency.svg": latency(run), f"{plan}-cpu.svg": cpu(run)}


def latency(run: Run) -> str:
    """Latency against load: each dot a number of callers at once."""
    drawing = Drawing(WIDTH, 430, "Latency against load: p50, and p99 dashed")
    for column, engine in enumerate(run.engines):
        rounds = engine.rounds + engine.between
        steps = sorted({*run.plan.concurrencies, *run.plan.between})
        curves = []
        for color, kind in enumerate(CURVED):
            for measure, style in (("p50", ""), ("p99", " thin")):
                points = [
                    point
                    for at_once in steps
                    for point in _load_point(rounds, kind.name, at_once, measure)
                ]
                name = kind.title if measure == "p50" else ""
                if points:
                    curves.append(Series(name, f"c{color}", points, style))
        panel = Panel(drawing, HALF * column, NAMES[engine.engine], 430)
        panel.curves(curves, "operations a second; beside each dot the callers at once", "ms")
    return drawing.finished()


def _load_point(rounds: list[Figures], name: str, at_once: int, measure: str) -> list[Point]:
    """A point of the curve, or none where too few calls were made to tell."""
    try:
        rate = median(rounds, name, at_once, "rate")
        latency = median(rounds, name, at_once, measure) / 1000
    except Missing:
        return []
    return [(rate, latency, str(at_once) if measure == "p50" else "")]


def users(run: Run) -> str:
    """CPU per operation, server and database together, against the number of accounts."""
    drawing = Drawing(WIDTH, 380, "Cost of one operation against the number of users")
    at_once = max(run.plan.concurrencies)
    for column, engine in enumerate(run.engines):
        by_size = sizes(run, engine)
        curves = []
        for color, kind in enumerate(SIZED):
            points = [
                (float(count), _whole_cpu(rounds, kind.name, at_once), "")
                for count, rounds in by_size.items()
            ]
            curves.append(Series(kind.title, f"c{color}", points))
        panel = Panel(drawing, HALF * column, NAMES[engine.engine], 380)
        panel.curves(
            curves, "users", "µs of CPU, server and database", x_powers=True, y_powers=False
        )
    return drawing.finished()


def _whole_cpu(rounds: list[Figures], name: str, at_once: int) -> float:
    both = ("server_cpu", "database_cpu")
    return sum(median(rounds, name, at_once, measure) for measure in both)


def cpu(run: Run) -> str:
    """Bars: CPU of server and database for each operation, and a mark where its floor is."""
    kinds = [kind for kind in ORDER if kind.name not in WITHOUT_BARS]
    height = 152 + 34 * len(kinds)
    drawing = Drawing(WIDTH, height, "CPU of one operation, beside its floor")
    at_once = max(run.plan.concurrencies)
    left, right = 250, 40
    span = (WIDTH - left - right) / max(1, len(run.engines))
    for column, engine in enumerate(run.engines):
        x = left + span * column
        _bars(drawing, engine, [k.name for k in kinds], at_once, x, span - 36)
    for row, kind in enumerate(kinds):
        drawing.text(24, 103 + 34 * row, kind.title)
    y = height - 22
    drawing.rect(24, y - 11, 14, 14, "c0 fill", 2)
    drawing.text(44, y, "server", "small")
    drawing.rect(110, y - 11, 14, 14, "c0 pale", 2)
    drawing.text(130, y, "PostgreSQL", "small")
    drawing.line(221, y - 13, 221, y + 4, "mark")
    drawing.text(230, y, "no-op route and bare statements", "small")
    drawing.text(WIDTH - 24, y, f"µs of CPU, {at_once} callers at once", "small", "end")
    return drawing.finished()


def _bars(
    drawing: Drawing, engine: Engine, names: list[str], at_once: int, x: float, width: float
) -> None:
    costs = {}
    for name in names:
        try:
            costs[name] = (
                median(engine.rounds, name, at_once, "server_cpu"),
                median(engine.rounds, name, at_once, "database_cpu"),
            )
        except Missing:
            continue
    scale = Scale([sum(pair) for pair in costs.values()], x, x + width)
    bottom = 84 + 34 * len(names)
    drawing.text(x, 64, NAMES[engine.engine], "title")
    for tick in scale.ticks:
        drawing.line(scale(tick), 78, scale(tick), bottom, "grid")
        drawing.text(scale(tick), bottom + 14, short(tick), "small", "middle")
    nothing = median(engine.rounds, Nothing.name, at_once, "server_cpu")
    for row, name in enumerate(names):
        if name not in costs:
            continue
        y = 86 + 34 * row
        server, database = costs[name]
        drawing.rect(x, y, scale(server) - x, 22, "c0 fill", 2)
        drawing.rect(scale(server), y, scale(server + database) - scale(server), 22, "c0 pale", 2)
        floor = floor_of(engine, name, at_once)
        if floor is not None:
            calls = 2 if name in ("journey", "update-email") else 1
            mark = scale(nothing * calls + floor.cpu + floor.database_cpu)
            drawing.line(mark, y - 3, mark, y + 25, "mark")
