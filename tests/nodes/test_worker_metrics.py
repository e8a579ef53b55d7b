"""Several worker processes of one node tell their metrics together, on a port of their own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from tests.cli.conftest import Cli, cli, folder
from tests.support.process import ServerProcess, environment
from tests.support.scraping import Scrape, scraped
from tests.support.waiting import eventually

__all__ = ["cli", "folder"]

TOKEN = "a-token-for-the-monitoring"
ALIVE = {"route": "/healthz", "status": "200"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Two workers; their metrics are for a token."""
    folder = tmp_path_factory.mktemp("workers")
    env = environment(folder, DEV_MAILBOX="1", METRICS_PORT="0", METRICS_TOKEN=TOKEN)
    with ServerProcess(folder, env, "--workers", "2") as server:
        eventually(lambda: server.log().count('"event":"serving"') == 2, 60)
        yield server


def told_by(server: ServerProcess) -> Scrape:
    return scraped(server.metrics_url, TOKEN)


def both_answer(server: ServerProcess) -> bool:
    scrape = told_by(server)
    return (scrape.sum("gatepost_workers"), scrape.sum("gatepost_workers_answered")) == (2, 2)


def test_every_scrape_has_the_figures_of_every_worker(server: ServerProcess) -> None:
    before = told_by(server).sum("gatepost_requests_total", **ALIVE)
    for _ in range(40):  # on connections of their own, which the workers share out
        assert httpx.get(f"{server.url}/healthz", timeout=30).status_code == 200
    scrapes = [told_by(server) for _ in range(10)]
    assert {scrape.sum("gatepost_requests_total", **ALIVE) for scrape in scrapes} == {before + 40}
    for scrape in scrapes:
        assert scrape.values_of("gatepost_units_total", "worker") == {"0", "1"}
        assert scrape.sum("gatepost_workers_answered") == 2


def test_a_worker_that_replaces_a_dead_one_takes_its_number(server: ServerProcess) -> None:
    parent = psutil.Process(server.process.pid)
    worker = next(child for child in parent.children() if "spawn_main" in child.cmdline()[-2])
    served = server.log().count('"event":"serving"')
    worker.kill()
    eventually(lambda: server.log().count('"event":"serving"') > served, 60)
    eventually(lambda: both_answer(server))
    assert told_by(server).values_of("gatepost_units_total", "worker") == {"0", "1"}


def test_the_port_answers_nothing_else(server: ServerProcess) -> None:
    for method, path, headers in (
        ("GET", "/metrics", {}),
        ("GET", "/metrics", {"authorization": "Bearer wrong"}),
        ("POST", "/metrics", {"authorization": f"Bearer {TOKEN}"}),
        ("GET", "/healthz", {"authorization": f"Bearer {TOKEN}"}),
    ):
        url = server.metrics_url.replace("/metrics", path)
        answer = httpx.request(method, url, headers=headers, timeout=30)
        assert (answer.status_code, answer.text) == (404, "not found\n")
    # The main port does not have them as well.
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert httpx.get(f"{server.url}/metrics", headers=headers, timeout=30).status_code == 404


@pytest.mark.parametrize("octets", [b"\r\n\r\n", b"GET\r\n\r\n", b"GET /" + b"a" * 9000, b""])
def test_what_is_no_request_does_the_port_no_harm(server: ServerProcess, octets: bytes) -> None:
    where = urlsplit(server.metrics_url)
    with socket.create_connection((where.hostname or "", where.port or 0), 30) as connection:
        connection.sendall(octets)
        connection.shutdown(socket.SHUT_WR)
        try:
            answer = connection.recv(100)
        except ConnectionResetError:
            answer = b""
    assert answer == b"" or answer.startswith(b"HTTP/1.1 404 ")
    assert both_answer(server)


def test_a_port_in_use_is_told_before_the_server_starts(
    cli: Cli, folder: Path, server: ServerProcess
) -> None:
    port = str(urlsplit(server.metrics_url).port)
    line = cli("serve", "--port", "0", DEV_MAILBOX="1", METRICS_PORT=port).refused()
    place = f"127.0.0.1 port {port}: address already in use"
    assert line == f"GATEPOST_METRICS_PORT cannot listen on {place}"
