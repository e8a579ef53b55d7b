"""Real server processes and real commands, as people start them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FAREWELL_SECONDS = 15


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """An environment with these settings (names without GATEPOST_) and no others."""
    base = {name: value for name, value in os.environ.items() if not name.startswith("GATEPOST_")}
    base |= {f"GATEPOST_{name}": value for name, value in settings.items()}
    base.setdefault("GATEPOST_DATA_DIR", str(folder / "data"))
    return base


def command(folder: Path, env: Mapping[str, str], *words: str, stdin: str = "") -> Any:
    """Run `gatepost …` and answer with what it prints as JSON (or as text, if it is none)."""
    done = subprocess.run(
        [sys.executable, "-m", "gatepost", *words],
        cwd=folder,
        env=dict(env),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"gatepost {words[0]} ended with {done.returncode}: {done.stderr}")
    try:
        return json.loads(done.stdout)
    except ValueError:
        return done.stdout


class ServerProcess:
    """`gatepost serve` on a free port of the loopback interface."""

    def __init__(self, folder: Path, env: Mapping[str, str], *words: str) -> None:
        self.folder = folder
        self.log_path = folder / f"server-{id(self)}.log"
        self._log = self.log_path.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gatepost", "serve", "--port", "0", *words],
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self.metrics_url = ""
        self.url = self._announced()

    def _announced(self) -> str:
        """The URL that the server says it listens on; connections wait from then on."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            words = line.decode().split()
            if words[:2] == ["Metrics", "at"]:
                self.metrics_url = words[2]
            if words[:3] == ["Gatepost", "listens", "on"]:
                return words[3].rstrip(",")
        raise AssertionError(f"the server did not start: {self.log()}")

    def log(self) -> str:
        """What the server wrote so far."""
        return self.log_path.read_text()

    def kill(self) -> None:
        """End it without a warning, as a power cut would."""
        self.process.kill()
        self.process.wait(FAREWELL_SECONDS)
        self._close()

    def stop(self) -> int:
        """Ask it to stop; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._close()
        return status

    def _close(self) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._log.close()

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()
