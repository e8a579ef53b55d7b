"""An event loop of some forty lines: the load must cost little beside what it measures."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from itertools import count
from select import epoll

IDLE_SECONDS = 0.2


class Watch:
    """Calls back when a file descriptor is ready or an instant has come."""

    def __init__(self) -> None:
        self._epoll = epoll()
        self._handlers: dict[int, Callable[[], None]] = {}
        self._timers: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()

    def add(self, descriptor: int, events: int, handler: Callable[[], None]) -> None:
        """Call `handler` whenever `descriptor` is ready."""
        self._handlers[descriptor] = handler
        self._epoll.register(descriptor, events)

    def remove(self, descriptor: int) -> None:
        """Watch it no longer."""
        if self._handlers.pop(descriptor, None):
            self._epoll.unregister(descriptor)

    def at(self, instant: int, call: Callable[[], None]) -> None:
        """Call once, at an instant of `time.perf_counter_ns`."""
        heapq.heappush(self._timers, (instant, next(self._order), call))

    def turn(self) -> None:
        """Wait a while for what comes next, and call whoever waits for it."""
        for descriptor, _ in self._epoll.poll(self._patience()):
            handler = self._handlers.get(descriptor)
            if handler is not None:
                handler()
        while self._timers and self._timers[0][0] <= time.perf_counter_ns():
            heapq.heappop(self._timers)[2]()

    def _patience(self) -> float:
        if not self._timers:
            return IDLE_SECONDS
        left = (self._timers[0][0] - time.perf_counter_ns()) / 1e9
        return min(max(left, 0.0), IDLE_SECONDS)
