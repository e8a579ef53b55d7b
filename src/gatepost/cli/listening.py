"""The socket that a server listens on, and uvicorn on top of it."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from gatepost.settings import SettingError, Settings

BACKLOG = 2048


def listen(settings: Settings) -> socket.socket:
    """A bound socket. Raises SettingError where the port is taken or the address is not ours."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)  # from here on callers wait instead of being turned away
    except OSError as error:
        listener.close()
        reason = (error.strerror or str(error)).lower()
        raise SettingError(
            f"cannot listen on {settings.host} port {settings.port}: {reason}"
        ) from None
    listener.set_inheritable(True)
    return listener


def run(app: Any, listener: socket.socket, *, workers: int, farewell_seconds: int) -> None:
    """Serve until told to stop; then let requests under way end, for a while.

    `app` is an application, or where there are several workers the name of what makes one.
    Raises SystemExit where the application could not start.
    """
    config = uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        http="httptools",
        ws="none",
        loop="uvloop",
        lifespan="on",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=farewell_seconds,
    )
    server = uvicorn.Server(config)
    try:
        if workers > 1:
            Multiprocess(config, sockets=[listener]).run()
        else:
            server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass  # uvicorn has stopped in order, and tells of the signal only afterwards
    if workers == 1 and not server.started:
        raise SystemExit(3)
