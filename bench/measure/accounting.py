"""What processes cost: read from `/proc`, so on Linux only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds, user and system, of some processes and of those of their children that ended.

    Linux counts in ticks of 10 ms, so that is how exact a difference is.
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


def cost(pid: int, proc: Path = PROC) -> Cost:
    """What a process and everything that descends from it have cost so far."""
    ticks = 0
    for member in family(pid, proc):
        if fields := _stat(member, proc):
            ticks += sum(int(field) for field in fields[11:15])  # utime stime cutime cstime
    return Cost(ticks * TICK_SECONDS)


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
