"""One of a node's workers leaves, and the node goes on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.process import FAREWELL_SECONDS, ServerProcess, environment
from tests.support.waiting import eventually

CALLS = 20


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """Two workers."""
    with ServerProcess(
        tmp_path, environment(tmp_path, DEV_MAILBOX="1"), "--workers", "2"
    ) as server:
        eventually(lambda: times(server, "serving") == 2, 60)
        yield server


def times(server: ServerProcess, event: str) -> int:
    return server.log().count(f'"event":"{event}"')


def workers(server: ServerProcess) -> list[psutil.Process]:
    children = psutil.Process(server.process.pid).children()
    return [child for child in children if is_worker(child)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return any("spawn_main" in word for word in process.cmdline())
    except psutil.NoSuchProcess:  # or one that has ended
        return False


def answers(server: ServerProcess) -> set[int]:
    """What callers are told, each on a connection of its own."""
    return {httpx.get(f"{server.url}/healthz", timeout=30).status_code for _ in range(CALLS)}


def test_a_worker_that_is_told_to_stop_is_replaced(server: ServerProcess) -> None:
    leaving = workers(server)[0]
    leaving.terminate()
    eventually(lambda: times(server, "serving") == 3, 60)
    assert not leaving.is_running()
    assert answers(server) == {200}


def test_a_node_with_a_worker_less_goes_on(server: ServerProcess) -> None:
    server.process.send_signal(signal.SIGTTOU)
    eventually(lambda: len(workers(server)) == 1, 60)
    assert answers(server) == {200}


def test_all_processes_of_a_node_may_be_told_at_the_same_time(server: ServerProcess) -> None:
    told = workers(server)
    for process in (*told, psutil.Process(server.process.pid)):
        process.terminate()
    # Until nobody listens any more, everybody is answered.
    eventually(lambda: is_shut(server), 30)
    assert server.process.wait(FAREWELL_SECONDS) == 0
    assert times(server, "serving") == len(told)


def is_shut(server: ServerProcess) -> bool:
    try:
        assert httpx.get(f"{server.url}/healthz", timeout=30).status_code == 200
    except httpx.ConnectError:
        return True
    return False
