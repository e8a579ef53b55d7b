"""What a server process takes of its machine, and is left of it, from the outside."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from tests.faults.old_rows import KEYS
from tests.faults.trial import Trial

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Taken:
    """Memory and files in octets, and open file descriptors, at one moment."""

    memory: int
    descriptors: int
    wal: int
    database: int

    @classmethod
    async def by(cls, trial: Trial) -> Taken:
        """What the first server of a trial takes. The log of PostgreSQL is everybody's."""
        process = Path("/proc") / str(trial.nodes[0].alive.process.pid)
        pages = int((process / "statm").read_text().split()[1])
        descriptors = len(list((process / "fd").iterdir()))
        if trial.cluster.settings.on_sqlite:
            wal, database = _files(trial.cluster.folder / "gatepost.db")
        else:
            ((size,),) = await trial.cluster.rows("SELECT pg_database_size(current_database())")
            wal, database = 0, int(size)
        return cls(pages * _PAGE, descriptors, wal, database)


def _files(database: Path) -> tuple[int, int]:
    """How large a database's WAL is, and the database itself."""
    return Path(f"{database}-wal").stat().st_size, database.stat().st_size


@dataclass(frozen=True)
class Spent:
    """Seconds up to one moment: of the clock, and of processors, by the server and by nobody."""

    clock: float
    server: float
    idle: float

    @classmethod
    def by(cls, trial: Trial) -> Spent:
        """What the first server of a trial has spent."""
        stat = Path(f"/proc/{trial.nodes[0].alive.process.pid}/stat").read_text()
        of_server = stat.rpartition(")")[2].split()
        of_all = Path("/proc/stat").read_text().split()
        return cls(
            time.monotonic(),
            (int(of_server[11]) + int(of_server[12])) / _TICKS,
            (int(of_all[4]) + int(of_all[5])) / _TICKS,
        )

    def processors(self, earlier: Spent) -> float:
        """How many processors the server had since, or would have had if it had wanted them.

        The others were taken: by callers, who share the machine, or by whatever else runs there.
        """
        had = self.server - earlier.server + self.idle - earlier.idle
        return had / (self.clock - earlier.clock)


TABLES = (
    "users", "sessions", "verification_codes", "verification_tries", "failure_budgets",
    "rate_limits", "password_attempts", "outbox", "refresh_tokens", "step_tokens", "links",
    "mail_stops", "email_changes", "authorization_codes", "dev_mailbox", "audit_log",
    "signing_keys",
)  # fmt: skip


async def rows_of(trial: Trial, *, old: bool = False) -> dict[str, int]:
    """How many rows each table has, those that are to be swept apart."""
    counts = {}
    for table in KEYS if old else TABLES:
        sign = "" if old else "NOT"
        condition = f" WHERE {KEYS[table]} {sign} LIKE 'old %'" if table in KEYS else ""
        ((count,),) = await trial.cluster.rows(f"SELECT COUNT(*) FROM {table}{condition}")
        counts[table] = int(count)
    return counts
