"""The server under test: `gatepost serve`, started as anybody starts it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from bench.world.foundation import PUBLIC_URL, Foundation

START_SECONDS = 60
ONE_TRY_SECONDS = 10
FAREWELL_SECONDS = 20


class Server:
    """`gatepost serve`, behind a reverse proxy that names every client's address.

    `seconds_to_answer` is from the start of the command to the first answer.
    """

    def __init__(
        self, foundation: Foundation, database_url: str, folder: Path, smtp_port: int, workers: int
    ) -> None:
        self.port = _free_port()
        self._log = (folder / "server.log").open("ab")
        settings = {
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "PUBLIC_URL": PUBLIC_URL,
            "SERVER_KEYS": foundation.server_keys,
            "SMTP_URL": f"smtp://127.0.0.1:{smtp_port}?starttls=never",
            "TRUSTED_PROXIES": "127.0.0.1",
        }
        others = {k: v for k, v in os.environ.items() if not k.startswith("GATEPOST_")}
        started = time.perf_counter()
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "gatepost", "serve",
                "--port", str(self.port), "--workers", str(workers),
            ],
            cwd=folder,
            env=others | {f"GATEPOST_{name}": value for name, value in settings.items()},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )  # fmt: skip
        self.seconds_to_answer = self._first_answer(started) - started

    @property
    def pid(self) -> int:
        """The server's first process."""
        return self._process.pid

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            status = self._process.wait(FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._log.close()
        if status != 0 and kind is None:
            raise RuntimeError(f"the server ended with status {status}")

    def _first_answer(self, started: float) -> float:
        while time.perf_counter() < started + START_SECONDS:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server did not start; see {self._log.name}")
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ONE_TRY_SECONDS)
            try:
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return time.perf_counter()
            except (ConnectionError, TimeoutError):
                time.sleep(0.002)
            finally:
                connection.close()
        raise RuntimeError("the server does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
