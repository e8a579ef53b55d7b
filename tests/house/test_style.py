"""Style and types, as `make lint` looks at them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKS = {
    "style": "ruff check --quiet",
    "format": "ruff format --quiet --check",
    "types": "mypy --strict src client/src bench",
}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_nothing_is_found(check: str) -> None:
    words = [sys.executable, "-m", *check.split()]
    found = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_make_lint_looks_at_the_same() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [check for check in CHECKS.values() if f"$(TEST)/bin/{check}\n" not in recipe] == []
