"""Whoever takes a guard of the code engine away is noticed by the tests that name it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import gatepost
from tests.mutants.guards import GUARDS, Guard

ROOT = Path(__file__).parents[2]
PACKAGE = Path(gatepost.__file__).parent
ENGINE = "tests/credentials/test_code_engine.py"
FAILED = 1
SECONDS = 60


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package to break."""
    folder = tmp_path_factory.mktemp("mutants")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, folder / "src" / "gatepost", ignore=ignored)
    return folder


@contextmanager
def mutated(copy: Path, guard: Guard) -> Iterator[None]:
    """The copy without one guard."""
    path = copy / "src" / "gatepost" / guard.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(guard.old, guard.new), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(whole, encoding="utf-8")


def addressed(test: str) -> str:
    """Where a test is; those of the engine go by their names."""
    if "::" in test:
        return test
    return f"{ENGINE}::{test}" + ("" if "[" in test else "[sqlite]")


def run(copy: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    """Run tests against the copy, with nothing loaded that they can do without."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env |= {
        "PYTHONPATH": os.pathsep.join([str(copy / "src"), str(ROOT)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    words = ["-x", "-q", "-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin"]
    if all(test.startswith(ENGINE) for test in tests):
        words += ["--noconftest", "-p", "tests.mutants.fixtures"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *words, f"--basetemp={copy / 'tmp'}", *tests],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name.replace(" ", "-"))
def test_a_guard_stands_where_the_list_says(guard: Guard) -> None:
    text = (PACKAGE / guard.file).read_text(encoding="utf-8")
    assert text.count(guard.old) == 1
    assert guard.old != guard.new


def test_the_tests_pass_while_every_guard_stands(copy: Path) -> None:
    tests = {addressed(test) for guard in GUARDS for test in guard.caught_by}
    fast = sorted(test for test in tests if test.startswith(ENGINE))
    for group in (fast, sorted(tests - set(fast))):
        done = run(copy, group)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name.replace(" ", "-"))
def test_without_a_guard_a_test_fails(copy: Path, guard: Guard) -> None:
    with mutated(copy, guard):
        done = run(copy, [addressed(test) for test in guard.caught_by])
    assert (done.returncode, " failed" in done.stdout) == (FAILED, True), done.stdout
