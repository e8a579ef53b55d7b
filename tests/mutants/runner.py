"""Runs tests of the code engine again and again, each time against the package as it is then.

One process loads everything but the package and its tests, and for each run forks a child that
loads those: a run takes a fraction of a second. Started by `test_mutants.py`, in whose place
another process does the forking, with `PYTHONPATH` leading to a copy of the package. Each line
of standard input names the words of one run of pytest and the file for its output; each line
of standard output is the exit status of one.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import pytest

SECONDS = 60
OURS = ("gatepost", "tests")


def preload() -> None:
    """Load what the tests load, and forget what is ours."""
    import pytest_asyncio.plugin  # noqa: F401

    import tests.credentials.test_code_engine
    import tests.mutants.fixtures  # noqa: F401
    from gatepost.storage.migration import script

    script("sqlite", None)  # loads Alembic
    for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
        del sys.modules[name]


def run(words: list[str], output: str) -> int:
    """Run pytest in a child; its exit status, negative where it had to be ended."""
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, 1)
        os.dup2(file, 2)
        status = int(pytest.main(words))
        sys.stdout.flush()
        os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    preload()
    for line in sys.stdin:
        print(run(**json.loads(line)), flush=True)
