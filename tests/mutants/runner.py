"""Runs tests again and again, each time against the package with one guard taken out.

One process loads everything once, the tests too, and forks a child for each run, which takes
the guard out of what is loaded: a run takes as long as its tests. Started by `test_mutants.py`,
in whose place another process does the forking. Each line of standard input names a guard (none:
the package as it is), the words of one run of pytest and the file for its output; each line of
standard output is the exit status of one.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from pathlib import Path

import pytest

SECONDS, SECONDS_FOR_ALL = 60, 600
SCHEMA = "storage/migrations/"
WORDS = ["-q", "--noconftest", "-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin"]
WORDS += ["-p", "tests.mutants.fixtures"]


def preload(folder: str, files: list[str]) -> None:
    """Load what the tests load, and the tests."""
    from tests.mutants import fixtures

    said = sys.stdout
    sys.stdout = sys.stderr  # what pytest says here is no answer
    status = pytest.main([*WORDS, "--collect-only", *files])
    sys.stdout = said
    assert status == 0, "the tests cannot be collected"
    fixtures.prepare(Path(folder))
    gc.collect()
    gc.freeze()


def without(file: str, old: str, new: str) -> None:
    """Take a guard out of this process."""
    from tests.mutants import fixtures, surgery

    if file.startswith(SCHEMA):
        fixtures.change_schema(old, new)
    else:
        surgery.replace_in(file, old, new)


def run(guard: list[str] | None, words: list[str], output: str) -> int:
    """Run pytest in a child; its exit status, negative where it had to be ended."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS if guard else SECONDS_FOR_ALL)
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, 1)
        os.dup2(file, 2)
        if guard is not None:
            without(*guard)
        status = int(pytest.main([*WORDS, *words]))
        sys.stdout.flush()
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    preload(sys.argv[1], sys.argv[2:])
    for line in sys.stdin:
        print(run(**json.loads(line)), flush=True)
