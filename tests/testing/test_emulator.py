"""`gatepost emulator`: what it says, when it ends, and that nothing of it lasts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gatepost.testing import Emulator, Gatepost
from gatepost_client import AuthenticationClient
from tests.support.waiting import eventually

BOUND_SECONDS = 60
COMMAND = [sys.executable, "-m", "gatepost", "emulator"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where emulators make their temporary folders."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")
    return tmp_path


Started = subprocess.Popen[str]


def started(*words: str, stdin: int = subprocess.PIPE) -> Started:
    return subprocess.Popen([*COMMAND, *words], stdin=stdin, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def running(folder: Path) -> Iterator[Started]:
    """An emulator started by hand, and ended at the latest after the test."""
    with started("--json") as process:
        yield process
        if process.poll() is None:
            process.kill()


def announcement(process: Started) -> dict[str, Any]:
    assert process.stdout is not None
    announced: dict[str, Any] = json.loads(process.stdout.readline())
    return announced


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("gatepost-emulator-*")]


def test_one_line_says_all_that_a_test_needs(running: Started, folder: Path) -> None:
    ready = announcement(running)
    assert set(ready) == {
        "host",
        "appId",
        "appSecret",
        "userPoolId",
        "user",
        "password",
        "mailboxUrl",
        "controlUrl",
        "controlSecret",
    }
    answer = httpx.post(
        f"{ready['host']}/api/v3/signin",
        json={
            "connection": "PASSWORD",
            "passwordPayload": {"username": ready["user"], "password": ready["password"]},
            "client_id": ready["appId"],
            "client_secret": ready["appSecret"],
        },
        headers={"x-genauth-app-id": ready["appId"]},
    ).json()
    assert answer["statusCode"] == 200, answer
    assert httpx.get(f"{ready['mailboxUrl']}.json").json() == []
    assert len(left_in(folder)) == 1


def test_it_ends_when_its_standard_input_closes_and_leaves_nothing(
    running: Started, folder: Path
) -> None:
    announcement(running)
    assert running.stdin is not None
    running.stdin.close()
    assert running.wait(BOUND_SECONDS) == 0
    assert left_in(folder) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_to_and_leaves_nothing(
    running: Started, folder: Path, number: int
) -> None:
    announcement(running)
    running.send_signal(number)
    assert running.wait(BOUND_SECONDS) == 0
    assert left_in(folder) == []


def test_a_service_without_a_pipe_runs_on_until_it_is_told(folder: Path) -> None:
    with started("--json", stdin=subprocess.DEVNULL) as process:
        ready = announcement(process)
        assert httpx.get(f"{ready['host']}/healthz").status_code == 200
        process.terminate()
        assert process.wait(BOUND_SECONDS) == 0


def test_without_json_it_prints_variables_that_a_shell_reads(folder: Path) -> None:
    with started() as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(9)]
        (folder / "variables").write_text("".join(lines))
        read = ["env", "-i", "sh", "-euac", '. "$0"; env', str(folder / "variables")]
        done = subprocess.run(read, capture_output=True, text=True, check=True)
        found = dict(line.split("=", 1) for line in done.stdout.splitlines())
        assert {line.partition("=")[0] for line in lines} <= found.keys()
        with AuthenticationClient(
            app_id=found["GENAUTH_APP_ID"],
            app_secret=found["GENAUTH_APP_SECRET"],
            app_host=found["GENAUTH_APP_HOST"],
        ) as client:
            user, password = found["GENAUTH_USER"], found["GENAUTH_PASSWORD"]
            assert client.sign_in_by_username_password(user, password).ok
        process.terminate()


DYING = """
import os, sys
from gatepost.testing import Emulator
emulator = Emulator()
print(emulator.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def test_it_does_not_outlive_a_test_process_that_was_killed(folder: Path) -> None:
    died = subprocess.run(
        [sys.executable, "-c", DYING],
        capture_output=True,
        text=True,
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    pid = int(died.stdout)
    eventually(lambda: not _runs(pid))
    assert left_in(folder) == []


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_settings_of_a_real_server_are_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = folder / "real"
    monkeypatch.setenv("GATEPOST_DATABASE_URL", f"sqlite:///{real}/gatepost.db")
    monkeypatch.setenv("GATEPOST_DATA_DIR", str(real))
    monkeypatch.setenv("GATEPOST_SMTP_URL", "smtp://mail.example.com")
    monkeypatch.setenv("GATEPOST_PUBLIC_URL", "https://login.example.com")
    (folder / "gatepost.toml").write_text("GATEPOST_PORT = 1")
    monkeypatch.chdir(folder)
    with Emulator() as emulator:
        assert Gatepost(emulator).host.startswith("http://127.0.0.1:")
    assert not real.exists()


def test_a_file_beside_the_tests_stands_in_for_no_module(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "secrets.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(folder)
    with Emulator() as emulator:
        assert emulator.announced["user"] == "ann"


def test_a_port_that_is_taken_is_told(folder: Path, running: Started) -> None:
    port = announcement(running)["host"].rpartition(":")[2]
    with pytest.raises(RuntimeError, match="did not start"):
        Emulator(port=int(port))
    assert len(left_in(folder)) == 1
