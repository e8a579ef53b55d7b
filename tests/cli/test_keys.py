"""`gatepost keys`, and how a running server takes up other keys."""

from __future__ import annotations

import secrets
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from gatepost.server_keys import generate
from tests.cli.conftest import Cli
from tests.support.caller import Shop
from tests.support.commands import told as told_here
from tests.support.process import ServerProcess, environment
from tests.support.waiting import eventually

YEAR = 365 * 86_400


def new_key() -> str:
    return generate(secrets.token_bytes)


def id_of(key: str) -> str:
    return key.partition(":")[0]


def test_a_new_key_is_one_that_is_read(cli: Cli) -> None:
    made = cli("keys", "new").output.strip()
    assert cli("pool", "create", "Shop", SERVER_KEYS=made).status == 0
    assert cli("keys", "new").output.strip() != made


def test_keys_must_fit_the_database(cli: Cli) -> None:
    old, new = new_key(), new_key()
    assert cli("pool", "create", "Shop", SERVER_KEYS=old).status == 0

    def refused(*keys: str, words: tuple[str, ...] = ("pool", "create", "Shop")) -> str:
        return cli(*words, SERVER_KEYS=",".join(keys)).refused()

    assert refused(new, old).startswith(f"server key {id_of(new)} is new to the database")
    missing = f"server key {id_of(old)} is missing, and the database needs it"
    assert refused(new) == missing
    assert refused(new, words=("keys", "rotate")) == missing
    other = f"{id_of(old)}:{new.partition(':')[2]}"
    not_it = f"server key {id_of(old)} is not the one the database was used with"
    assert refused(other) == not_it
    assert refused(other, words=("keys", "rotate")) == not_it
    assert cli("pool", "create", "Shop", SERVER_KEYS=f"{old},{new}").status == 0


def test_a_rotation_that_nobody_else_takes_part_in(cli: Cli, told: Callable[..., Any]) -> None:
    old, new = new_key(), new_key()
    assert cli("pool", "create", "Shop", SERVER_KEYS=old).status == 0
    both = {"SERVER_KEYS": f"{new},{old}"}
    first = told("keys", "rotate", **both)
    assert first == {"first": id_of(new), "resealed": 1, "free": [], "needed": [id_of(old)]}
    second = told("keys", "rotate", **both)
    assert second == {"first": id_of(new), "resealed": 0, "free": [id_of(old)], "needed": []}
    assert cli("pool", "create", "Shop", SERVER_KEYS=new).status == 0


def test_an_old_signing_key_checks_as_long_as_any_app_has_tokens(
    cli: Cli, told: Callable[..., Any], folder: Path
) -> None:
    pool = told("pool", "create", "Shop", "--json")["userPoolId"]
    for lifetime in (600, 9 * YEAR):
        app = told("app", "create", "Web", "--pool", pool, "--json")["appId"]
        told("app", "set", app, f"access_token_expires_in={lifetime}")
    told("keys", "rotate", "--signing")
    told("keys", "rotate", "--signing")
    with sqlite3.connect(folder / "gatepost-data" / "gatepost.db") as database:
        rows = database.execute(
            "SELECT published_until FROM signing_keys WHERE purpose = 'sign'"
            " ORDER BY published_until"
        ).fetchall()
    database.close()
    assert rows[0] == (None,) and len(rows) == 3
    assert rows[1][0] >= (time.time() + 9 * YEAR) * 1000


class Server:
    """A server with its key file, and how it is told to read that again."""

    def __init__(self, process: ServerProcess, key_file: Path) -> None:
        self.process, self.key_file, self.url = process, key_file, process.url

    def hangup(self, *keys: str, event: str = "server keys read again", times: int = 1) -> None:
        """Write keys into the file, send SIGHUP, and wait for the word on it in the log."""
        before = self.process.log().count(f'"event":"{event}"')
        self.key_file.write_text("\n".join(keys) + "\n")
        self.process.process.send_signal(signal.SIGHUP)
        eventually(lambda: self.process.log().count(f'"event":"{event}"') >= before + times)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_server_key_changes_under_a_running_server(tmp_path: Path, workers: int) -> None:
    env = environment(tmp_path, DEV_MAILBOX="1")
    shop = Shop.opened(env)
    key_file = tmp_path / "data" / "server.keys"
    old, new = key_file.read_text().strip(), new_key()
    with ServerProcess(tmp_path, env, "--workers", str(workers)) as process:
        eventually(lambda: process.log().count('"event":"serving"') == workers, 30)
        server = Server(process, key_file)
        token = shop.token(server.url)
        code = shop.code(server.url, "ann@example.com", token)

        server.hangup(new, event="server keys not read again", times=workers)
        server.hangup(new, old, event="server keys not read again", times=workers)
        server.hangup(old, new, times=workers)
        key_file.write_text(f"{new}\n{old}\n")
        assert told_here(env, "keys", "rotate")["needed"] == [id_of(old)]
        server.hangup(new, old, times=workers)
        # The code that is on its way derives from the old key, and is good to its end.
        assert told_here(env, "keys", "rotate")["free"] == []
        assert shop.bind(server.url, "ann@example.com", code, token)["statusCode"] == 200

        assert told_here(env, "keys", "rotate")["free"] == [id_of(old)]
        server.hangup(new, times=workers)
        assert httpx.get(f"{server.url}/readyz").json()["status"] == "ready"
        assert shop.sign_in(server.url)["statusCode"] == 200
        assert shop.code(server.url, "late@example.com", "") != ""
        assert process.stop() == 0
        log = process.log()
    assert new.partition(":")[2] not in log and old.partition(":")[2] not in log
