"""Tables, drawings and files that a run leaves."""

from __future__ import annotations

import socket
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from bench.measure.busy import Busy
from bench.measure.figures import Figures
from bench.measure.floors import Floor
from bench.measure.mails import Delivery
from bench.measure.soak import Moment
from bench.plan import Plan
from bench.report.plots import drawings
from bench.report.results import Engine, Machine, Run, Size, read, this_machine, write
from bench.report.summary import TITLES
from bench.report.svg import Drawing, Scale, short
from bench.report.table import number, operations, tables
from bench.report.targets import TARGETS
from bench.report.writing import publish, with_figures
from bench.world.disk import Disk

PLAN = Plan(name="usual", concurrencies=(1, 64), between=(16,), rounds=3)
DISK = Disk(file_system="ext4", flush_milliseconds=1.25)
MACHINE = Machine("Processor & <Sons>", 2, 8.0, "Linux 6", "3.11.7", "3.45")


def round_of(name: str, at_once: int, cpu: float) -> Figures:
    return Figures(
        operation=name, concurrency=at_once, done=1000, seconds=1000 / (100 * at_once + cpu),
        p50=900.0 * at_once, p99=2000.0 * at_once, p999=4000.0 * at_once, server_cpu=cpu,
        database_cpu=cpu / 2, client_cpu=10.0,
    )  # fmt: skip


def engine(name: str) -> Engine:
    rounds = [
        round_of(operation, at_once, 100.0 * (1 + place) + turn)
        for turn in range(3)
        for place, operation in enumerate(TITLES)
        for at_once in (1, 64)
    ]
    between = [round_of(operation, 16, 300.0) for operation in TITLES]
    floors = [
        Floor(
            operation=operation, concurrency=at_once, statements=9, commits=1, rate=9000.0,
            cpu=30.0, database_cpu=40.0,
        )
        for operation in TITLES
        for at_once in (1, 64)
    ]  # fmt: skip
    return Engine(
        engine=name, version="1", argon2_rate=80.0, rounds=rounds, between=between, floors=floors,
        deliveries=[Delivery(mails=10, rate=3100.0, server_cpu=200.0, database_cpu=0.0)] * 3,
        busy=[Busy(sign_ins=76.0, reads=100, read_p50=900.0, read_p99=8000.0)] * 3,
        sizes=[Size(1_000, rounds), Size(1_000_000, rounds)], workers={2: rounds},
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


def test_what_too_few_calls_tell_is_a_dash(found: Run) -> None:
    rounds = found.engines[0].rounds
    place = next(n for n, one in enumerate(rounds) if one.concurrency == 1)
    rounds[place] = replace(rounds[place], p99=None, p999=None)
    row = operations(found, found.engines[0]).splitlines()[2]
    assert row.startswith("| no-op route | 1 |") and row.count("| – ") == 2
    assert len(drawings(found)) == 3


def test_a_report_says_what_the_databases_were_on(found: Run) -> None:
    assert "Databases on ext4, where a flush of 4 KiB takes 1.25 ms." in tables(found)


def test_what_was_not_reached_is_marked(found: Run) -> None:
    marked = [line for line in tables(found).splitlines() if "✗" in line]
    assert any(line.startswith("| bind-email, CPU of the server") for line in marked)
    assert not any(line.startswith("| mails delivered") for line in marked)


def test_every_aim_has_a_row_whatever_was_measured(found: Run) -> None:
    bare = Engine(engine="sqlite", version="1")
    nothing = Run(
        finished_at="2026-01-02", release="1", machine=MACHINE, disk=DISK, plan=PLAN, engines=[bare]
    )
    for run in (found, nothing):
        text = tables(run)
        assert all(f"| {target.what}, {target.unit} |" in text for target in TARGETS)


def test_drawings_are_xml_that_a_browser_reads(found: Run) -> None:
    for name, text in drawings(found).items():
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


def test_a_whole_run_renews_the_readme_and_a_glance_does_not(found: Run, tmp_path: Path) -> None:
    results = tmp_path / "bench" / "results"
    results.mkdir(parents=True)
    readme = tmp_path / "bench" / "README.md"
    readme.write_text("before\n<!-- figures -->\nold\n<!-- end of figures -->\nafter\n")
    glance = Run(
        finished_at="", release="", machine=MACHINE, disk=DISK, plan=Plan(name="quick"), engines=[]
    )
    publish(glance, readme.parent, results)
    assert "old" in readme.read_text()
    publish(found, readme.parent, results)
    text = readme.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert {path.name for path in results.iterdir()} == {
        "quick.json", "usual.json", "latency.svg", "cpu.svg", "users.svg",
    }  # fmt: skip


def test_a_readme_without_a_place_for_figures_is_left_alone() -> None:
    with pytest.raises(ValueError, match="no place"):
        with_figures("nothing here", "figures")
