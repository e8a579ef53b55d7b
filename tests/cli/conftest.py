"""Commands run inside the test's process, in a folder of their own."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gatepost.cli import main
from tests.support.commands import Ended

Cli = Callable[..., Ended]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that commands are started in, with no settings from outside."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GATEPOST_")]:
        monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def cli(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Run `gatepost …` to its end; settings by name, without GATEPOST_."""

    def run(*words: str, stdin: str = "", **settings: str) -> Ended:
        with monkeypatch.context() as context:
            for name, value in settings.items():
                context.setenv(f"GATEPOST_{name}", value)
            context.setattr("sys.stdin", io.StringIO(stdin))
            capfd.readouterr()
            status = _status(words)
            return Ended(status, *capfd.readouterr())

    return run


def _status(words: tuple[str, ...]) -> int:
    try:
        main(words)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def told(cli: Cli) -> Callable[..., Any]:
    """What a command that goes well prints as JSON."""

    def run(*words: str, stdin: str = "", **settings: str) -> Any:
        ended = cli(*words, stdin=stdin, **settings)
        assert (ended.status, ended.error) == (0, "")
        return json.loads(ended.output)

    return run
