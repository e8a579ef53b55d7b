"""The processes of one node, which tell each other their figures.

A scrape reaches whichever process takes the connection. So that it never gets the figures of
one as those of all, that process asks the others over sockets in a folder that only this user
may enter. Each holds a number while it lives; one that replaces a dead process takes over its
number, and the counters under it begin anew, which Prometheus knows how to read.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from gatepost.tally import Family

Families = list[Family]

ANSWER_SECONDS = 1.0
LARGEST_ANSWER = 4 * 1024 * 1024

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Families).decode


class Workers:
    """How this process reaches the others; without a folder it is alone."""

    def __init__(self, folder: Path | None = None, count: int = 1) -> None:
        self._folder = folder
        self.count = count
        self._number = 0

    @asynccontextmanager
    async def joined(self, figures: Callable[[], Families]) -> AsyncIterator[None]:
        """Answer the others while this process runs."""
        if self._folder is None:
            yield
            return

        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(_encode(figures()))
            with contextlib.suppress(OSError):
                await writer.drain()
            writer.close()

        lock = self._take_number(self._folder)
        path = self._folder / f"{self._number}.sock"
        path.unlink(missing_ok=True)  # of a dead process whose number this is now
        server = await asyncio.start_unix_server(answer, path)
        try:
            yield
        finally:
            server.close()
            path.unlink(missing_ok=True)
            os.close(lock)

    async def figures(self, own: Families) -> dict[int, Families]:
        """The figures of every process that answers, by its number."""
        others = {} if self._folder is None else await self._asked(self._folder)
        return others | {self._number: own}

    def _take_number(self, folder: Path) -> int:
        """Hold the first number that no living process has, until the descriptor is closed."""
        for number in range(2 * self.count):  # a dying one may still hold its own
            lock = os.open(folder / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                self._number = number
                return lock
        raise RuntimeError("more processes than numbers")

    async def _asked(self, folder: Path) -> dict[int, Families]:
        paths = self._others(folder)
        answers = await asyncio.gather(*(_ask(path) for path in paths))
        return {
            int(path.stem): answer
            for path, answer in zip(paths, answers, strict=True)
            if answer is not None
        }

    def _others(self, folder: Path) -> list[Path]:
        return [path for path in folder.glob("*.sock") if path.stem != str(self._number)]


async def _ask(path: Path) -> Families | None:
    """The figures of one other process; None where it is dead or too slow."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path, limit=LARGEST_ANSWER)
            try:
                return _decode(await reader.read(-1))
            finally:
                writer.close()
    except (OSError, TimeoutError, msgspec.DecodeError):
        return None
