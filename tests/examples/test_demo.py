"""`make demo` and the samples that a quickstart shows, against a quickstart on a free port."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.commands import Quickstart
from tests.support.machine import require
from tests.support.process import environment

ROOT = Path(__file__).parents[2]
BOUND_SECONDS = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("quickstart")


@pytest.fixture(scope="module")
def quickstart(folder: Path) -> Iterator[Quickstart]:
    with Quickstart(folder, environment(folder, PORT="0", DATA_DIR="data")) as running:
        yield running


def demo(folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "examples" / "demo.py")],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=BOUND_SECONDS,
        check=False,
    )


def test_the_demo_walks_the_whole_job_and_may_be_run_again(
    quickstart: Quickstart, folder: Path
) -> None:
    env = environment(folder, DATA_DIR="data")
    for _ in range(2):
        done = demo(folder, env)
        assert (done.returncode, done.stderr) == (0, "")
        steps = [line[2:].split("(")[0] for line in done.stdout.splitlines() if line[:2] == "> "]
        assert [step for step in steps if step.isidentifier()] == [
            "sign_in_by_username_password",
            "set_access_token",
            "send_email",
            "bind_email",
            "get_profile",
        ]
        assert done.stdout.count('"message": "Operation successful"') == 4
        assert done.stdout.splitlines()[-1].startswith("Done: demo-")


def test_without_a_server_the_demo_says_so_in_one_line(tmp_path: Path) -> None:
    nowhere = environment(tmp_path, DATA_DIR="data")
    done = demo(tmp_path, nowhere)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "No quickstart is running here: start one with `make run` in another terminal."
    ]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "quickstart.json").write_text(json.dumps({"url": "http://127.0.0.1:9"}))
    assert demo(tmp_path, nowhere).stderr == done.stderr


def sample(screen: str, heading: str) -> str:
    """The indented lines below a heading of the screen."""
    lines = screen.partition(f"\n{heading} (")[2].splitlines()[1:]
    block = []
    for line in lines:
        if line and not line.startswith("    "):
            break
        block.append(line)
    return textwrap.dedent("\n".join(block))


def test_the_sample_for_python_can_be_pasted(quickstart: Quickstart, folder: Path) -> None:
    answer = _paste([sys.executable, "-c", sample(quickstart.screen, "Python")], quickstart, folder)
    assert "'statusCode': 200" in answer and "'message': 'Operation successful'" in answer


def test_the_sample_for_node_can_be_pasted(tmp_path: Path) -> None:
    node = require("node")
    with Quickstart(tmp_path, environment(tmp_path, PORT="0")) as quickstart:
        answer = _paste([node, "-e", sample(quickstart.screen, "Node")], quickstart, tmp_path)
    assert "statusCode: 200" in answer and "message: 'Operation successful'" in answer


def _paste(command: list[str], quickstart: Quickstart, folder: Path) -> str:
    """Run a sample; type the code when it asks for it. What it prints after that."""
    modules = str(ROOT / "tests" / "node" / "node_modules")
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "NODE_PATH": modules},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            assert running.stdout is not None
            asked = ""
            while not asked.endswith("mailbox: "):
                more = running.stdout.read(1)
                assert more, running.stderr and running.stderr.read()
                asked += more
            url = asked.split()[-1].rstrip(":")
            code = _newest_code(url)
            printed, error = running.communicate(f"{code}\n", timeout=BOUND_SECONDS)
        finally:
            if running.poll() is None:
                running.kill()
    assert running.returncode == 0, error
    return printed


def _newest_code(mailbox: str) -> str:
    """The code in the newest mail, once there is one: a mail leaves after its request."""
    with httpx.Client() as client:
        for _ in range(5000):
            mails = client.get(f"{mailbox}.json", params={"to": "ann@example.com"}).json()
            if mails:
                return str(mails[0]["code"])
    raise AssertionError("no mail came")
