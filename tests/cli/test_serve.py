"""`gatepost serve`: what it refuses to start with, its workers, and how it ends."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import httpx
import psutil
import pytest

from gatepost.cli import listening
from gatepost.cli.leaving import LeavingServer
from gatepost.cli.quickstart import NOTES
from tests.cli.conftest import Cli
from tests.support.process import FAREWELL_SECONDS, ServerProcess, environment
from tests.support.waiting import eventually


def test_mails_need_a_way_out(cli: Cli) -> None:
    line = cli("serve", "--port", "0").refused()
    assert line.startswith("GATEPOST_SMTP_URL is not set, nor GATEPOST_DEV_MAILBOX")


def test_a_taken_port_and_a_foreign_address_are_one_line(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for command in (("serve", "--port", str(port)), ("quickstart",)):
            line = cli(*command, DEV_MAILBOX="1", PORT=str(port)).refused()
            assert line == f"cannot listen on 127.0.0.1 port {port}: address already in use"
    for host in ("192.0.2.1", "no such host", "a" * 70 + ".example"):
        line = cli("serve", "--host", host, "--port", "0", DEV_MAILBOX="1").refused()
        assert line.startswith(f"cannot listen on {host} port 0: ")


def test_idle_connections_are_kept_longer_than_balancers_keep_theirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran: list[LeavingServer] = []
    monkeypatch.setattr(LeavingServer, "run", lambda server, sockets: ran.append(server))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listening.run(object(), listener, workers=1, farewell_seconds=1)
    assert ran[0].config.timeout_keep_alive > 60


@pytest.mark.parametrize("command", ["serve", "quickstart"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SMTP_URL", "smtp://ann:hunter2@"),
        ("SMTP_URL", "smtp://ann:hunter2@mail.example?starttls=never"),
        ("MAIL_FROM", "not an address"),
        ("SERVER_KEYS", "hunter2"),
        ("SERVER_KEYS_FILE", "nowhere.keys"),
    ],
)
def test_what_only_a_server_needs_is_looked_at_before_it_starts(
    cli: Cli, folder: Path, command: str, name: str, text: str
) -> None:
    settings = {"SMTP_URL": "smtp://127.0.0.1:9", "MAIL_FROM": "a@b.example", "PORT": "0"}
    ended = cli(command, **settings | {name: text})
    assert ended.refused().startswith(f"GATEPOST_{name}") and "hunter2" not in ended.error
    assert ended.output == "" and list(folder.rglob(NOTES)) == []


def test_a_quickstart_whose_port_of_metrics_is_taken_makes_nothing(cli: Cli, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = cli("quickstart", PORT="0", METRICS_PORT=port)
    place = f"127.0.0.1 port {port}: address already in use"
    assert ended.refused() == f"GATEPOST_METRICS_PORT cannot listen on {place}"
    assert ended.output == "" and list(folder.rglob(NOTES)) == []


def started(folder: Path, *words: str) -> ServerProcess:
    return ServerProcess(folder, environment(folder, DEV_MAILBOX="1"), *words)


def serving(server: ServerProcess, times: int) -> None:
    """Wait until so many processes have begun to serve."""
    eventually(lambda: server.log().count('"event":"serving"') >= times, 30)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_process_ends_in_order(tmp_path: Path, number: int) -> None:
    with started(tmp_path) as server:
        assert httpx.get(f"{server.url}/readyz").json()["status"] == "ready"
        server.process.send_signal(number)
        assert server.process.wait(FAREWELL_SECONDS) == 0
        assert "Traceback" not in server.log()


def has_ipv6_loopback() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6_loopback(), reason="this machine has no ::1")
def test_an_ipv6_host_needs_no_more_settings_than_another(tmp_path: Path) -> None:
    with started(tmp_path, "--host", "::1") as server:
        assert server.url.startswith("http://[::1]:")
        assert httpx.get(f"{server.url}/readyz").json()["status"] == "ready"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_two_workers_answer_and_end_in_order(tmp_path: Path, number: int) -> None:
    with started(tmp_path, "--workers", "2") as server:
        for _ in range(5):
            assert httpx.get(f"{server.url}/healthz", timeout=30).json() == {"status": "alive"}
        serving(server, 2)
        children = psutil.Process(server.process.pid).children(recursive=True)
        server.process.send_signal(number)
        if number == signal.SIGINT:  # a terminal sends it to every process of the group
            for child in children:
                child.send_signal(number)
        assert server.process.wait(FAREWELL_SECONDS) == 0
        assert psutil.wait_procs(children, timeout=5)[1] == []
        assert "Traceback" not in server.log()


def test_workers_do_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    with started(tmp_path, "--workers", "2") as server:
        serving(server, 2)
        children = psutil.Process(server.process.pid).children(recursive=True)
        server.kill()
        assert psutil.wait_procs(children, timeout=FAREWELL_SECONDS)[1] == []


def test_a_worker_that_cannot_start_ends_the_server(tmp_path: Path) -> None:
    with started(tmp_path, "--workers", "2") as server:
        serving(server, 2)
        parent = psutil.Process(server.process.pid)
        (tmp_path / "gatepost.toml").write_text('GATEPOST_LOG_LEVEL = "loud"')
        worker = next(child for child in parent.children() if "spawn_main" in child.cmdline()[-2])
        worker.kill()
        assert server.process.wait(FAREWELL_SECONDS) == 3
        refused = [line for line in server.log().splitlines() if line.startswith("gatepost: ")]
        assert refused == ["gatepost: GATEPOST_LOG_LEVEL is none of debug, info, warning, error"]
