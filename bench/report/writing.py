"""Where a report goes: a file of results, the table in the README, the drawings beside it."""

from __future__ import annotations

from pathlib import Path

from bench.progress import say
from bench.report.plots import drawings
from bench.report.results import RESULTS, Run, write
from bench.report.table import tables

HOME = Path(__file__).parents[1]
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
REPORTED = ("usual", "full")
"""The plans whose figures the README shows; a glance is kept as a file only."""


def show(run: Run) -> None:
    """Print the tables."""
    print(tables(run))


def publish(run: Run, home: Path = HOME, results: Path = RESULTS) -> None:
    """Keep a run; a whole one also goes into the README, with its drawings."""
    say(f"written to {write(run, results).relative_to(home.parent)}")
    if run.plan.name not in REPORTED:
        return
    readme = home / "README.md"
    readme.write_text(with_figures(readme.read_text("utf-8"), tables(run)), "utf-8")
    for name, text in drawings(run).items():
        (results / name).write_text(text, "utf-8")
    say("bench/README.md and its drawings are new")


def with_figures(text: str, figures: str) -> str:
    """A text with other figures between its marks. ValueError where they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the README has no place for figures")
    return f"{before}{BEGIN}\n\n{figures}\n{END}{after}"
