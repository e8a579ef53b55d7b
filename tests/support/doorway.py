"""A door on loopback before a PostgreSQL server, which a test can shut and open again."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import parse_qs, urlsplit


class Doorway:
    """Passes connections on to the server of a URL, until it is shut."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        folder = parse_qs(self._parts.query).get("host")
        self._socket = f"{folder[0]}/.s.PGSQL.5432" if folder else None
        self._port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> str:
        """Let connections through; the URL of the door, the same each time."""
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        user = self._parts.username or "postgres"
        return f"postgresql://{user}@127.0.0.1:{self._port}{self._parts.path}"

    async def shut(self) -> None:
        """Cut every connection and take no more."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        inner_reader, inner_writer = await self._behind()
        try:
            await asyncio.wait(
                [
                    asyncio.create_task(_pump(reader, inner_writer)),
                    asyncio.create_task(_pump(inner_reader, writer)),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            for side in (writer, inner_writer):
                side.transport.abort()

    async def _behind(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._socket:
            return await asyncio.open_unix_connection(self._socket)
        return await asyncio.open_connection(self._parts.hostname, self._parts.port or 5432)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while octets := await reader.read(65_536):
            writer.write(octets)
            await writer.drain()
