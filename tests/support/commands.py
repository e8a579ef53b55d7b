"""Commands and quickstarts as people run them: what they print, how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from gatepost.cli import commands

BOUND_SECONDS = 60


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    status: int
    output: str
    error: str

    def refused(self) -> str:
        """The one line of a command that was refused."""
        assert self.status != 0, self.output
        lines = self.error.splitlines()
        assert len(lines) == 1, self.error
        assert lines[0].startswith("gatepost: ")
        return lines[0].removeprefix("gatepost: ")


def run(folder: Path, env: Mapping[str, str], *words: str, stdin: str | bytes = "") -> Ended:
    """Run `gatepost …` to its end, however that is."""
    done = subprocess.run(
        [sys.executable, "-m", "gatepost", *words],
        cwd=folder,
        env=dict(env),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=BOUND_SECONDS,
        check=False,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


def told(env: Mapping[str, str], *words: str, stdin: str = "") -> Any:
    """Run `gatepost …` inside this process, which is quicker; what it prints as JSON."""
    done = CliRunner().invoke(commands, words, input=stdin, env=env, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


class Quickstart:
    """`gatepost quickstart` in a session of its own, as a terminal would start it."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.log_path = folder / "quickstart.log"
        self._log = self.log_path.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gatepost", "quickstart"],
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )
        self.screen = self._read_screen()

    def _read_screen(self) -> str:
        """Everything up to the end of the last sample."""
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line.decode())
            if line.strip() == b"})();":
                return "".join(lines)
        raise AssertionError(f"no quickstart: {self.log_path.read_text()}")

    def value(self, label: str) -> str:
        """What the screen says after a label."""
        line = next(line for line in self.screen.splitlines() if line.strip().startswith(label))
        return line.strip().removeprefix(label).strip()

    @property
    def url(self) -> str:
        """Where the server is."""
        return next(line.split()[4] for line in self.screen.splitlines() if "is running at" in line)

    def interrupt(self) -> int:
        """Press Ctrl-C, which a terminal sends to the whole group; the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(BOUND_SECONDS)

    def __enter__(self) -> Quickstart:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.interrupt()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._log.close()
