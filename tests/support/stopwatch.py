"""How long a server works for an answer, measured inside its process, and whether two differ.

Processor time of all its threads: what others do on the machine is not in it. Waits are not
either; those for the database are the statements and units, which a test of its own compares.
"""

from __future__ import annotations

import gc
import random
import time
from bisect import bisect_left, bisect_right
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

App = Callable[..., Awaitable[None]]
Call = tuple[str, Any]


class Door:
    """A server called without a network and without a client, which would take longer than it.

    `planted` calls are made this much slower (ns): a measurement must be able to find that.
    """

    def __init__(self, server: App, app_id: str) -> None:
        self._server = server
        self._headers = [
            (b"host", b"127.0.0.1"),
            (b"content-type", b"application/json"),
            (b"x-authing-app-id", app_id.encode()),
        ]

    async def answer(self, call: Call, planted: int = 0) -> tuple[int, int]:
        """The business code of an answer, and the nanoseconds of work until it was there."""
        path, body = call
        content = msgspec.json.encode(body)
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [*self._headers, (b"content-length", str(len(content)).encode())],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 80),
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        started = time.process_time_ns()
        if planted:
            _spin_until(started + planted)
        await self._server(scope, receive, send)
        took = time.process_time_ns() - started
        answer = msgspec.json.decode(b"".join(m.get("body", b"") for m in sent))
        return answer["statusCode"], took


def _spin_until(instant: int) -> None:
    while time.process_time_ns() < instant:
        pass


@contextmanager
def undisturbed() -> Iterator[None]:
    """No garbage is collected meanwhile, and what is there already is left alone."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def in_random_order(kinds: Sequence[str], rounds: Sequence[int]) -> Iterator[tuple[str, int]]:
    """Each kind once a round; every second round goes the other way round (A B, then B A)."""
    order = list(kinds)
    for n in rounds:
        if n % 2 == 0:
            random.shuffle(order)
        else:
            order.reverse()
        for kind in order:
            yield kind, n


def area_under_curve(ones: Sequence[int], others: Sequence[int]) -> float:
    """The chance that one of `ones` is longer than one of `others` (Mann-Whitney; 0.5: no telling).

    Where there is no difference, its standard error over n pairs is sqrt((2n + 1) / 12) / n.
    """
    ordered = sorted(others)
    wins = sum(bisect_left(ordered, one) + bisect_right(ordered, one) for one in ones)
    return wins / (2 * len(ones) * len(others))
