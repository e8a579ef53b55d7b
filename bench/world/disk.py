"""What the databases are stored on: a benchmark of durability needs something that lasts."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path

from msgspec import Struct

MOUNTS = Path("/proc/self/mountinfo")
IN_MEMORY = {"tmpfs", "ramfs"}

_FLUSHES = 50
_BLOCK = bytes(4096)


class NotDurable(Exception):
    """A folder in memory, where `fsync` waits for nothing."""


class Disk(Struct, frozen=True, kw_only=True):
    """What databases are stored on, and how long it takes to be sure of a block there."""

    file_system: str
    flush_milliseconds: float

    @classmethod
    def of(cls, folder: Path) -> Disk:
        """What a folder is on."""
        flush = round(_flush_seconds(folder) * 1000, 3)
        return cls(file_system=file_system(folder), flush_milliseconds=flush)


def file_system(folder: Path, mounts: Path = MOUNTS) -> str:
    """The kind of file system that a folder is on: of its mounts the innermost, and latest."""
    place = folder.resolve()
    found, kind = Path("/"), "unknown"
    for line in mounts.read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        point = Path(_unescaped(fields.split()[4]))
        if place.is_relative_to(point) and point.is_relative_to(found):
            found, kind = point, rest.split()[0]
    return kind


def see_that_it_lasts(folder: Path, mounts: Path = MOUNTS) -> None:
    """Refuses: NotDurable."""
    kind = file_system(folder, mounts)
    if kind in IN_MEMORY:
        raise NotDurable(
            f"{folder} is in memory ({kind}), where a commit waits for no disk:"
            " name a folder on a disk with --folder"
        )


def _flush_seconds(folder: Path) -> float:
    """How long a block of 4 KiB takes to be on the disk: the median of fifty."""
    with tempfile.TemporaryFile(dir=folder) as file:
        return statistics.median(_one_flush(file.fileno()) for _ in range(_FLUSHES))


def _one_flush(descriptor: int) -> float:
    began = time.perf_counter()
    os.write(descriptor, _BLOCK)
    os.fsync(descriptor)
    return time.perf_counter() - began


def _unescaped(text: str) -> str:
    """A mount point as it is; the kernel writes spaces and the like as `\\040`."""
    return text.encode().decode("unicode_escape").encode("latin-1").decode()
