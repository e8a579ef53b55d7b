"""Whoever takes a guard of the code engine away is noticed by the tests that name it."""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest

import gatepost
from tests.mutants.guards import GUARDS, Guard

ROOT = Path(__file__).parents[2]
PACKAGE = Path(gatepost.__file__).parent
ENGINE = "tests/credentials/test_code_engine.py"
FAILED = 1
WORDS = ["-x", "-q", "-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin"]
FAST = ["--noconftest", "-p", "tests.mutants.fixtures"]


class Copy:
    """A copy of the package to break, and a process that runs tests against it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._package = folder / "src" / "gatepost"
        shutil.copytree(PACKAGE, self._package, ignore=shutil.ignore_patterns("__pycache__"))
        # Compiled code is told by its source's digest: a mutant is as old as what it replaces.
        compileall.compile_dir(
            self._package, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH
        )
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self._env = env | {
            "PYTHONPATH": os.pathsep.join([str(folder / "src"), str(ROOT)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        self._runner = subprocess.Popen(
            [sys.executable, "-m", "tests.mutants.runner"],
            cwd=ROOT,
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def without(self, guard: Guard) -> Iterator[None]:
        """The copy without one guard."""
        path = self._package / guard.file
        whole = path.read_text(encoding="utf-8")
        path.write_text(whole.replace(guard.old, guard.new), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(whole, encoding="utf-8")

    def run(self, tests: list[str]) -> tuple[int, str]:
        """Run tests against the copy; the exit status and what pytest said."""
        words = [*WORDS, f"--basetemp={self._folder / 'tmp'}"]
        if all(test.startswith(ENGINE) for test in tests):
            return self._fast([*words, *FAST, *tests])
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *words, *tests],
            cwd=ROOT,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout

    def _fast(self, words: list[str]) -> tuple[int, str]:
        output = self._folder / "output"
        assert self._runner.stdin is not None and self._runner.stdout is not None
        print(
            json.dumps({"words": words, "output": str(output)}),
            file=self._runner.stdin,
            flush=True,
        )
        status = int(self._runner.stdout.readline())
        return status, output.read_text()

    def close(self) -> None:
        self._runner.communicate(timeout=10)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    copy = Copy(tmp_path_factory.mktemp("mutants"))
    yield copy
    copy.close()


def addressed(test: str) -> str:
    """Where a test is; those of the engine go by their names."""
    if "::" in test:
        return test
    return f"{ENGINE}::{test}" + ("" if "[" in test else "[sqlite]")


def by_name(guard: Guard) -> str:
    return guard.name.replace(" ", "-")


@pytest.mark.parametrize("guard", GUARDS, ids=by_name)
def test_a_guard_stands_where_the_list_says(guard: Guard) -> None:
    text = (PACKAGE / guard.file).read_text(encoding="utf-8")
    assert text.count(guard.old) == 1
    assert guard.old != guard.new


def test_the_tests_pass_while_every_guard_stands(copy: Copy) -> None:
    tests = {addressed(test) for guard in GUARDS for test in guard.caught_by}
    fast = sorted(test for test in tests if test.startswith(ENGINE))
    for group in (fast, sorted(tests - set(fast))):
        status, said = copy.run(group)
        assert status == 0, said


@pytest.mark.parametrize("guard", GUARDS, ids=by_name)
def test_without_a_guard_a_test_fails(copy: Copy, guard: Guard) -> None:
    with copy.without(guard):
        status, said = copy.run([addressed(test) for test in guard.caught_by])
    assert (status, " failed" in said) == (FAILED, True), said
