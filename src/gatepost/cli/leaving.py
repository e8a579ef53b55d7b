"""How a server leaves: announced first, then without dropping anybody's request.

Told to stop, it says so at `/readyz` and goes on for as long as a load balancer needs to see
that, asking every client to close its connection. Then it takes in whoever waits at the socket,
stops listening in the same breath, and answers what it has.

Workers share one socket, and none of them knows whether the others leave as well: each only lets
go of it. It is shut when the last has, and so has their parent, which would start others.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket

import uvicorn
from uvicorn.server import ServerState

from gatepost.cli.protocol import BoundedProtocol

_TICK_SECONDS = 0.05

PARENT_SECONDS = 1.0
"""How long a worker goes on at least. Where all of them and their parent are told to stop at the
same time, as systemd does, the parent looks up only after half a second: until then it would hold
the socket open for callers whom nobody serves."""


class LeavingState(ServerState):
    """What all connections of a server know: whether it is about to leave."""

    leaving = False


class LeavingServer(uvicorn.Server):
    """uvicorn's server, which by itself would drop connections that nobody has read from yet."""

    told_early = False
    """A signal came before uvicorn took them. SystemExit is not enough: what is raised inside
    a callback of the garbage collector is lost."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.server_state: LeavingState = LeavingState()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if LeavingServer.told_early:
            raise SystemExit(0)
        await super().startup(sockets)
        if self.started:
            _settle()

    async def main_loop(self) -> None:
        await super().main_loop()
        loop = asyncio.get_running_loop()
        seconds = self.config.loaded_app.leave()
        end = loop.time() + (max(seconds, PARENT_SECONDS) if self._has_siblings else seconds)
        self.server_state.leaving = True
        for connection in self.server_state.connections:
            if isinstance(connection, BoundedProtocol):
                connection.close_after_answer()
        while loop.time() < end and not self.force_exit:
            await self.on_tick(0)
            await asyncio.sleep(_TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listener in sockets or []:
            self._take_in_last(listener)
        await super().shutdown(sockets)

    @property
    def _has_siblings(self) -> bool:
        return self.config.workers > 1

    def _take_in_last(self, listener: socket.socket) -> None:
        """Accept who was let in by the kernel already; whoever comes after is refused by it, or
        served by a sibling."""
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        with contextlib.suppress(OSError):  # nobody waits any more
            while True:
                connection, _ = listener.accept()
                connection.setblocking(False)
                task = loop.create_task(self._serve_one(connection))
                self.server_state.tasks.add(task)  # which the farewell waits for
                task.add_done_callback(self.server_state.tasks.discard)
        if not self._has_siblings:  # for whom it would be shut as well, and for good
            listener.shutdown(socket.SHUT_RD)

    async def _serve_one(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> BoundedProtocol:
        return BoundedProtocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


def _settle() -> None:
    """Look for garbage less often, and not among what is there from the start.

    What requests leave behind is freed by counting references. Cycles are few, and a search for
    them goes through everything that many requests at once hold.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
