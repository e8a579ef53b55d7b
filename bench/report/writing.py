"""Where a report goes: a file of results, the tables in the README, the drawings beside it.

The README has a place for each plan, so that what took an hour is not overwritten by what took
ten minutes; and one for what the number of users does, which is of the run that went farthest.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bench.plan import PLANS
from bench.progress import say
from bench.report.plots import drawings, users
from bench.report.results import RESULTS, Run, kept, write
from bench.report.summary import reach
from bench.report.table import by_size, tables

HOME = Path(__file__).parents[1]
OPERATIONS = ("usual", "full")
"""The plans whose operations the README shows; a glance is kept as a file only."""

SIZES = "sizes"
USERS = "users.svg"
TITLES = {
    "latency": "Latency against load",
    "cpu": "CPU of one operation, beside its floor",
    "users": "Cost of one operation against the number of users",
}


def show(run: Run) -> None:
    """Print the tables."""
    print(tables(run))


def is_whole(run: Run) -> bool:
    """Whether a run is all that its plan says, of one engine at least."""
    return run.plan.is_like(PLANS[run.plan.name])


def keep(run: Run, results: Path = RESULTS) -> None:
    """Keep a whole run, with what an earlier one has of the other engine."""
    if is_whole(run):
        say(f"kept in {write(_together(run, results), results).name}")


def _together(run: Run, results: Path) -> Run:
    before = kept(run.plan.name, results)
    return run.with_engines_of(before) if before else run


def publish(run: Run, home: Path = HOME, results: Path = RESULTS) -> None:
    """Bring a run that was kept into the README, with its drawings, where that shows its plan."""
    run, files = _together(run, results), {}
    readme = home / "README.md"
    text = readme.read_text("utf-8")
    if run.plan.name in OPERATIONS:
        files = drawings(run)
        text = with_figures(text, run.plan.name, _pictures(files) + tables(run))
    if run.plan.name in (*OPERATIONS, SIZES) and _goes_farthest(run, results):
        files[USERS] = users(run)
        text = with_figures(text, SIZES, _pictures([USERS]) + by_size(run))
    if not files:
        return
    readme.write_text(text, "utf-8")
    for name, drawing in files.items():
        (results / name).write_text(drawing, "utf-8")
    say("bench/README.md and its drawings are new")


def _goes_farthest(run: Run, results: Path) -> bool:
    """Whether no run that was kept tells more of what the number of users does."""
    others = [kept(plan, results) for plan in (*OPERATIONS, SIZES) if plan != run.plan.name]
    return all(reach(run) >= reach(other) for other in others if other)


def _pictures(names: Iterable[str]) -> str:
    titles = [(TITLES[name.rpartition("-")[2].removesuffix(".svg")], name) for name in names]
    return "".join(f"![{title}](results/{name})\n\n" for title, name in titles)


def with_figures(text: str, place: str, figures: str) -> str:
    """A text with other figures in one of its places. ValueError where it has no such place."""
    begin, end = f"<!-- figures: {place} -->", f"<!-- end of figures: {place} -->"
    before, begun, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended:
        raise ValueError(f"the README has no place for figures of {place}")
    return f"{before}{begin}\n\n{figures}\n{end}{after}"
