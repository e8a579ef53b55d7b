"""The log: one JSON object a line on standard error. Nothing secret is ever handed to it."""

from __future__ import annotations

import asyncio
import atexit
import logging
import sys
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from gatepost.vocabulary.fields import iso

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

FLUSH_SECONDS = 0.05
"""How long a line waits for others at most; one that tells of an error does not."""

BUFFER = 64 * 1024
"""Octets of lines that wait for others at most."""

_STANDARD_ERROR = 2

_encode = msgspec.json.Encoder(enc_hook=str).encode


class Log:
    """Writes lines at or above a level; `clock` gives milliseconds."""

    def __init__(self, clock: Callable[[], int], level: str, stream: BinaryIO | None = None):
        self._clock = clock
        self._threshold = LEVELS[level]
        self._stream = stream or _standard_error()
        self._flushing = False

    def write(self, level: str, event: str, /, **fields: Any) -> None:
        """One line: time, level, event, and the fields that are not None."""
        if LEVELS[level] < self._threshold:
            return
        line: dict[str, Any] = {"time": iso(self._clock()), "level": level, "event": event}
        line |= {name: value for name, value in fields.items() if value is not None}
        self._stream.write(_encode(line) + b"\n")
        if level == "error":
            self._stream.flush()
        elif not self._flushing:
            self._flush_soon()

    def _flush_soon(self) -> None:
        """Hand lines over many at once: each time is a call of the system."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._stream.flush()
        else:
            self._flushing = True
            loop.call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Hand over what waits: a process may end without another turn of the loop."""
        self._flushing = False
        self._stream.flush()

    def defect(self, event: str, error: BaseException, /, **fields: Any) -> None:
        """A mistake of ours, with the lines of code it went through but none of the values.

        An exception's own text may carry what a client sent, so only its type is told.
        """
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        places = [f"{frame.name}:{frame.lineno}" for frame in frames]
        self.write("error", event, error=type(error).__name__, at=places, **fields)

    def adopt_logging(self) -> None:
        """Have what libraries log come out in the same form."""
        handler = _Handler(self)
        logging.basicConfig(handlers=[handler], level=max(self._threshold, 30), force=True)


def _standard_error() -> BinaryIO:
    """Standard error with a buffer, whatever PYTHONUNBUFFERED says of Python's own."""
    try:
        number = sys.stderr.fileno()
    except (OSError, ValueError):
        number = -1
    if number != _STANDARD_ERROR:  # something else stands in its place, and may be closed some day
        return sys.stderr.buffer
    stream = open(number, "wb", buffering=BUFFER, closefd=False)  # noqa: SIM115
    atexit.register(stream.flush)
    return stream


class _Handler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname.lower()
        known = level if level in LEVELS else "error"
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            self._log.defect(record.name, error)
        else:
            self._log.write(known, record.name, message=record.getMessage())
