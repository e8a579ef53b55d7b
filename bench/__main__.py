"""`python -m bench`: run the benchmark, or write its report anew from results that were kept."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import msgspec

from bench.load.outside import Failed
from bench.measure.checks import Differs
from bench.plan import ENGINES, PLANS, Plan
from bench.report.results import read
from bench.report.writing import is_whole, keep, publish, show
from bench.run import run
from bench.world.disk import NotDurable, see_that_it_lasts


def main(words: list[str] | None = None) -> int:
    """Run what the command line says; the exit status."""
    options = _options().parse_args(words)
    if options.report:
        publish(read(options.report))
        return 0
    plan = _plan(options)
    try:
        see_that_it_lasts(options.folder or Path(tempfile.gettempdir()))
        with tempfile.TemporaryDirectory(prefix="gatepost-bench-", dir=options.folder) as folder:
            found = run(plan, Path(folder), keep)
    except (Differs, Failed, NotDurable) as wrong:
        print(f"bench: {wrong}", file=sys.stderr)
        return 1
    show(found)
    if is_whole(found):
        publish(found)
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("plan", nargs="?", choices=PLANS, default="usual")
    parser.add_argument("--users", type=int, metavar="N", help="how many accounts there are")
    parser.add_argument("--engine", action="append", choices=ENGINES, help="only this one")
    parser.add_argument("--rounds", type=int, metavar="N")
    parser.add_argument(
        "--only", choices=("sizes",), help="what 1,000 to 1,000,000 users cost, and nothing else"
    )
    parser.add_argument(
        "--folder", type=Path, help="where the databases go for the time of the run: which disk"
    )
    parser.add_argument(
        "--report", type=Path, metavar="RESULTS", help="only write table and plots anew"
    )
    return parser


def _plan(options: argparse.Namespace) -> Plan:
    changes = {
        "users": options.users,
        "engines": tuple(options.engine) if options.engine else None,
        "rounds": options.rounds,
    }
    given = {name: value for name, value in changes.items() if value is not None}
    return msgspec.structs.replace(PLANS[options.only or options.plan], **given)


if __name__ == "__main__":
    sys.exit(main())
