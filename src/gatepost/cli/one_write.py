"""A transport that sends the head of an answer together with its body."""

from __future__ import annotations

import asyncio
from typing import Any


class OneWrite:
    """A transport under uvicorn, which writes a head and a body one after the other.

    Each write is a call of the system, and wakes the client: the head waits for what follows it
    in the same turn of the loop, and goes alone if nothing does.
    """

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        """Send octets, soon if they are a head, else at once."""
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(b"HTTP/1.1 ") and data.endswith(b"\r\n\r\n"):
            self._head = data
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def close(self) -> None:
        """Send what waits, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            self._transport.write(self._head)
            self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
