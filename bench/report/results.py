"""Everything that a run found, as it is written to `bench/results`."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from bench.measure.busy import Busy
from bench.measure.figures import Figures
from bench.measure.floors import Floor
from bench.measure.mails import Delivery
from bench.measure.soak import Moment
from bench.plan import ENGINES, Plan
from bench.world.disk import Disk

RESULTS = Path(__file__).parents[1] / "results"


class Machine(Struct, frozen=True):
    """What it ran on; nothing that would tell whose it is."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    sqlite: str


class Size(Struct, frozen=True):
    """Operations measured among so many users."""

    users: int
    rounds: list[Figures]


class Engine(Struct, kw_only=True):
    """What one engine did. Seconds and octets; rounds in the order they were run."""

    engine: str
    version: str
    finished_at: str = ""
    seeded_in_seconds: float = 0.0
    answers_after_seconds: float = 0.0
    resident_at_start: int = 0
    resident_at_end: int = 0
    rounds: list[Figures] = field(default_factory=list)
    between: list[Figures] = field(default_factory=list)
    others: list[Figures] = field(default_factory=list)
    floors: list[Floor] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    busy: list[Busy] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)
    workers: dict[int, list[Figures]] = field(default_factory=dict)
    soak: list[Moment] = field(default_factory=list)


class Run(Struct, kw_only=True):
    """One run of the benchmark. `raised` is what was set of the limits' figures."""

    finished_at: str
    release: str
    machine: Machine
    disk: Disk
    raised: dict[str, str]
    plan: Plan
    engines: list[Engine]

    def with_engines_of(self, before: Run) -> Run:
        """The same with engines of an earlier run that this one left out.

        Only of a run of the same plan and release on the same machine and file system: else the
        figures would stand beside each other and mean something else.
        """
        if not self._is_like(before):
            return self
        found = {engine.engine: engine for engine in (*before.engines, *self.engines)}
        names = tuple(name for name in ENGINES if name in found)
        plan = replace(self.plan, engines=names)
        return replace(self, plan=plan, engines=[found[name] for name in names])

    def _is_like(self, other: Run) -> bool:
        ours = (self.release, self.machine, self.disk.file_system, self.raised)
        theirs = (other.release, other.machine, other.disk.file_system, other.raised)
        return ours == theirs and self.plan.is_like(other.plan)


def this_machine() -> Machine:
    """The machine that this process runs on."""
    octets = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_gib=round(octets / 2**30, 1),
        system=f"{platform.system()} {platform.release().partition('-')[0]}",
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def today() -> str:
    """The date, UTC."""
    return datetime.now(UTC).date().isoformat()


def write(run: Run, folder: Path = RESULTS) -> Path:
    """Keep a run, in the place of the one before of the same plan."""
    path = folder / f"{run.plan.name}.json"
    text = msgspec.json.format(msgspec.json.encode(run), indent=1)
    path.write_bytes(text + b"\n")
    return path


def read(path: Path) -> Run:
    """A run that was kept."""
    return msgspec.json.decode(path.read_bytes(), type=Run)


def kept(plan: str, folder: Path = RESULTS) -> Run | None:
    """The last run of a plan; None where there is none that this release can read."""
    try:
        return read(folder / f"{plan}.json")
    except (FileNotFoundError, msgspec.ValidationError):
        return None
