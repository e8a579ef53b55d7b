"""How a server leaves: announced first, then without dropping anybody's request.

Told to stop, it says so at `/readyz` and goes on for as long as a load balancer needs to see
that, asking every client to close its connection. Then it takes in whoever waits at the socket,
stops listening in the same breath, and answers what it has.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket

import uvicorn
from uvicorn.server import ServerState

from gatepost.cli.protocol import BoundedProtocol

_TICK_SECONDS = 0.05


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

    async def main_loop(self) -> None:
        await super().main_loop()
        loop = asyncio.get_running_loop()
        end = loop.time() + self.config.loaded_app.leave()
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

    def _take_in_last(self, listener: socket.socket) -> None:
        """Accept who was let in by the kernel already; whoever comes after is refused by it."""
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        with contextlib.suppress(OSError):  # nobody waits any more
            while True:
                connection, _ = listener.accept()
                connection.setblocking(False)
                task = loop.create_task(self._serve_one(connection))
                self.server_state.tasks.add(task)  # which the farewell waits for
                task.add_done_callback(self.server_state.tasks.discard)
        with contextlib.suppress(OSError):  # another worker of this node was first
            listener.shutdown(socket.SHUT_RD)

    async def _serve_one(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> BoundedProtocol:
        return BoundedProtocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
