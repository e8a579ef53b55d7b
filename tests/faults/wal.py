"""The write-ahead log of SQLite as it lies on the disk (https://sqlite.org/fileformat.html, 4)."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path

HEADER = 32
FRAME_HEADER = 24
CHECKPOINT_FRAMES = 1000
"""From so many frames on SQLite copies them into the database (wal_autocheckpoint)."""


@dataclass(frozen=True)
class Wal:
    """A log that nobody writes to. Behind its last frame lie older ones, with other salts."""

    path: Path
    salts: bytes
    frame: int
    """Octets of a frame."""
    end: int
    """Where the last commit ends: what is behind is not part of the database."""

    @classmethod
    def at(cls, path: Path) -> Wal:
        octets = path.read_bytes()
        frame = FRAME_HEADER + int.from_bytes(octets[8:12], "big")
        salts = octets[16:24]
        end = HEADER
        for place in range(HEADER, len(octets) - frame + 1, frame):
            if octets[place + 8 : place + 16] != salts:
                break
            if octets[place + 4 : place + 8] != bytes(4):  # the last frame of a commit
                end = place + frame
        return cls(path, salts, frame, end)

    @property
    def frames(self) -> int:
        """How many frames are part of the database."""
        return (self.end - HEADER) // self.frame

    def overwrite(self, place: int, octets: bytes) -> None:
        """Damage it at a place, and leave what is behind."""
        with self.path.open("r+b") as file:
            file.seek(place)
            file.write(octets)

    def truncate(self, place: int) -> None:
        """Lose everything from a place on."""
        with self.path.open("r+b") as file:
            file.truncate(place)


def frames_recovered(database: Path) -> int:
    """How many frames SQLite itself takes from the log, asked of a copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / database.name
        for end in ("", "-wal"):
            shutil.copyfile(f"{database}{end}", f"{copy}{end}")
        connection = sqlite3.connect(copy)
        try:
            _, frames, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        finally:
            connection.close()
        return int(frames)
