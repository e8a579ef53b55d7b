"""When a call is worth another try, and after how long.

Another try is made only where the step cannot be done twice by it: nothing was sent yet, the
server said that it did nothing (HTTP 429, or a limit that says how long it lasts), or the call is
one that may be repeated. It begins before the timeout has passed since the first, or not at all:
so a server that says to come back in a minute is not waited for, its refusal says how long.
"""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2

from gatepost_client.answers import Answer
from gatepost_client.calls import Call
from gatepost_client.errors import ConnectionFailed, TimedOut
from gatepost_client.options import Options

PAUSE_SECONDS = 0.1
"""The first pause is up to twice this long, and each one after it up to twice the one before."""

PASSING = frozenset({502, 503, 504})
"""HTTP statuses that mean a gateway's or server's bad moment; the step may have been done."""

Failure = httpx2.RequestError | OSError
"""What the HTTP library raises. Of some failures of TLS it lets the system's own word through."""

UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)

_chance = random.SystemRandom().random


class Tries:
    """The tries that one call has."""

    def __init__(
        self,
        call: Call[Any],
        options: Options,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = _chance,
    ) -> None:
        self._repeatable = call.repeatable
        self._left = options.retries
        self._clock, self._chance = clock, chance
        self._until = clock() + options.timeout
        self._pause = PAUSE_SECONDS

    def after_failure(self, error: Failure) -> float:
        """Seconds to wait before the next try. Raises ConnectionFailed if there is none."""
        sent = not isinstance(error, UNSENT)
        pause = None
        if (self._repeatable or not sent) and not _untrusted(error):
            pause = self._next(0)
        if pause is None:
            kind = TimedOut if isinstance(error, httpx2.TimeoutException) else ConnectionFailed
            raise kind(_problem(error), sent) from None
        return pause

    def after_answer(self, answer: Answer[Any]) -> float | None:
        """Seconds to wait before the next try; None if this answer is the one to give."""
        if answer.ok:
            return None
        undone = answer.http_status == 429 or (answer.status_code == 429 and answer.retry_after)
        if undone or (self._repeatable and answer.http_status in PASSING):
            return self._next(answer.retry_after or 0)
        return None

    def _next(self, least: float) -> float | None:
        if self._left == 0:
            return None
        self._pause *= 2
        pause = least + self._pause * self._chance()
        if self._clock() + pause >= self._until:
            return None
        self._left -= 1
        return pause


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _untrusted(error: Failure) -> bool:
    """Whether the other side is not who it should be: another try would find the same."""
    return any(isinstance(each, ssl.SSLCertVerificationError) for each in _chain(error))


def _problem(error: Failure) -> str:
    """What happened, in words that hold nothing of the request."""
    if isinstance(error, httpx2.LocalProtocolError):
        return "the request could not be written"
    return str(error) or type(error).__name__
