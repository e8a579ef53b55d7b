"""Units of work that wait for their turn, and are turned away if it comes too late."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, Protocol, TypeVar

from gatepost.vocabulary.refusals import Overloaded

LOOK_SECONDS = 0.02
"""How long a unit may wait beyond its time at most: the queue is not gone through for each."""


class Waiting(Protocol):
    """A unit. `give_up_at` is an instant of the event loop's clock."""

    give_up_at: float

    def fail(self, failure: Exception) -> None:
        """Tell the caller that nothing comes of it."""


U = TypeVar("U", bound=Waiting)


class Queue(Generic[U]):
    """First come, first served. Whose time is over is refused Overloaded, whatever holds up the
    one whose turn it is."""

    def __init__(self) -> None:
        self._units: deque[U] = deque()
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0

    def __len__(self) -> int:
        return len(self._units)

    def add(self, unit: U) -> None:
        """Let a unit wait."""
        self._units.append(unit)
        if self._alarm is None or unit.give_up_at < self._alarm_at:
            self._set_alarm(unit.give_up_at)

    def next(self) -> U | None:
        """The next unit whose caller has not waited for too long."""
        now = asyncio.get_running_loop().time()
        while self._units:
            unit = self._units.popleft()
            if now <= unit.give_up_at:
                return unit
            unit.fail(Overloaded(retry_after=1))
        return None

    def take_all(self) -> list[U]:
        """Every unit; none waits any more."""
        taken = list(self._units)
        self._units.clear()
        return taken

    def _set_alarm(self, at: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_at(at, self._turn_away)
        self._alarm_at = at

    def _turn_away(self) -> None:
        self._alarm = None
        now = asyncio.get_running_loop().time()
        for unit in self.take_all():
            if unit.give_up_at > now:
                self._units.append(unit)
            else:
                unit.fail(Overloaded(retry_after=1))
        if self._units:
            first = min(unit.give_up_at for unit in self._units)
            self._set_alarm(max(first, now + LOOK_SECONDS))
