"""Every block of the documentation runs, against a server process, and prints what it says.

A page is one story: first the blocks of the language that it begins with, in one interpreter or
shell, then those of the other. The values of samples are put in their place, and `human.py`
reads the mails.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from gatepost.cli import commands
from tests.support.commands import told
from tests.support.pages_of_docs import ROOT, Block, Page, all_pages
from tests.support.process import ServerProcess, environment

BOUND_SECONDS = 60
PASSWORD = "correct horse battery staple"
HUMAN = Path(__file__).parent / "human.py"
MARK = "--- the block of line"
PAGES = all_pages()
RUN = ("sh", "python")
SHOWN = ("text", "json")
WORKERS = {"sh": ["sh", "-eu"], "python": [sys.executable]}
STORIES = {place: page for place, page in PAGES.items() if not place.startswith("reference/")}
STORIES["reference/pools-and-apps.md"] = PAGES["reference/pools-and-apps.md"]
READ = f"""
printf() {{ question=$*; command printf "$@"; }}
read() {{ shift; eval "$1=\\$({sys.executable} {HUMAN} \\"\\$question\\")"; echo; }}
"""
INPUT = f"""
import builtins, sys
sys.path.insert(0, {str(HUMAN.parent)!r})
import human
builtins.input = human.answer
"""


@dataclass(frozen=True)
class Site:
    """A running server, and where commands find its data."""

    server: ServerProcess
    env: dict[str, str]
    folder: Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("docs")
    tools = folder / "bin"
    tools.mkdir()
    command = tools / "gatepost"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m gatepost "$@"\n')
    command.chmod(0o755)
    env = environment(folder, DATA_DIR=str(folder / "gatepost-data"))
    paths = [str(ROOT / "src"), str(ROOT / "client" / "src"), env.get("PYTHONPATH", "")]
    env |= {
        "PATH": f"{tools}{os.pathsep}{env['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "NO_PROXY": "*",
    }
    served = env | {"GATEPOST_DEV_MAILBOX": "1", "GATEPOST_METRICS_PORT": "0"}
    with ServerProcess(folder, served) as server:
        env |= {"MAILBOX": f"{server.url}/dev/mailbox.json"}
        yield Site(server, env | {"MAILS_READ": str(folder / "read")}, folder)


def values_of(site: Site) -> dict[str, str]:
    """A pool, an app and a user for one page: what stands for what in its blocks."""
    pool = told(site.env, "pool", "create", "Shop", "--json")["userPoolId"]
    told(site.env, "pool", "set", pool, "allowSpecialUseDomains=true")
    app = told(site.env, "app", "create", "Web", "--pool", pool, "--json")
    made = ("user", "create", "--pool", pool, "--username", "ann", "--password-stdin", "--json")
    told(site.env, *made, stdin=PASSWORD)
    return {
        "64f0d00d1e5ca1ab1e012345": pool,
        "5b0a1a2b6c3d4e5f60718293": app["appId"],
        "0123456789abcdef0123456789abcdef": app["appSecret"],
        "the password on your screen": PASSWORD,
        "http://127.0.0.1:8080": site.server.url,
        "http://127.0.0.1:9464/metrics": site.server.metrics_url,
    }


def replaced(text: str, values: dict[str, str]) -> str:
    for sample, real in values.items():
        text = text.replace(sample, real)
    return text


@pytest.mark.parametrize("page", STORIES.values(), ids=STORIES)
def test_the_blocks_of_a_page_run_and_print_what_it_says(page: Page, site: Site) -> None:
    blocks = [block for block in page.blocks if block.language in RUN and not block.why_not]
    if not blocks:
        return
    values = values_of(site)
    (pool, app, secret, *_) = values.values()
    env = site.env | {"POOL_ID": pool, "APP_ID": app, "APP_SECRET": secret, "URL": site.server.url}
    subprocess.run([sys.executable, "-c", f"{INPUT}\nhuman.read_all()"], env=env, check=True)
    printed: dict[int, str] = {}
    for language in dict.fromkeys(block.language for block in blocks):
        own = [block for block in blocks if block.language == language]
        printed |= run(language, own, values, env, site.folder)
    last: Block | None = None
    for block in page.blocks:
        if block.language in SHOWN and last is not None:
            assert_printed(page, block, printed[last.line])
        last = block if block in blocks else None


def run(
    language: str, blocks: list[Block], values: dict[str, str], env: dict[str, str], folder: Path
) -> dict[int, str]:
    """Run the blocks of one language, one after the other; what each printed, by its line."""
    parts = [READ if language == "sh" else INPUT]
    for block in blocks:
        said = f"{MARK} {block.line}"
        parts.append(f"printf '\\n%s\\n' '{said}'" if language == "sh" else f"print({said!r})")
        parts.append(replaced(block.text, values))
    done = subprocess.run(
        [*WORKERS[language], "-c", "\n".join(parts)],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    pieces = re.split(rf"^{MARK} (\d+)$", done.stdout, flags=re.MULTILINE)[1:]
    return {int(line): text for line, text in zip(pieces[::2], pieces[1::2], strict=True)}


def assert_printed(page: Page, shown: Block, printed: str) -> None:
    """Every line that the page shows was printed, whatever ids and numbers it had."""
    was = {likened(line) for line in printed.splitlines()}
    for line in filter(None, shown.text.splitlines()):
        assert likened(line) in was, f"{page.place}, line {shown.line}: {line}\n{printed}"


def likened(line: str) -> str:
    line = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", line)
    return re.sub(r"[0-9a-f]{24,}", "ID", line).strip()


def test_what_is_not_run_is_little_and_says_why() -> None:
    left = [block for page in PAGES.values() for block in page.blocks if block.why_not]
    assert len(left) <= 8
    written = [page for place, page in PAGES.items() if not place.startswith("reference/")]
    for page in written:
        for block in page.blocks:
            assert block.language in (*RUN, *SHOWN, "js", "yaml"), f"{page.place}:{block.line}"
            assert block.language in (*RUN, *SHOWN) or block.why_not, f"{page.place}:{block.line}"


def test_commands_that_are_not_run_exist() -> None:
    for block in [block for page in PAGES.values() for block in page.blocks if block.why_not]:
        for line in block.text.splitlines() if block.language == "sh" else ():
            if line.startswith("gatepost "):
                understood(commands, shlex.split(line)[1:])


def understood(command: click.Command, words: list[str]) -> None:
    """Have click read a command line, without running it. Raises UsageError."""
    while isinstance(command, click.Group):
        command, words = command.commands[words[0]], words[1:]
    command.make_context("gatepost", list(words))
