"""What one process can tell of itself, and what the database tells of all."""

from __future__ import annotations

import time
from pathlib import Path

from gatepost import __version__
from gatepost.api.request_tally import RequestTally
from gatepost.context import Context
from gatepost.credentials.passwords import Passwords
from gatepost.mail.worker import MailWorker
from gatepost.storage import outbox
from gatepost.storage.database import Database, Reader
from gatepost.tally import Family, Sample, counted, single, spread

_STATM = Path("/proc/self/statm")
_PAGE = 4096


class Watched:
    """The parts of one process whose figures are told."""

    def __init__(self, context: Context, worker: MailWorker, requests: RequestTally) -> None:
        self._context = context
        self._worker = worker
        self._requests = requests

    def families(self) -> list[Family]:
        """The figures of this process."""
        context = self._context
        return [
            *self._requests.families(),
            *_of_database(context.database),
            *_of_passwords(context.passwords),
            counted(
                "gatepost_mails", "Mails handled, by outcome", self._worker.outcomes, "outcome"
            ),
            *_of_process(),
        ]

    def reader(self) -> Reader:
        """A reader of what all processes share."""
        return self._context.database.reader()


def _of_database(database: Database) -> list[Family]:
    workload, connections = database.workload, database.connections()
    held = (
        Sample(("in_use",), connections.in_use),
        Sample(("idle",), connections.idle),
    )
    return [
        counted("gatepost_units", "Units of work, by outcome", workload.outcomes, "outcome"),
        single(
            "gatepost_unit_conflicts",
            "counter",
            "Units run again after a conflict",
            workload.conflicts,
        ),
        spread(
            "gatepost_unit_duration_seconds",
            "A unit of work, its waiting and its commit included",
            [((), workload.seconds)],
        ),
        spread("gatepost_batch_units", "Units in one commit (SQLite)", [((), workload.batches)]),
        Family(
            "gatepost_database_connections", "gauge", "Connections to storage", held, ("state",)
        ),
        single(
            "gatepost_database_connections_most", "gauge", "Connections at most", connections.most
        ),
        single(
            "gatepost_database_waiting",
            "gauge",
            "Units and reads waiting for a connection",
            connections.waiting,
        ),
    ]


def _of_passwords(passwords: Passwords) -> list[Family]:
    work = (Sample(("running",), passwords.running), Sample(("waiting",), passwords.waiting))
    return [
        Family("gatepost_password_work", "gauge", "Hashes under way and waiting", work, ("state",)),
        single(
            "gatepost_password_work_waiting_most",
            "gauge",
            "Hashes that may wait",
            passwords.most_waiting,
        ),
        single(
            "gatepost_password_work_turned_away",
            "counter",
            "Hashes not begun because too many waited",
            passwords.turned_away,
        ),
    ]


def _of_process() -> list[Family]:
    seconds = time.process_time()
    families = [
        single("gatepost_process_cpu_seconds", "counter", "Processor time of a process", seconds)
    ]
    if _STATM.exists():
        octets = int(_STATM.read_text().split()[1]) * _PAGE
        families.append(
            single("gatepost_process_resident_bytes", "gauge", "Memory of a process", octets)
        )
    return families


async def of_all_nodes(reader: Reader) -> list[Family]:
    """What is the same whichever node is asked. Raises Overloaded where storage is away."""
    backlog = await outbox.backlog(reader)
    return [
        single("gatepost_outbox_mails", "gauge", "Mails not yet sent, of all nodes", backlog.mails),
        single(
            "gatepost_outbox_oldest_seconds",
            "gauge",
            "Age of the oldest of them",
            backlog.oldest_seconds,
        ),
    ]


def of_release(expected: int, answered: int) -> list[Family]:
    """Which release this is, and how many of its processes the figures are of."""
    return [
        Family("gatepost_release", "gauge", "1", (Sample((__version__,), 1),), ("version",)),
        single("gatepost_workers", "gauge", "Processes of this node", expected),
        single(
            "gatepost_workers_answered",
            "gauge",
            "Processes that these figures are of",
            answered,
        ),
    ]
