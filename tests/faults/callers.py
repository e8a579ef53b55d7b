"""Callers who cost little: so many at once, or so many a second whatever the server does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST_SECONDS = 30
TICK_SECONDS = 0.01


@dataclass
class Told:
    """What callers were told."""

    done: int = 0
    busy: int = 0
    wrong: list[str] = field(default_factory=list)
    longest: float = 0.0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """How many calls a second were done."""
        return self.done / self.seconds


class Callers:
    """They make one request after the other, each as octets that are ready."""

    def __init__(self, url: str, requests: Iterator[bytes]) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._host, self._port = host, int(port)
        self._requests = requests
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._told = Told()

    async def at_once(self, count: int, seconds: float) -> Told:
        """So many callers, each of whom calls again when answered: the highest rate there is."""
        self._told, began = Told(), time.monotonic()

        async def calls() -> None:
            while time.monotonic() - began < seconds:
                await self._call()

        await asyncio.gather(*(calls() for _ in range(count)))
        return self._ended(began)

    async def every_second(self, rate: float, seconds: float, most: int | None = None) -> Told:
        """So many calls a second, even if those before are not answered yet.

        With `most`, calls are left out while so many wait: a machine that has become slower
        is not to be flooded.
        """
        self._told, began = Told(), time.monotonic()
        calls: set[asyncio.Task[None]] = set()
        made = 0
        while (passed := time.monotonic() - began) < seconds:
            for _ in range(int(passed * rate) - made):
                made += 1
                if most is not None and len(calls) >= most:
                    continue
                call = asyncio.create_task(self._call())
                calls.add(call)
                call.add_done_callback(calls.discard)
            await asyncio.sleep(TICK_SECONDS)
        if calls:
            await asyncio.wait(set(calls))
        return self._ended(began)

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()

    def _ended(self, began: float) -> Told:
        self._told.seconds = time.monotonic() - began
        return self._told

    async def _call(self) -> None:
        began, told = time.monotonic(), self._told
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                status, head, body = await self._answer(next(self._requests))
        except (OSError, EOFError, TimeoutError) as error:
            told.wrong.append(repr(error))
            return
        finally:
            told.longest = max(told.longest, time.monotonic() - began)
        if status == b"200" and b'"statusCode":200' in body:
            told.done += 1
        elif status == b"503" and b"retry-after: " in head:
            told.busy += 1
        else:
            told.wrong.append(f"{head[:100]!r} {body[:200]!r}")

    async def _answer(self, request: bytes) -> tuple[bytes, bytes, bytes]:
        reader, writer = await self._connection()
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            _, _, rest = head.partition(b"content-length: ")
            body = await reader.readexactly(int(rest.partition(b"\r\n")[0]))
        except BaseException:
            writer.close()
            raise
        self._idle.append((reader, writer))
        return head[9:12], head, body

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()  # the server does not keep what is idle
        return await asyncio.open_connection(self._host, self._port)


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as octets."""
    words = {"host": "gatepost", "content-type": "application/json"} | headers
    words["content-length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in words.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
