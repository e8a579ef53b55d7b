"""The reference of commands: what `--help` says, of all of them."""

from __future__ import annotations

from collections.abc import Iterator

import click

from docs.making.markdown import MADE, fenced
from gatepost.cli import commands

INTRO = """
What `--help` says. `make run` leaves the command at `.venv/bin/gatepost`. What is refused is one
line on standard error that begins with `gatepost:`, and exit status 1.
"""


def commands_page() -> str:
    """Every command with its arguments and options."""
    return "\n".join([MADE, "# Commands", INTRO, *_sections(commands, "gatepost")])


def _sections(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(
        command,
        info_name=name,
        # A command remembers the first names of its help option that it is asked for.
        help_option_names=["-h", "--help"],
        max_content_width=88,
        terminal_width=88,
    )
    yield f"## `{name}`\n"
    yield fenced(command.get_help(context).strip(), "text")
    if isinstance(command, click.Group):
        for own, member in command.commands.items():
            yield from _sections(member, f"{name} {own}")
