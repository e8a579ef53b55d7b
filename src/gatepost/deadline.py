"""Until when whoever called still waits for an answer.

What waits on the way to an answer, for a turn, a lock or a connection, has a limit of its own. An
endpoint that does several such things one after the other would add them up: so none of them
waits for longer than is left of one time for the whole request.
"""

from __future__ import annotations

import math
import time
from contextvars import ContextVar

ANSWER_SECONDS = 4.5
"""So that even who is turned away has an answer within 5 seconds."""

_end: ContextVar[float] = ContextVar("deadline", default=math.inf)


class scope:  # in lower case, as it reads: `with deadline.scope():`
    """A request: the deadline that begins in it ends with it."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = _end.set(math.inf)

    def __exit__(self, *_error: object) -> None:
        _end.reset(self._token)


def begin(seconds: float) -> None:
    """From now on, until the scope ends, everything together may take so long."""
    _end.set(time.monotonic() + seconds)


def at_most(seconds: float) -> float:
    """So many seconds, or what is left until the deadline: 0 or less when that is over."""
    return min(seconds, _end.get() - time.monotonic())
