"""Small pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MADE = "<!-- Made from the code by docs/making. -->\n"


def cell(text: str) -> str:
    """A text for a table: in one line, and nothing in it ends the cell or begins a tag."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def code(text: str) -> str:
    """A text as code for a table; nothing where there is none."""
    return f"`{cell(text).replace('&lt;', '<')}`" if text else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, whose cells are Markdown already; nothing where there are no rows."""
    lines = [" | ".join(row) for row in rows]
    if not lines:
        return ""
    ruled = [" | ".join(heads), " | ".join("---" for _ in heads), *lines]
    return "\n".join(f"| {line} |" for line in ruled) + "\n"


def fenced(text: str, language: str) -> str:
    """A block of code."""
    return f"```{language}\n{text}\n```\n"
