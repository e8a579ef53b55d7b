"""What a database has been asked for since it was opened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from time import perf_counter
from typing import TypeVar

from msgspec import Struct

from gatepost.tally import Histogram
from gatepost.vocabulary.refusals import Overloaded, Refusal

T = TypeVar("T")

UNITS_IN_A_BATCH = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)


class Connections(Struct, frozen=True):
    """The connections of a process: in use, open but idle, at most; and who waits for one."""

    in_use: int
    idle: int
    most: int
    waiting: int


class Workload:
    """Counts units of work by how they ended. `batches` is of engines that commit several."""

    def __init__(self) -> None:
        self.outcomes = {"committed": 0, "refused": 0, "away": 0, "failed": 0, "left": 0}
        self.conflicts = 0
        self.waiting = 0
        self.seconds = Histogram()
        self.batches = Histogram(UNITS_IN_A_BATCH)

    async def watched(self, unit: Awaitable[T]) -> T:
        """Await a unit and count how it ended; "left" is one whose caller did not wait."""
        started = perf_counter()
        outcome = "committed"
        try:
            return await unit
        except BaseException as error:
            outcome = _outcome(error)
            raise
        finally:
            self.outcomes[outcome] += 1
            self.seconds.note(perf_counter() - started)


def _outcome(error: BaseException) -> str:
    if isinstance(error, Overloaded):
        return "away"
    if isinstance(error, Refusal):
        return "refused"
    return "left" if isinstance(error, asyncio.CancelledError) else "failed"
