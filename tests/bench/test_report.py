"""Tables, drawings and files that a run leaves."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from bench.measure.busy import Busy
from bench.measure.figures import Figures
from bench.measure.floors import Floor
from bench.measure.mails import Delivery
from bench.measure.soak import Moment
from bench.plan import PLANS, Plan
from bench.report.plots import drawings, users
from bench.report.results import Engine, Machine, Run, Size, kept, read, this_machine, write
from bench.report.summary import OTHER_TITLES, TITLES
from bench.report.svg import Drawing, Scale, short
from bench.report.table import number, operations, others, tables
from bench.report.targets import TARGETS
from bench.report.writing import HOME, OPERATIONS, SIZES, keep, publish, with_figures
from bench.world.disk import Disk
from bench.world.foundation import RAISED

PLAN = PLANS["usual"]
DISK = Disk(file_system="ext4", flush_milliseconds=1.25)
MACHINE = Machine("Processor & <Sons>", 2, 8.0, "Linux 6", "3.11.7", "3.45")


def round_of(name: str, at_once: int, cpu: float) -> Figures:
    return Figures(
        operation=name, concurrency=at_once, done=1000, seconds=1000 / (100 * at_once + cpu),
        p50=900.0 * at_once, p99=2000.0 * at_once, p999=4000.0 * at_once, server_cpu=cpu,
        database_cpu=cpu / 2, client_cpu=10.0,
    )  # fmt: skip


def busy(sign_ins: float, alone: float) -> Busy:
    return Busy(sign_ins=sign_ins, alone=alone, reads=100, read_p50=900.0, read_p99=8000.0)


def engine(name: str) -> Engine:
    rounds = [
        round_of(operation, at_once, 100.0 * (1 + place) + turn)
        for turn in range(3)
        for place, operation in enumerate(TITLES)
        for at_once in (1, 64)
    ]
    between = [round_of(operation, at_once, 300.0) for operation in TITLES for at_once in (4, 16)]
    floors = [
        Floor(
            operation=operation, concurrency=at_once, statements=9, commits=1, rate=9000.0,
            cpu=30.0, database_cpu=40.0,
        )
        for operation in TITLES
        for at_once in (1, 64)
    ]  # fmt: skip
    return Engine(
        engine=name, version="1", rounds=rounds, between=between, floors=floors,
        others=[round_of(name, 64, 320.0 + turn) for turn in range(3) for name in OTHER_TITLES],
        deliveries=[Delivery(mails=10, rate=3100.0, server_cpu=200.0, database_cpu=0.0)] * 3,
        busy=[busy(76.0, 80.0), busy(38.0, 40.0), busy(70.0, 80.0)],
        sizes=[Size(1_000, rounds), Size(1_000_000, rounds)], workers={2: rounds},
        finished_at="2026-01-02",
        soak=[Moment(seconds=1.0, rate=9.0, resident_bytes=2**26, stored_bytes=2**27)],
    )  # fmt: skip


@pytest.fixture
def found() -> Run:
    engines = [engine("sqlite"), engine("postgresql")]
    return Run(
        finished_at="2026-01-02",
        release="1",
        machine=MACHINE,
        disk=DISK,
        raised=RAISED,
        plan=PLAN,
        engines=engines,
    )


def test_every_operation_has_a_row_for_each_concurrency(found: Run) -> None:
    lines = operations(found, found.engines[1]).splitlines()
    assert len(lines) == 2 + 2 * len(TITLES)
    assert all(line.count("|") == lines[0].count("|") for line in lines)


def test_a_row_has_the_median_and_the_range(found: Run) -> None:
    row = next(
        line
        for line in operations(found, found.engines[0]).splitlines()
        if line.startswith("| no-op route | 64")
    )
    assert "| 101 (100–102) |" in row


def test_every_other_endpoint_has_a_row(found: Run) -> None:
    for engine, columns in zip(found.engines, (3, 4), strict=True):
        lines = others(found, engine).splitlines()
        assert [line.split(" | ")[0][2:] for line in lines[2:]] == list(OTHER_TITLES.values())
        assert all(line.count("|") == 1 + columns for line in lines)
        assert "321 (320–322)" in lines[2] and others(found, engine) in tables(found)


def dearest(run: Run) -> str:
    rows = tables(run).splitlines()
    return next(row for row in rows if row.startswith("| the dearest call")).split(" | ")[1]


@pytest.mark.parametrize("name", OTHER_TITLES)
def test_the_dearest_call_is_looked_for_among_all(found: Run, name: str) -> None:
    assert dearest(found) == "901 ✗, refresh of a token"
    found.engines[0].others += [round_of(name, 64, 950.0) for _ in range(4)]
    assert dearest(found) == f"950 ✗, {OTHER_TITLES[name]}"
    found.engines[0].others = [one for one in found.engines[0].others if one.operation != name]
    assert dearest(found) == "", "the dearest of those that happen to be there"


def test_sign_in_is_compared_with_argon2_of_the_same_round(found: Run) -> None:
    text = tables(found)
    assert "| sign-in by password, share of argon2id alone, % | 95.0 | ≥ 90 |" in text
    assert "argon2id alone 80.0 (40.0–80.0) beside them, which is 95.0 (87.5–95.0) %" in text


def test_what_too_few_calls_tell_is_a_dash(found: Run) -> None:
    rounds = found.engines[0].rounds
    place = next(n for n, one in enumerate(rounds) if one.concurrency == 1)
    rounds[place] = replace(rounds[place], p99=None, p999=None)
    row = operations(found, found.engines[0]).splitlines()[2]
    assert row.startswith("| no-op route | 1 |") and row.count("| – ") == 2
    assert len(drawings(found)) == 2


def test_a_report_says_what_the_databases_were_on(found: Run) -> None:
    assert "Databases on ext4, where a flush of 4 KiB takes 1.25 ms." in tables(found)


def test_what_was_not_reached_is_marked(found: Run) -> None:
    marked = [line for line in tables(found).splitlines() if "✗" in line]
    assert any(line.startswith("| bind-email, CPU of the server") for line in marked)
    assert not any(line.startswith("| mails delivered") for line in marked)


def test_every_aim_has_a_row_whatever_was_measured(found: Run) -> None:
    bare = Engine(engine="sqlite", version="1")
    nothing = Run(
        finished_at="2026-01-02",
        release="1",
        machine=MACHINE,
        disk=DISK,
        raised=RAISED,
        plan=PLAN,
        engines=[bare],
    )
    for run in (found, nothing):
        text = tables(run)
        assert all(f"| {target.what}, {target.unit} |" in text for target in TARGETS)


def test_drawings_are_xml_that_a_browser_reads(found: Run) -> None:
    for name, text in {**drawings(found), "users.svg": users(found)}.items():
        root = ElementTree.fromstring(text)  # noqa: S314  # our own, made a line before
        assert root.tag.endswith("svg"), name
        places = [
            float(value)
            for shape in root.iter()
            for key, value in shape.attrib.items()
            if key in ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy")
        ]
        assert places and min(places) >= 0 and max(places) <= float(root.attrib["width"]), name


def test_words_cannot_break_a_drawing() -> None:
    drawing = Drawing(100, 100, 'a < b & "c"')
    drawing.text(10, 10, "<script>", 'x" onload="y')
    root = ElementTree.fromstring(drawing.finished())  # noqa: S314
    assert root.attrib["aria-label"] == 'a < b & "c"'
    assert [shape.text for shape in root.iter() if shape.tag.endswith("text")][-1] == "<script>"


@pytest.mark.parametrize(
    ("most", "ticks"),
    [(10, [0, 2, 4, 6, 8, 10]), (0.9, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (4100, 6)],
)
def test_even_scales_have_round_steps(most: float, ticks: list[float] | int) -> None:
    found = Scale([most], 0, 100).ticks
    assert found == pytest.approx(ticks) if isinstance(ticks, list) else len(found) == ticks


def test_scales_of_powers_hold_every_value() -> None:
    scale = Scale([0.3, 42.0], 0, 300, powers=True)
    assert scale.ticks == [0.1, 1.0, 10.0, 100.0]
    assert (scale(0.1), scale(1.0), scale(100.0)) == pytest.approx((0, 100, 300))


def test_figures_are_short() -> None:
    assert [short(v) for v in (0.1, 250, 4000, 1e6)] == ["0.1", "250", "4k", "1M"]
    assert [number(v) for v in (0.456, 45.67, 4567.8)] == ["0.46", "45.7", "4,568"]


def test_a_run_is_kept_and_read_again(found: Run, tmp_path: Path) -> None:
    assert read(write(found, tmp_path)) == found


def test_a_kept_run_does_not_tell_whose_machine_it_was(found: Run, tmp_path: Path) -> None:
    found.machine = this_machine()
    text = write(found, tmp_path).read_text()
    assert "/" not in found.machine.system and str(tmp_path) not in text
    assert str(Path.home()) not in text and socket.gethostname() not in text


README = (
    "before\n<!-- figures: usual -->\nold\n<!-- end of figures: usual -->\nwhere the time goes\n"
    "<!-- figures: sizes -->\nfew\n<!-- end of figures: sizes -->\n"
    "<!-- figures: full -->\nhour\n<!-- end of figures: full -->\nafter\n"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "bench"
    (home / "results").mkdir(parents=True)
    (home / "README.md").write_text(README)
    return home


def published(run: Run, home: Path) -> str:
    """What the README then says."""
    keep(run, home / "results")
    publish(run, home, home / "results")
    return (home / "README.md").read_text()


def with_most(run: Run, plan: Plan, most: int) -> Run:
    """The same run as if it had been of another plan, and among so many users at most."""
    rounds = run.engines[0].rounds
    engines = [
        replace(engine, sizes=[Size(1_000, rounds), Size(most, rounds)]) for engine in run.engines
    ]
    return replace(run, plan=plan, engines=engines)


def test_a_whole_run_renews_the_readme_and_a_glance_does_not(found: Run, home: Path) -> None:
    assert published(with_most(found, PLANS["quick"], 10_000), home) == README
    text = published(found, home)
    assert text.startswith("before\n") and text.endswith("after\n")
    assert "old" not in text and "hour" in text
    assert "\nwhere the time goes\n" in text, "what was written by hand is gone"
    assert {path.name for path in (home / "results").iterdir()} == {
        "quick.json", "usual.json", "usual-latency.svg", "usual-cpu.svg", "users.svg",
    }  # fmt: skip
    assert all(f"](results/{path.name})" in text for path in home.glob("results/*.svg"))


def test_a_usual_run_leaves_what_went_farther(found: Run, home: Path) -> None:
    full = with_most(found, PLANS["full"], 1_000_000)
    before = published(full, home).partition("<!-- figures: sizes -->")[2]
    drawing = (home / "results" / "users.svg").read_text()
    after = published(with_most(found, PLANS["usual"], 100_000), home)
    assert after.partition("<!-- figures: sizes -->")[2] == before
    assert (home / "results" / "users.svg").read_text() == drawing
    assert "| bind-email, code in hand | 1,000,000 |" in before
    assert "100,000 users. One worker" not in before.partition("<!-- figures: full -->")[0]


def test_a_run_of_sizes_only_takes_its_own_place(found: Run, home: Path) -> None:
    published(with_most(found, PLANS["usual"], 100_000), home)
    engines = [
        replace(engine, rounds=[], floors=[], deliveries=[], busy=[]) for engine in found.engines
    ]
    sized = replace(found, plan=PLANS["sizes"], engines=engines)
    text = published(sized, home)
    assert text.count("| bind-email, code in hand | 1,000,000 |") == 2
    assert "### Aims" not in tables(sized)


def test_growth_is_told_with_the_numbers_of_users(found: Run) -> None:
    row = next(line for line in tables(found).splitlines() if "among most users" in line)
    assert row.count("1.00, 1k → 1M users |") == 2
    assert row.count("| ≤ 1.5, 1k → 1M users |") == 2
    short_of_it = tables(with_most(found, PLAN, 10_000))
    row = next(line for line in short_of_it.splitlines() if "among most users" in line)
    assert row.count("1.00, 1k → 100k users only |") == 2


def test_a_report_says_which_limits_were_raised(found: Run) -> None:
    text = tables(found)
    assert "`sendsPerUserHour`" in text and "`callsPerTrustedAppHour` = 1,000,000,000;" in text
    assert "`verifyCodeExpiresIn` = 3,600." in text


def test_engines_that_were_run_one_by_one_are_put_together(found: Run, home: Path) -> None:
    results = home / "results"
    first, second = found.engines
    only = [replace(found.plan, engines=(engine.engine,)) for engine in found.engines]
    keep(replace(found, plan=only[1], engines=[second]), results)
    assert kept("usual", results) == replace(found, plan=only[1], engines=[second])
    keep(replace(found, plan=only[0], engines=[first]), results)
    assert kept("usual", results) == found
    again = replace(first, finished_at="2026-01-03")
    keep(replace(found, plan=only[0], engines=[again]), results)
    assert kept("usual", results) == replace(found, engines=[again, second])


@pytest.mark.parametrize(
    "other",
    [
        {"release": "2"},
        {"machine": replace(MACHINE, cores=64)},
        {"disk": replace(DISK, file_system="xfs")},
        {"raised": {}},
    ],
)
def test_figures_of_something_else_are_not_put_beside(
    found: Run, home: Path, other: dict[str, Any]
) -> None:
    results = home / "results"
    keep(replace(found, **other), results)
    alone = replace(found, plan=replace(found.plan, engines=("sqlite",)), engines=found.engines[:1])
    keep(alone, results)
    assert kept("usual", results) == alone


def test_what_was_changed_in_a_plan_is_not_kept(found: Run, home: Path) -> None:
    keep(replace(found, plan=replace(found.plan, users=20_000)), home / "results")
    assert kept("usual", home / "results") is None


def test_results_of_another_form_are_no_results(home: Path) -> None:
    (home / "results" / "usual.json").write_text('{"engines": []}')
    assert kept("usual", home / "results") is None


def test_a_readme_without_a_place_for_figures_is_left_alone() -> None:
    with pytest.raises(ValueError, match="no place for figures of full"):
        with_figures(README.partition("<!-- figures: full")[0], "full", "figures")


def test_our_own_readme_has_a_place_for_each_plan_and_one_for_words() -> None:
    text = (HOME / "README.md").read_text("utf-8")
    words = "\n## Where the time goes\n"
    for place in (*OPERATIONS, SIZES):
        text = with_figures(text, place, f"figures of {place}")
    assert words in text and all(f"figures of {place}\n" in text for place in OPERATIONS)
