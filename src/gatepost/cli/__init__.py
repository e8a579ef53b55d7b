"""The command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from gatepost import __version__
from gatepost.cli.apps import app
from gatepost.cli.audit import audit
from gatepost.cli.emulator import emulator
from gatepost.cli.keys import keys
from gatepost.cli.mail import mail
from gatepost.cli.mailbox import mailbox
from gatepost.cli.migrate import migrate
from gatepost.cli.pools import pool
from gatepost.cli.quickstart import quickstart
from gatepost.cli.serve import serve
from gatepost.cli.users import user
from gatepost.messages import refusal_words
from gatepost.server_keys import UnknownServerKey
from gatepost.settings import SettingError
from gatepost.storage.migration import SchemaTooNew
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import Refusal


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gatepost")
def commands() -> None:
    """Gatepost: a self-hosted identity server for accounts that live on an e-mail address.

    Settings come from the environment (GATEPOST_…) or from gatepost.toml in this folder.
    """


_COMMANDS = (quickstart, serve, migrate, pool, app, user, mail, mailbox, keys, audit, emulator)

for command in _COMMANDS:
    commands.add_command(command)


def main(words: Sequence[str] | None = None) -> None:
    """Run a command, by default the one that this process was started with.

    What is refused is one line on standard error and exit status 1.
    """
    os.umask(0o077)  # what commands write is for their owner: hashes, keys, the mailbox
    if not all(_is_utf8(word) for word in (sys.argv[1:] if words is None else words)):
        _fail("an argument is not UTF-8")
    try:
        commands(words, prog_name="gatepost")
    except (SettingError, SchemaTooNew) as error:
        _fail(str(error))
    except Refusal as refusal:
        _fail(refusal_words(Language.EN_US, refusal))
    except UnknownServerKey as error:
        _fail(f"server key {error.args[0]} is missing, and the database needs it")
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _fail(place + (error.strerror or str(error)).lower())


def _is_utf8(word: str) -> bool:
    """Whether an argument can be stored and shown; Python reads any octets as some text."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fail(line: str) -> None:
    click.echo(f"gatepost: {' '.join(line.split())}", err=True)
    sys.exit(1)
