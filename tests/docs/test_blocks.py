"""Every block of the documentation runs, against a server process, and prints what it says.

A page is one story: first the blocks of the language that it begins with, in one interpreter or
shell, then those of the other; those for Node are a story of their own. The values of samples are
put in their place, `human.py` reads the mails, `serve_once.py` ends the servers that are started,
and `forked.py` runs the other commands.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import pytest

from gatepost.cli import commands
from tests.docs import human
from tests.support import engines
from tests.support.commands import told
from tests.support.machine import require
from tests.support.pages_of_docs import ROOT, Block, Page, all_pages
from tests.support.process import ServerProcess, environment
from tests.support.sink_thread import SinkThread

BOUND_SECONDS = 60
PASSWORD = "correct horse battery staple"
HERE = Path(__file__).parent
HUMAN = HERE / "human.py"
MARK = "--- the block of line"
PAGES = all_pages()
RUN = ("sh", "python", "js")
SHOWN = ("text", "json")
WORKERS = {"sh": ["sh", "-euc"], "python": [sys.executable, "-c"], "js": ["node", "-e"]}
SAID = {"sh": "printf '\\n%s\\n' '{}'", "python": "print('{}')", "js": "console.log('{}')"}
STORIES = {place: page for place, page in PAGES.items() if not place.startswith("reference/")}
FOR_NODE = {place: page for place, page in STORIES.items() if "```js\n" in page.text}
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
ASK = f"""
require("node:readline/promises").createInterface = () => ({{
  question: async (question) => {{
    const {{ execFileSync }} = require("node:child_process");
    return execFileSync({json.dumps(sys.executable)}, [{json.dumps(str(HUMAN))}, question]) + "";
  }},
  close() {{}},
}});
"""
ASKED = {"sh": READ, "python": INPUT, "js": ASK}
"""How each language asks whoever reads the mail."""


@dataclass(frozen=True)
class Site:
    """A running server, and where commands find its data."""

    server: ServerProcess
    env: dict[str, str]
    folder: Path


TOOL = """\
#!/bin/sh
[ "$1" = serve ] && shift && exec {python} {here}/serve_once.py "$@"
exec {python} -IS {here}/forked.py {door} "$@"
"""


@contextmanager
def tool(tools: Path) -> Iterator[None]:
    """The command `gatepost` in a folder."""
    # The path of a socket may not be long, and pytest's folders may be.
    with TemporaryDirectory(prefix="docs-") as folder:
        door = f"{folder}/door"
        tools.mkdir()
        command = tools / "gatepost"
        command.write_text(TOOL.format(python=sys.executable, here=HERE, door=door))
        command.chmod(0o755)
        words = [sys.executable, str(HERE / "forked.py"), "--serve", door]
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as server:
            assert server.stdout is not None and server.stdout.readline() == b"ready\n"
            try:
                yield
            finally:
                server.terminate()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("docs")
    tools = folder / "bin"
    env = environment(folder, DATA_DIR=str(folder / "gatepost-data"))
    paths = [str(ROOT), str(ROOT / "src"), str(ROOT / "client" / "src"), env.get("PYTHONPATH", "")]
    env |= {
        "PATH": f"{tools}{os.pathsep}{env['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "NODE_PATH": str(ROOT / "tests" / "node" / "node_modules"),
        "NO_PROXY": "*",
    }
    served = env | {"GATEPOST_DEV_MAILBOX": "1", "GATEPOST_METRICS_PORT": "0"}
    with tool(tools), ServerProcess(folder, served) as server:
        env |= {"MAILBOX": f"{server.url}/dev/mailbox.json"}
        yield Site(server, env | {"MAILS_READ": str(folder / "read")}, folder)


@contextmanager
def apart(site: Site, folder: Path, postgresql: str) -> Iterator[tuple[Site, dict[str, str]]]:
    """The same for a page that starts servers: with a folder, a database and a mail server."""
    database = asyncio.run(engines.create_database(postgresql))
    own = {"GATEPOST_DATA_DIR": str(folder / "gatepost-data")}
    with SinkThread() as sink:
        yield (
            replace(site, env=site.env | own, folder=folder),
            {
                "smtp://user:password@mail.example.com:587?starttls=require": sink.url,
                "postgresql://gatepost@db.example.com/gatepost": database,
            },
        )
        assert [mail.recipients for mail in sink.mails] == [("you@example.com",)]
    asyncio.run(engines.drop_database(postgresql, engines.name_of(database)))


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
def test_the_blocks_of_a_page_run_and_print_what_it_says(
    page: Page, site: Site, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if not re.search("^gatepost serve", page.text, re.MULTILINE):
        tell(page, ("sh", "python"), site, {})
        return
    with apart(site, tmp_path, request.getfixturevalue("postgresql")) as (own, values):
        tell(page, ("sh", "python"), own, values)


@pytest.mark.node
@pytest.mark.parametrize("page", FOR_NODE.values(), ids=FOR_NODE)
def test_so_do_those_for_node(page: Page, site: Site) -> None:
    require("node")
    tell(page, ("js",), site, {})


def tell(page: Page, languages: Sequence[str], site: Site, values: dict[str, str]) -> None:
    """Run the blocks of a page in these languages, and see that they print what it says."""
    blocks = [block for block in page.blocks if block.language in languages and not block.why_not]
    if not blocks:
        return
    values |= (own := values_of(site))
    (pool, app, secret, *_) = own.values()
    env = site.env | {"POOL_ID": pool, "APP_ID": app, "APP_SECRET": secret, "URL": site.server.url}
    human.read_all(env)
    printed: dict[int, str] = {}
    for language in dict.fromkeys(block.language for block in blocks):
        own_blocks = [block for block in blocks if block.language == language]
        printed |= run(language, own_blocks, values, env, site.folder)
    last: Block | None = None
    for block in page.blocks:
        if block.language in SHOWN and last is not None:
            assert_printed(page, block, printed[last.line])
        last = block if block in blocks else None


def run(
    language: str, blocks: list[Block], values: dict[str, str], env: dict[str, str], folder: Path
) -> dict[int, str]:
    """Run the blocks of one language, one after the other; what each printed, by its line."""
    parts = [ASKED[language]]
    for block in blocks:
        parts.append(SAID[language].format(f"{MARK} {block.line}"))
        parts.append(replaced(block.text, values))
    done = subprocess.run(
        [*WORKERS[language], "\n".join(parts)],
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
    assert len(not_run()) <= 4
    written = [page for place, page in PAGES.items() if not place.startswith("reference/")]
    for page in written:
        for block in page.blocks:
            known = block.language in (*RUN, *SHOWN)
            assert known or (block.language == "yaml" and block.why_not), page.place


def not_run() -> list[Block]:
    return [block for page in PAGES.values() for block in page.blocks if block.why_not]


def test_commands_that_are_not_run_exist() -> None:
    for block in not_run():
        for line in block.text.splitlines():
            for words in re.split(" && ", line):
                exists(shlex.split(words))


def exists(words: list[str]) -> None:
    """Whether a command could do what it says, as far as this can be told without running it."""
    match words:
        case ["gatepost", *rest]:
            understood(commands, rest)
        case ["make", target]:
            assert re.search(f"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        case ["pip", "install", *places]:
            for place in places:
                installable(place)
        case ["python3", "-m", "venv", folder] | [".", folder]:
            assert folder.removesuffix("/bin/activate") == "try"
        case _:
            raise AssertionError(f"nobody looks whether this can be: {words}")


def installable(place: str) -> None:
    """`./folder` or `.[extra]`, with a project in it that has the extra."""
    folder, _, extra = place.rstrip("]").partition("[")
    assert folder.startswith("."), f"pip would look for {place} in a registry"
    project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
    assert not extra or extra in project["optional-dependencies"]


def understood(command: click.Command, words: list[str]) -> None:
    """Have click read a command line, without running it. Raises UsageError."""
    while isinstance(command, click.Group):
        command, words = command.commands[words[0]], words[1:]
    command.make_context("gatepost", list(words))
