"""The documentation builds without a warning, loads nothing from elsewhere, and is true."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import click
import pytest

from gatepost.cli import commands
from gatepost.testing import Gatepost

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
LOADED = re.compile(r"""<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=["']?(https?:)?//[^>]*>""")
MORE = ["pip install", "export "]
"""What shell blocks begin with beside `gatepost` and `make`."""


def blocks(page: Path, language: str) -> list[str]:
    """The code of a page in one language, in order."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [textwrap.dedent(code) for _, of, code in found if of == language]


def those_with(language: str) -> list[Any]:
    return [
        pytest.param(page, id=str(page.relative_to(ROOT / "docs")))
        for page in PAGES
        if blocks(page, language)
    ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built documentation."""
    folder = tmp_path_factory.mktemp("docs")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
    return folder


def test_it_builds_without_a_warning_and_has_a_page_for_each_file(site: Path) -> None:
    for page in PAGES:
        assert (site / page.relative_to(ROOT / "docs")).with_suffix(".html").exists()


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        loaded = [tag[0] for tag in LOADED.finditer(page.read_text(encoding="utf-8"))]
        assert [tag for tag in loaded if 'rel="canonical"' not in tag] == [], page
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import\s*)[\"']?(https?:)?//", sheet.read_text("utf-8"))


@pytest.mark.parametrize(
    "planted",
    [
        '<script src="https://cdn.example/a.js"></script>',
        "<link rel=stylesheet href=//cdn.example/a.css>",
        '<img alt="" src="http://cdn.example/a.png">',
    ],
)
def test_what_would_be_loaded_from_elsewhere_is_found(planted: str) -> None:
    assert LOADED.search(planted)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("endpoints", "POST /api/v3/bind-email"),
        ("endpoints", "EmailAlreadyBound"),
        ("commands", "gatepost emulator"),
        ("settings", "GATEPOST_TRUSTED_BACKENDS"),
        ("pools-and-apps", "changeEmailStrategy.verifyOldEmail"),
        ("pools-and-apps", "access_token_expires_in"),
    ],
)
def test_the_reference_is_made_from_the_code(site: Path, page: str, said: str) -> None:
    assert said in (site / "reference" / f"{page}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", those_with("python"))
def test_the_python_of_a_page_runs(
    page: Path, gatepost: Gatepost, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = gatepost.create_user()
    for name, value in gatepost.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GENAUTH_USER", user.username)
    monkeypatch.setenv("GENAUTH_PASSWORD", user.password)

    def typed(prompt: str) -> str:
        """What somebody types who looks into the mailbox that they are asked about."""
        return gatepost.mailbox.wait_for_code(prompt.split()[-1].rstrip(":"))

    names: dict[str, Any] = {"input": typed, "__name__": page.stem}
    for code in blocks(page, "python"):
        exec(compile(code, str(page), "exec"), names)  # noqa: S102
    for name in [name for name in names if name.startswith("test_")]:
        names[name](gatepost)
    if "client" in names:
        names["client"].close()


@pytest.mark.parametrize("page", those_with("sh"))
def test_the_commands_of_a_page_exist(page: Path) -> None:
    for block in blocks(page, "sh"):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line)
            if words[0] == "gatepost":
                understood(commands, words[1:])
            elif words[0] == "make":
                assert f"\n{words[1]}:" in (ROOT / "Makefile").read_text()
            else:
                assert any(line.startswith(known) for known in MORE), line


def understood(command: click.Command, words: list[str]) -> None:
    """Have click read a command line, without running it. Raises UsageError."""
    while isinstance(command, click.Group):
        command = command.commands[words[0]]
        words = words[1:]
    command.make_context("gatepost", list(words))


def test_no_block_is_in_a_language_that_is_not_run() -> None:
    languages = {of for page in PAGES for _, of, _ in BLOCK.findall(page.read_text("utf-8"))}
    assert languages <= {"python", "sh"}
