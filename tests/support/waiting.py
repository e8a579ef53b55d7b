"""Waiting for what another process does, as long as need be and no longer than told."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event


def eventually(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Look again and again until something holds; AssertionError if it never does."""
    end = time.monotonic() + seconds
    pause = Event()
    while not condition():
        assert time.monotonic() < end, "it did not come to that in time"
        pause.wait(0.02)
