"""A wire between servers and their database that can be cut at the worst moment."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal

Cut = Literal["before", "after"]


class Proxy:
    """Passes connections on to a port of this machine.

    `cut_at_commit("before")` loses the next COMMIT, `("after")` loses the answer to it; in the
    first case the database never hears of it, in the second the transaction is committed. With
    `naming`, it is the COMMIT of the next transaction that sends these bytes.
    While `silent`, bytes are kept, as by a network that swallows them.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._cuts: list[tuple[Cut, bytes]] = []
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()
        self.cut = 0
        self.port = 0

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._flowing.set()
        self.cut_all()
        if self._passing:
            await asyncio.wait(self._passing)

    def cut_at_commit(self, cut: Cut, naming: bytes = b"") -> None:
        """Cut the connection on which the next COMMIT is sent, or the next after these bytes."""
        self._cuts.append((cut, naming))

    def cut_all(self) -> None:
        """End every connection."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    def silent(self, yes: bool) -> None:
        """Swallow everything, or go on."""
        self._flowing.clear() if yes else self._flowing.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        for task in (
            asyncio.create_task(self._pass(reader, far_writer, writer, to_database=True)),
            asyncio.create_task(self._pass(far_reader, writer, far_writer, to_database=False)),
        ):
            self._passing.add(task)
            task.add_done_callback(self._passing.discard)

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        back: asyncio.StreamWriter,
        *,
        to_database: bool,
    ) -> None:
        transaction = b""
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await self._flowing.wait()
                if to_database:
                    transaction = data if b"BEGIN" in data else transaction + data
                    if b"COMMIT\0" in data and self._cuts and self._cuts[0][1] in transaction:
                        await self._cut(self._cuts.pop(0)[0], data, writer, back)
                        return
                writer.write(data)
                await writer.drain()
        for end in (writer, back):
            self._writers.discard(end)
            end.close()

    async def _cut(
        self, cut: Cut, data: bytes, writer: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        back.transport.abort()
        if cut == "after":
            writer.write(data)
            with contextlib.suppress(OSError):
                await writer.drain()
            writer.close()  # in order: what was written arrives
        else:
            writer.transport.abort()
        self._writers -= {writer, back}
        self.cut += 1
