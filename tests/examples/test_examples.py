"""Every example is run as its first lines say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gatepost.testing import Gatepost
from tests.support.machine import require

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
BOUND_SECONDS = 60
OTHERWISE = {"demo.py": "test_demo.py", "README.md": ""}
"""Who runs what is not run here."""

SCRIPTS = ["bind_email.py", "bind_email_async.py", "bind_email_official.py", "bind_email.cjs"]
APPS = ["fastapi_app.py", "flask_app.py"]
SUITES = ["test_fastapi_app.py", "test_flask_app.py"]
NODE_SUITES = ["emulator.test.cjs"]


def environment(**variables: str) -> dict[str, str]:
    """An environment in which everything that examples want installed is there."""
    paths = [str(ROOT / "src"), str(ROOT / "client" / "src")]
    modules = {"NODE_PATH": str(ROOT / "tests" / "node" / "node_modules")}
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **modules, **variables}


def ended(command: list[str], env: dict[str, str]) -> str:
    """What a command printed that went well."""
    done = subprocess.run(
        command,
        cwd=EXAMPLES,
        env=env,
        capture_output=True,
        text=True,
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_no_example_is_left_out() -> None:
    known = {*OTHERWISE, *SCRIPTS, *APPS, *SUITES, *NODE_SUITES}
    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} == known
    assert {f"test_{name}" for name in APPS} == set(SUITES)


def test_nothing_of_ours_is_fetched_from_where_it_is_not() -> None:
    """No registry has these names from us: whoever takes them there would be installed."""
    told = [ROOT / "README.md", ROOT / "client" / "README.md", *(ROOT / "docs").rglob("*.md")]
    for path in [*told, *(path for path in EXAMPLES.iterdir() if path.is_file())]:
        for words in re.findall(r"pip install (.*)", path.read_text()):
            assert not re.search(r"(^|[\s'\"])gatepost", words.partition("#")[0]), path.name


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_sample_binds_an_address(name: str, gatepost: Gatepost) -> None:
    user = gatepost.create_user()
    signing_in = {"GENAUTH_USER": user.username, "GENAUTH_PASSWORD": user.password}
    runner = require("node") if name.endswith(".cjs") else sys.executable
    with subprocess.Popen(
        [runner, str(EXAMPLES / name)],
        env=environment(**gatepost.environment, **signing_in),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            code = gatepost.mailbox.wait_for_code("ann@example.com", seconds=30)
            printed, error = running.communicate(f"{code}\n", timeout=BOUND_SECONDS)
        finally:
            if running.poll() is None:
                running.kill()
    assert running.returncode == 0, error
    assert "statusCode" in printed and "Operation successful" in printed


def test_the_apps_pass_their_own_tests() -> None:
    plugins = ["-p", "gatepost.testing.plugin", "-p", "no:cacheprovider"]
    place = ["--rootdir", str(EXAMPLES), "-c", os.devnull]
    command = [sys.executable, "-m", "pytest", "-q", *place, *plugins, *SUITES]
    ended(command, environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"))


@pytest.mark.node
def test_an_app_in_node_passes_its_own_tests(tmp_path: Path) -> None:
    command = tmp_path / "gatepost"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m gatepost "$@"\n')
    command.chmod(0o755)
    env = environment(PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    printed = ended([require("node"), "--test", *NODE_SUITES], env)
    assert "# pass 2" in printed
