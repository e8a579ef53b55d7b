"""PgBouncer before a PostgreSQL server, in transaction mode."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.support.machine import require
from tests.support.waiting import eventually

SERVER_CONNECTIONS = 3


@contextmanager
def pgbouncer(folder: Path, url: str) -> Iterator[str]:
    """Run it until the end; yields the URL of the same database through it.

    All clients together get so few connections that transactions must change places.
    """
    parts = urlsplit(url)
    socket_folder = parse_qs(parts.query)["host"][0]
    port = free_port()
    with running(folder, _config(socket_folder, port), port, socket_folder):
        yield f"postgresql://postgres@127.0.0.1:{port}{parts.path}"


@contextmanager
def running(folder: Path, config: str, port: int, socket_folder: str) -> Iterator[None]:
    """Run it with these settings until the end, as whoever the socket of PostgreSQL belongs to."""
    program = require("pgbouncer")
    file = folder / "pgbouncer.ini"
    file.write_text(config)
    owner = pwd.getpwuid(os.stat(socket_folder).st_uid).pw_name
    as_owner = ["-u", owner] if os.geteuid() == 0 else []
    path = folder / "pgbouncer.log"
    with path.open("wb") as log:
        command = [program, *as_owner, str(file)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            eventually(lambda: _listens(port) or process.poll() is not None, 20)
            assert process.poll() is None, path.read_text()
            yield
        finally:
            process.terminate()
            process.wait(20)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def _config(socket_folder: str, port: int) -> str:
    return f"""
[databases]
* = host={socket_folder} port=5432 user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {SERVER_CONNECTIONS}
max_client_conn = 200
"""


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
