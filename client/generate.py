"""Make the synchronous client from the asynchronous one: `python client/generate.py`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parent / "src" / "gatepost_client"
BY_HAND = {"primitives.py"}

INSTEAD = {
    r"\basync (def|with)\b": r"\1",
    r"\bawait ": "",
    r"\bAsyncAuthenticationClient\b": "AuthenticationClient",
    r"\basynchronous\b": "synchronous",
    r"\b__aenter__\b": "__enter__",
    r"\b__aexit__\b": "__exit__",
    r"\baclose\b": "close",
    r"\bmany tasks at once\b": "many threads at once",
    r"It is written here; the synchronous one is made from it\.": "Made by client/generate.py.",
}


def synchronous_files() -> dict[Path, str]:
    """What each file of the synchronous client has to be."""
    sources = sorted((PACKAGE / "asynchronous").glob("*.py"))
    return {
        PACKAGE / "synchronous" / source.name: _formatted(_translated(source.read_text()))
        for source in sources
        if source.name not in BY_HAND
    }


def _translated(text: str) -> str:
    for words, instead in INSTEAD.items():
        text = re.sub(words, instead, text)
    first, rest = text.split("\n", 1)
    return (
        f"{first}\n# Made by client/generate.py from the file of this name: edit that one.\n{rest}"
    )


def _formatted(text: str) -> str:
    """As the formatter has it, imports in their order."""
    return _ruff(_ruff(text, "check", "--quiet", "--select", "I", "--fix"), "format")


def _ruff(text: str, *words: str) -> str:
    """What ruff, which stands beside this interpreter, makes of a file."""
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff), *words, "--stdin-filename", str(PACKAGE / "synchronous" / "any.py"), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout


if __name__ == "__main__":
    for path, text in synchronous_files().items():
        path.write_text(text)
