"""A time to move."""

from __future__ import annotations

from gatepost.app import system_clock


class MovableClock:
    """The real time plus what a test adds to it."""

    def __init__(self) -> None:
        self.shift = 0

    def __call__(self) -> int:
        return system_clock() + self.shift

    def advance(self, seconds: float) -> None:
        """Move on; a negative number steps back."""
        self.shift += int(seconds * 1000)
