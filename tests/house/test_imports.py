"""The arrow: what is further left in this list never imports what is further right."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import gatepost

ROOT = Path(gatepost.__file__).parent
ARROW = """
vocabulary
settings | server_keys | messages | log | tally | deadline | chance
storage
credentials | server_key_file | audit
context
authentication | management | upkeep | hangup
oidc
api | mail
web
metrics
app
testing
cli
"""
RANKS = {
    name.strip(): rank
    for rank, line in enumerate(ARROW.strip().splitlines())
    for name in line.split("|")
}
OUTSIDE = {"__init__", "__main__"}


def imported(source: str) -> Iterator[str]:
    """The parts of the package that a file imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written out, so that they can be read here"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            words = name.split(".")
            if words[0] == "gatepost" and len(words) > 1 and words[1] != "__version__":
                yield words[1]


def violations(part: str, source: str) -> list[str]:
    """The imports of a file of `part` that go against the arrow, neighbours included."""
    return [name for name in imported(source) if name != part and not RANKS[name] < RANKS[part]]


def files() -> Iterator[tuple[str, Path]]:
    for path in sorted(ROOT.rglob("*.py")):
        part = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if part not in OUTSIDE:
            yield part, path


def test_every_part_has_its_place_in_the_arrow() -> None:
    assert {part for part, _ in files()} == set(RANKS)


def test_nothing_imports_against_the_arrow() -> None:
    against = {
        f"{path.relative_to(ROOT)} imports {name}"
        for part, path in files()
        for name in violations(part, path.read_text(encoding="utf-8"))
    }
    assert against == set()


@pytest.mark.parametrize(
    ("part", "planted"),
    [
        ("vocabulary", "from gatepost.storage import users"),
        ("storage", "from gatepost.credentials.codes import check"),
        ("authentication", "from gatepost.management.users import create_user"),
        ("mail", "import gatepost.api.http"),
        ("api", "def late():\n    from gatepost import app"),
        ("oidc", "if True:\n    import os, gatepost.web.pages as pages"),
    ],
)
def test_a_planted_violation_is_found(part: str, planted: str) -> None:
    assert len(violations(part, planted)) == 1


def test_sql_is_written_in_the_storage_only() -> None:
    outside = [path for part, path in files() if part != "storage"]
    assert [path for path in outside if "storage.statement" in path.read_text("utf-8")] == []
