"""The socket that a server listens on, and uvicorn on top of it."""

from __future__ import annotations

import os
import signal
import socket
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess, multiprocess

from gatepost.cli.leaving import LeavingServer
from gatepost.cli.protocol import BoundedProtocol
from gatepost.settings import SettingError, Settings

BACKLOG = 2048

KEPT_SECONDS = 75
"""For how long a connection may be idle: longer than balancers keep theirs, which is 60 seconds at
most as they come. Who ends one just when the other uses it again loses that request."""

SLOWEST_START_SECONDS = 9
"""A worker that has said nothing for so long is started anew. Its start counts as well."""


def listen(settings: Settings) -> socket.socket:
    """A bound socket. Raises SettingError where the port is taken or the address is not ours."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)  # from here on callers wait instead of being turned away
    except (OSError, UnicodeError) as error:
        listener.close()
        reason = (getattr(error, "strerror", None) or "no such address").lower()
        raise SettingError(
            f"cannot listen on {settings.host} port {settings.port}: {reason}"
        ) from None
    listener.set_inheritable(True)
    return listener


def leave_in_order() -> None:
    """From here on Ctrl-C and SIGTERM end this process with status 0.

    uvicorn stops in order by itself and then raises the signal again, which would else end
    the process by it.
    """

    def leave(_signal: int, _frame: object) -> None:
        LeavingServer.told_early = True
        raise SystemExit(0)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)


class _Worker(multiprocess.Process):
    """One worker process, as its parent sees it."""

    @property
    def server(self) -> uvicorn.Server:
        if self._server is None:
            self._server = LeavingServer(self.config)
        return self._server


class _Workers(Multiprocess):
    """Worker processes and the parent that watches them."""

    def terminate_all(self) -> None:
        """Have every worker leave. Held open here, the socket would let in who is never served."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()

    def handle_hup(self) -> None:
        """Have every worker read the server keys again, instead of starting all of them anew."""
        for process in self.processes:
            if process.pid is not None and process.exitcode is None:
                os.kill(process.pid, signal.SIGHUP)

    @property
    def failed(self) -> bool:
        """Whether a worker could not start."""
        return any(process.exitcode == STARTUP_FAILURE for process in self.processes)


def run(app: Any, listener: socket.socket, *, workers: int, farewell_seconds: float) -> None:
    """Serve until told to stop; then let requests under way end, for a while.

    `app` is an application, or where there are several workers the name of what makes one.
    Raises SystemExit where the application could not start.
    """
    config = uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        http=BoundedProtocol,
        ws="none",
        loop="uvloop",
        lifespan="on",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEPT_SECONDS,
        timeout_graceful_shutdown=farewell_seconds,  # type: ignore[arg-type]  # any number does
        timeout_worker_healthcheck=SLOWEST_START_SECONDS,
    )
    if workers == 1:
        LeavingServer(config).run(sockets=[listener])
        return
    # uvicorn has no other way to say what its workers run.
    multiprocess.Process = _Worker  # type: ignore[misc]
    supervisor = _Workers(config, sockets=[listener])
    if LeavingServer.told_early:
        raise SystemExit(0)
    supervisor.run()
    if supervisor.failed:
        raise SystemExit(STARTUP_FAILURE)
