"""`gatepost emulator`."""

from __future__ import annotations

import os
import signal
import stat
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import click
import msgspec

from gatepost.cli import listening
from gatepost.testing.emulation import Announcement, EmulatorApplication, emulator_settings
from gatepost.testing.environment import environment

FAREWELL_SECONDS = 0.2


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    show_default=True,
    help="0 takes any free port.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON for programs.")
def emulator(port: int, as_json: bool) -> None:
    """A server for the tests of an app: with a pool, an app and a user, and nothing that lasts.

    Prints what to sign in with once it is ready. Ends when its standard input closes, if that
    is a pipe, or on SIGTERM, and removes its temporary folder. Settings of Gatepost in the
    environment do not count here.
    """
    listening.leave_in_order()
    with TemporaryDirectory(prefix="gatepost-emulator-") as folder:
        listener = listening.listen(emulator_settings(Path(folder), port))
        settings = emulator_settings(Path(folder), listener.getsockname()[1])
        _end_with_stdin()

        def announce(ready: Announcement) -> None:
            click.echo(msgspec.json.encode(ready) if as_json else _lines(ready))

        app = EmulatorApplication(settings, announce)
        listening.run(app, listener, workers=1, farewell_seconds=FAREWELL_SECONDS)


def _lines(ready: Announcement) -> str:
    variables = environment(msgspec.to_builtins(ready))
    return "\n".join(f"{name}={value}" for name, value in variables.items())


def _end_with_stdin() -> None:
    """A test process that dies, however that is, lets go of its end of the pipe."""
    if sys.stdin is None:
        return
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return

    def wait() -> None:
        while os.read(0, 4096):
            continue
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=wait, name="end-with-stdin", daemon=True).start()
