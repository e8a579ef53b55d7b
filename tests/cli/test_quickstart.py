"""`gatepost quickstart`."""

from __future__ import annotations

import json
import re
import socket
import time
from pathlib import Path

import httpx

from tests.support.commands import Quickstart, run
from tests.support.process import environment

BOUND_SECONDS = 2


def test_what_the_first_start_makes_the_second_finds(tmp_path: Path) -> None:
    env = environment(tmp_path, PORT="0")
    with Quickstart(tmp_path, env) as first:
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d+", first.url)
        secret, password = first.value("app secret"), first.value("password")
        assert httpx.get(f"{first.url}/readyz").json()["status"] == "ready"
        assert httpx.get(first.value("mailbox")).status_code == 200
        assert httpx.get(first.value("API")).status_code == 200
        account = httpx.get(first.value("account"), follow_redirects=True)
        assert account.status_code == 200 and account.url.path == "/login"
        first_url = first.url
        assert first.interrupt() == 0
    with Quickstart(tmp_path, env) as second:
        assert second.value("app id") == first.value("app id")
        assert (second.value("app secret"), second.value("password")) == (secret, password)
        notes = tmp_path / "data" / "quickstart.json"
        assert notes.stat().st_mode & 0o777 == 0o600
        assert json.loads(notes.read_text())["url"] == second.url != first_url
        answer = httpx.post(
            f"{second.url}/api/v3/signin",
            json={
                "connection": "PASSWORD",
                "passwordPayload": {"username": second.value("user"), "password": password},
                "client_id": second.value("app id"),
                "client_secret": secret,
            },
        )
        assert answer.json()["statusCode"] == 200
        port = second.url.rsplit(":", 1)[1]
        beside = run(tmp_path, environment(tmp_path, PORT=port), "quickstart")
        assert beside.refused() == (
            f"cannot listen on 127.0.0.1 port {port}: address already in use"
        )
        assert beside.output == ""
        assert second.interrupt() == 0
        log = second.log_path.read_text()
        assert secret not in log and password not in log and "Traceback" not in log
    for file in (tmp_path / "data").glob("gatepost.db*"):
        file.unlink()
    with Quickstart(tmp_path, env) as third:
        assert third.value("app id") != first.value("app id")


def test_ctrl_c_ends_it_in_time_whatever_connections_there_are(tmp_path: Path) -> None:
    with (
        Quickstart(tmp_path, environment(tmp_path, PORT="0")) as quickstart,
        httpx.Client() as idle,
    ):
        idle.get(f"{quickstart.url}/healthz")
        host, port = quickstart.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as half_sent:
            half_sent.sendall(
                b"POST /api/v3/signin HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"
            )
            idle.get(f"{quickstart.url}/healthz")
            began = time.monotonic()
            assert quickstart.interrupt() == 0
            assert time.monotonic() - began < BOUND_SECONDS
