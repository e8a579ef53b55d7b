"""What the machine that runs the tests has, and what becomes of a test that needs more."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest


def require(command: str) -> str:
    """Return the path of `command`, or skip the calling test with a line that names it.

    With TESTS_REQUIRE_ALL=1 the test fails instead, so that a run that
    promises everything cannot pass by leaving something out.
    """
    return require_one(command)


def require_one(*commands: str) -> str:
    """As `require`, for a program that goes by several names: the first that works."""
    for command in commands:
        path = shutil.which(command)
        if path is not None and _works(path):
            return path
    reason = f"this machine has no working `{commands[0]}`"
    if os.environ.get("TESTS_REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _works(path: str) -> bool:
    # A shim of a version manager may exist for a program that is not installed.
    try:
        finished = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return finished.returncode == 0
