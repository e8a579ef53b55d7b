"""The package as people install it: built, alone with what it declares, and at work."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.commands import told
from tests.support.process import ServerProcess, environment
from tests.support.waiting import eventually

PROJECT = Path(__file__).parents[1]
SAMPLE = re.compile(
    r"```python\n(from gatepost_client import AuthenticationClient\n.*?)```", re.DOTALL
)
MAILBOX = 'input("The code from the mail: ")'


def needed(lines: list[str] | None) -> Iterator[str]:
    """All distributions that requirements come down to here, extras left out."""
    for wanted in map(Requirement, lines or []):
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield canonicalize_name(wanted.name)
            yield from needed(metadata.requires(wanted.name))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built with what is here."""
    folder = tmp_path_factory.mktemp("wheel")
    words = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([sys.executable, "-m", "pip", *words, folder, PROJECT], check=True, timeout=120)
    (built,) = folder.glob("gatepost_client-*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a clean environment: the wheel, and what it declares, as it is here."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    words = ["install", "--quiet", "--no-deps", "--no-index", "--target", packages, wheel]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True, timeout=120)
    (info,) = packages.glob("gatepost_client-*.dist-info")
    for name in set(needed(metadata.Distribution.at(info).requires)):
        _lend(name, packages)
    return home / "bin" / "python"


def _lend(name: str, packages: Path) -> None:
    """Make a distribution that is installed here available there too."""
    distribution = metadata.distribution(name)
    for top in {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}:
        (packages / top).symlink_to(Path(str(distribution.locate_file(top))).resolve())


def test_the_wheel_has_what_it_should(python: Path) -> None:
    (packages,) = python.parents[1].glob("lib/python*/site-packages")
    (info,) = packages.glob("gatepost_client-*.dist-info")
    assert (packages / "gatepost_client" / "py.typed").exists()
    assert "Apache License" in (info / "licenses" / "LICENSE").read_text()
    assert not (packages / "tests").exists() and not (packages / "generate.py").exists()
    said = metadata.Distribution.at(info).metadata
    assert said["Requires-Python"] == ">=3.10" and "AuthenticationClient" in str(said)


def test_the_sample_of_the_readme(python: Path, tmp_path: Path) -> None:
    """Against a real server, with the code read from its mailbox instead of by a person."""
    match = SAMPLE.search((PROJECT / "README.md").read_text())
    assert match, "the README has no sample"
    env = environment(tmp_path, DEV_MAILBOX="1")
    with ServerProcess(tmp_path, env) as server:
        pool = told(env, "pool", "create", "Shop", "--json")["userPoolId"]
        app = told(env, "app", "create", "Web", "--pool", pool, "--json")
        words = ["user", "create", "--pool", pool, "--username", "ann", "--password-stdin"]
        told(env, *words, "--json", stdin="correct horse battery")
        told(env, "pool", "set", pool, "allowSpecialUseDomains=true")
        sample = match[1]
        for placeholder, value in {
            "5b0a1a2b6c3d4e5f60718293": app["appId"],
            "0123456789abcdef0123456789abcdef": app["appSecret"],
            "http://127.0.0.1:8080": server.url,
            "the password": "correct horse battery",
        }.items():
            assert placeholder in sample
            sample = sample.replace(placeholder, value)
        assert MAILBOX in sample
        script = tmp_path / "sample.py"
        script.write_text(sample.replace(MAILBOX, f"input({server.url!r})"))
        clean = {"PATH": os.defpath, "NO_PROXY": "*", "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(
            [python, "-I", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=clean,
            text=True,
        ) as process:
            assert process.stdin and process.stdout
            assert process.stdout.read(len(server.url)) == server.url  # it waits for the code
            process.stdin.write(mailed_code(env) + "\n")
            process.stdin.close()
            printed = process.stdout.read()
        assert process.returncode == 0
    pattern = (
        r'{"statusCode": 200, "message": "Operation successful", "requestId": "[0-9a-f-]{36}"}'
    )
    assert re.fullmatch(pattern, printed.strip()), printed


def mailed_code(env: dict[str, str]) -> str:
    """The code in the mailbox, as soon as it is there."""
    found: list[str] = []

    def look() -> bool:
        found[:] = [mail["code"] for mail in told(env, "mailbox", "--json")]
        return bool(found)

    eventually(look)
    return found[0]
