"""What all commands share: help, one line for what is wrong, settings from both places."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.support import commands
from tests.support.process import environment

COMMANDS = [
    (),
    ("quickstart",),
    ("serve",),
    ("migrate",),
    ("pool",),
    ("pool", "create"),
    ("pool", "set"),
    ("app",),
    ("app", "create"),
    ("app", "set"),
    ("user",),
    ("user", "create"),
    ("mailbox",),
    ("keys",),
    ("keys", "new"),
    ("keys", "rotate"),
]
NEEDING_SETTINGS = [
    ("quickstart",),
    ("serve",),
    ("migrate",),
    ("pool", "create", "Shop"),
    ("pool", "set", "0" * 24, "language=ja-JP"),
    ("app", "create", "Web", "--pool", "0" * 24),
    ("app", "set", "0" * 24, "lenientClientAuth=true"),
    ("user", "create", "--pool", "0" * 24, "--username", "ann"),
    ("mailbox",),
    ("keys", "rotate"),
]


NOT_UTF8 = os.fsdecode(b"\xff")
GIVEN_OTHER_OCTETS = [
    ("serve", "--port", "0", "--host", NOT_UTF8),
    ("pool", "set", NOT_UTF8, "language=ja-JP"),
    ("pool", "set", "0" * 24, NOT_UTF8),
    ("pool", "set", "0" * 24, f"allowedOrigins={NOT_UTF8}"),
    ("app", "create", "Web", "--pool", NOT_UTF8),
    ("app", "set", NOT_UTF8, "lenientClientAuth=true"),
    ("user", "create", "--pool", NOT_UTF8, "--username", "ann"),
    ("mailbox", "--to", NOT_UTF8),
    ("audit", "list", "--user", NOT_UTF8),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(cli: Cli, command: tuple[str, ...]) -> None:
    for flag in ("--help", "-h"):
        ended = cli(*command, flag)
        assert (ended.status, ended.error) == (0, "")
        assert ended.output.startswith(f"Usage: gatepost {' '.join(command)}".rstrip())
    assert len(ended.output.splitlines()) > 3


def test_a_command_that_is_started_as_a_process(tmp_path: Path) -> None:
    ended = commands.run(tmp_path, environment(tmp_path), "--version")
    assert (ended.status, ended.output) == (0, "gatepost, version 0.1.0\n")
    wrong = commands.run(tmp_path, environment(tmp_path, PORT="http"), "migrate")
    assert wrong.refused() == "GATEPOST_PORT is not a port from 0 to 65535"


@pytest.mark.parametrize("command", GIVEN_OTHER_OCTETS, ids=ascii)
def test_an_argument_that_is_not_utf8_is_one_line(
    cli: Cli, folder: Path, command: tuple[str, ...]
) -> None:
    assert cli(*command, DEV_MAILBOX="1").refused() == "an argument is not UTF-8"
    assert list(folder.iterdir()) == []


def test_so_is_one_from_a_shell(tmp_path: Path) -> None:
    ended = commands.run(tmp_path, environment(tmp_path), "mailbox", "--to", NOT_UTF8)
    assert ended.refused() == "an argument is not UTF-8"


@pytest.mark.parametrize("command", NEEDING_SETTINGS, ids=lambda words: " ".join(words[:2]))
def test_a_wrong_setting_stops_every_command_with_one_line(
    cli: Cli, folder: Path, command: tuple[str, ...]
) -> None:
    assert cli(*command, SMTP_HOST="x").refused() == (
        "GATEPOST_SMTP_HOST is not a setting of Gatepost"
    )
    assert cli(*command, DEV_MAILBOX="maybe").refused() == (
        "GATEPOST_DEV_MAILBOX is neither 1 nor 0"
    )
    (folder / "gatepost.toml").write_text('GATEPOST_LOG_LEVEL = "loud"')
    assert cli(*command).refused().startswith("GATEPOST_LOG_LEVEL is none of debug")
    assert list(folder.iterdir()) == [folder / "gatepost.toml"]


@pytest.mark.parametrize("command", NEEDING_SETTINGS, ids=lambda words: " ".join(words[:2]))
def test_a_folder_that_cannot_be_written_is_one_line(
    cli: Cli, folder: Path, command: tuple[str, ...]
) -> None:
    # Below a regular file nobody can make a folder, whoever they are.
    (folder / "file").write_text("")
    line = cli(*command, DATA_DIR=str(folder / "file" / "data"), DEV_MAILBOX="1").refused()
    assert str(folder / "file" / "data") in line and "not a directory" in line.lower()


def test_a_database_that_is_none_is_one_line(cli: Cli, folder: Path) -> None:
    (folder / "notes.txt").write_text("not a database at all, only some text " * 40)
    line = cli("migrate", DATABASE_URL=f"sqlite:///{folder / 'notes.txt'}").refused()
    assert "notes.txt" in line and "not a database" in line
    line = cli("migrate", DATABASE_URL=f"sqlite:///{folder}").refused()
    assert str(folder) in line


@pytest.mark.parametrize("port", ["1", "port-hunter2"])
def test_a_postgresql_that_is_not_there_is_one_line_without_its_password(
    cli: Cli, port: str
) -> None:
    url = f"postgresql://ann:hunter2@127.0.0.1:{port}/gatepost"
    line = cli("migrate", DATABASE_URL=url).refused()
    assert line.startswith("GATEPOST_DATABASE_URL") and "hunter2" not in line


def test_settings_may_stand_in_a_file_and_the_environment_wins(cli: Cli, folder: Path) -> None:
    (folder / "gatepost.toml").write_text('GATEPOST_DATA_DIR = "one"')
    assert cli("migrate").status == 0
    assert cli("migrate", DATA_DIR="two").status == 0
    assert sorted(path.name for path in folder.iterdir()) == ["gatepost.toml", "one", "two"]


def test_nobody_else_may_read_keys_and_secrets(cli: Cli, folder: Path) -> None:
    assert cli("pool", "create", "Shop").status == 0
    keys = next(folder.rglob("server.keys"))
    assert keys.stat().st_mode & 0o777 == 0o600
    text = keys.read_text().strip()
    assert len(text.partition(":")[2]) == 44


def test_no_environment_leaks_into_these_tests(folder: Path) -> None:
    found = itertools.filterfalse(lambda name: not name.startswith("GATEPOST_"), os.environ)
    assert list(found) == []
