"""Whoever takes a guard away is noticed by the tests that name it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.mutants.change_guards import CHANGES
from tests.mutants.code_guards import CODE_GUARDS
from tests.mutants.entry_guards import ENTRY_GUARDS
from tests.mutants.guard import Guard
from tests.mutants.link_guards import AFTERWARDS
from tests.mutants.refresh_guards import REFRESHING
from tests.mutants.step_guards import PROVING, TOKENS
from tests.mutants.stolen_guards import STOLEN
from tests.mutants.surgery import PACKAGE
from tests.mutants.voided_guards import VOIDING
from tests.support.engines import IN_MEMORY

ROOT = Path(__file__).parents[2]
ENGINE = "tests/credentials/test_code_engine.py"
FAILED = 1
GUARDS = [
    *CODE_GUARDS,
    *ENTRY_GUARDS,
    *PROVING,
    *TOKENS,
    *CHANGES,
    *STOLEN,
    *AFTERWARDS,
    *VOIDING,
    *REFRESHING,
]


class Runner:
    """A process that runs tests against the package without a guard."""

    def __init__(self, folder: Path, files: list[str]) -> None:
        self._folder = folder
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        paths = os.pathsep.join([str(PACKAGE.parent), str(ROOT)])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutants.runner", str(folder), *files],
            cwd=ROOT,
            env=env | {"PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, guard: Guard | None, tests: list[str]) -> tuple[int, str]:
        """Run tests without a guard, or with all; the exit status and what pytest said."""
        assert self._process.stdin is not None and self._process.stdout is not None
        output = self._folder / "output"
        order = {
            "guard": [guard.file, guard.old, guard.new] if guard else None,
            "words": [*(["-x"] if guard else []), f"--basetemp={self._folder / 'tmp'}", *tests],
            "output": str(output),
        }
        print(json.dumps(order), file=self._process.stdin, flush=True)
        status = int(self._process.stdout.readline())
        return status, output.read_text()

    def close(self) -> None:
        self._process.communicate(timeout=10)


def addressed(test: str) -> str:
    """Where a test is; those of the engine go by their names."""
    if "::" in test:
        return test
    return f"{ENGINE}::{test}" + ("" if "[" in test else "[sqlite]")


def by_name(guard: Guard) -> str:
    return guard.name.replace(" ", "-")


ALL_TESTS = sorted({addressed(test) for guard in GUARDS for test in guard.caught_by})


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    files = sorted({test.partition("::")[0] for test in ALL_TESTS})
    with TemporaryDirectory(dir=IN_MEMORY) as folder:
        runner = Runner(Path(folder), files)
        yield runner
        runner.close()


@pytest.mark.parametrize("guard", GUARDS, ids=by_name)
def test_a_guard_stands_where_the_list_says(guard: Guard) -> None:
    text = (PACKAGE / guard.file).read_text(encoding="utf-8")
    assert text.count(guard.old) == 1
    assert guard.old != guard.new


def test_the_tests_pass_while_every_guard_stands(runner: Runner) -> None:
    status, said = runner.run(None, ALL_TESTS)
    assert status == 0, said


@pytest.mark.parametrize("guard", GUARDS, ids=by_name)
def test_without_a_guard_a_test_fails(runner: Runner, guard: Guard) -> None:
    status, said = runner.run(guard, [addressed(test) for test in guard.caught_by])
    assert (status, " failed" in said) == (FAILED, True), said
