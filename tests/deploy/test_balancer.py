"""The balancer's settings that are handed out, with a real HAProxy before two real nodes."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.caller import Shop
from tests.support.commands import told
from tests.support.machine import require
from tests.support.process import FAREWELL_SECONDS, ServerProcess, environment
from tests.support.waiting import eventually

CONFIG = Path(__file__).parents[2] / "deploy" / "haproxy.cfg"
CLIENTS = 8
LEAVES_AFTER, STOPS_AFTER = 40, 100


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def balancer(folder: Path, nodes: list[ServerProcess]) -> Iterator[str]:
    """HAProxy with the settings of deploy/, but for where things are."""
    program = shutil.which("haproxy") or require("haproxy")
    port = free_port()
    text = CONFIG.read_text()
    places = {"bind :8080": f"bind 127.0.0.1:{port}"} | {
        f"node{n}:8080": node.url.removeprefix("http://") for n, node in enumerate(nodes, 1)
    }
    for written, meant in places.items():
        assert text.count(written) == 1
        text = text.replace(written, meant)
    config = folder / "haproxy.cfg"
    config.write_text(text)
    with (folder / "haproxy.log").open("wb") as log:
        command = [program, "-db", "-f", str(config)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            eventually(lambda: answers(url), 20)
            yield url
        finally:
            process.terminate()
            process.wait(20)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


async def test_a_node_is_taken_out_without_a_client_noticing(tmp_path: Path) -> None:
    env = environment(tmp_path, DEV_MAILBOX="1", DRAIN_SECONDS="5", TRUSTED_PROXIES="127.0.0.1")
    shop = await asyncio.to_thread(Shop.opened, env)
    changes = ("limits.sendsPerClientHour=1000000",)
    await asyncio.to_thread(told, env, "pool", "set", shop.pool_id, *changes)
    with ServerProcess(tmp_path, env) as leaving, ServerProcess(tmp_path, env) as staying:
        with balancer(tmp_path, [leaving, staying]) as url:
            numbers = itertools.count(1)
            left = asyncio.Event()

            async def client(http: httpx.AsyncClient) -> None:
                number = 0
                while not left.is_set() or number < STOPS_AFTER:
                    number = next(numbers)
                    if number == LEAVES_AFTER:
                        leaving.process.send_signal(signal.SIGTERM)
                    body = {"email": f"a{number}@example.com", "channel": "CHANNEL_LOGIN"}
                    headers = {"x-authing-app-id": shop.app_id}
                    answer = await http.post("/api/v3/send-email", json=body, headers=headers)
                    assert (answer.status_code, answer.json()["statusCode"]) == (200, 200)

            async def leave() -> None:
                assert await asyncio.to_thread(leaving.process.wait, FAREWELL_SECONDS * 2) == 0
                left.set()

            async with httpx.AsyncClient(base_url=url, timeout=30) as http:
                await asyncio.gather(leave(), *(client(http) for _ in range(CLIENTS)))
        served = [node.log().count("/api/v3/send-email") for node in (leaving, staying)]
    assert min(served) > 0 and sum(served) >= STOPS_AFTER
