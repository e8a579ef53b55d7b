"""What a server process takes of its machine, from the outside."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tests.faults.old_rows import KEYS
from tests.faults.trial import Trial

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Taken:
    """Memory and files in octets, and open file descriptors, at one moment."""

    memory: int
    descriptors: int
    wal: int

    @classmethod
    def by(cls, trial: Trial) -> Taken:
        """What the first server of a trial on SQLite takes."""
        process = Path("/proc") / str(trial.nodes[0].alive.process.pid)
        pages = int((process / "statm").read_text().split()[1])
        wal = trial.cluster.folder / "gatepost.db-wal"
        return cls(pages * _PAGE, len(list((process / "fd").iterdir())), wal.stat().st_size)


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
