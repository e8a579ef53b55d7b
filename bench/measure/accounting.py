"""What processes cost: as Linux counts it, so on Linux only."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")

_CPUCLOCK_SCHED = 2
"""The clock of what a process was scheduled for, in Linux's numbers for such clocks."""

Clock = Callable[[int], float | None]


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds, user and system, of some processes and of those of their children that ended.

    The living are read to the nanosecond; Linux counts those that ended in ticks of 10 ms.
    """

    seconds: float

    def since(self, before: Cost) -> float:
        """CPU seconds since an earlier reading."""
        return self.seconds - before.seconds


def family(pid: int, proc: Path = PROC) -> list[int]:
    """A process and everything that descends from it."""
    children: dict[int, list[int]] = {}
    for entry in proc.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name), proc)):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def process_seconds(pid: int) -> float | None:
    """CPU seconds of all threads of a process, with those that ended; None once it is gone.

    Neither `stat`, which counts in ticks, nor `schedstat`, which forgets threads that ended,
    says that. This is what clock_getcpuclockid(3) makes of a number of a process.
    """
    try:
        return time.clock_gettime(~pid << 3 | _CPUCLOCK_SCHED)
    except OSError:
        return None


def cost(pid: int, proc: Path = PROC, clock: Clock = process_seconds) -> Cost:
    """What a process and everything that descends from it have cost so far."""
    seconds = 0.0
    for member in family(pid, proc):
        if fields := _stat(member, proc):
            utime, stime, *of_children = (int(field) * TICK_SECONDS for field in fields[11:15])
            own = clock(member)
            seconds += (utime + stime if own is None else own) + sum(of_children)
    return Cost(seconds)


def resident(pid: int, proc: Path = PROC) -> int:
    """The memory in use, in octets, of a process and everything that descends from it."""
    return sum(_resident(member, proc) for member in family(pid, proc))


def _stat(pid: int, proc: Path) -> list[str]:
    """The fields of `/proc/PID/stat` after the name, which may hold spaces and brackets."""
    try:
        return (proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended just now
        return []


def _resident(pid: int, proc: Path) -> int:
    try:
        lines = (proc / str(pid) / "status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))
