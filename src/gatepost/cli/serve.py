"""`gatepost serve`."""

from __future__ import annotations

import asyncio
import os
from contextlib import AbstractContextManager, nullcontext
from tempfile import TemporaryDirectory

import click
import msgspec

from gatepost.app import Application
from gatepost.cli import listening, worker
from gatepost.cli.running import opened_to_serve, settings_here
from gatepost.metrics import port as metrics_port
from gatepost.settings import Settings

FAREWELL_SECONDS = 10


@click.command()
@click.option("--host", help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), help="0 takes any free port.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
def serve(host: str | None, port: int | None, workers: int) -> None:
    """Run the server, its mail worker included."""
    settings = settings_here()
    if host:
        settings = msgspec.structs.replace(settings, host=host)
    if port is not None:
        settings = msgspec.structs.replace(settings, port=port)
    listener = listening.listen(settings)
    settings = msgspec.structs.replace(settings, port=listener.getsockname()[1])
    asyncio.run(_look_around(settings))
    with metrics_port.reserved(settings) as settings, _folder_of(workers) as folder:
        listening.leave_in_order()
        if settings.metrics_port is not None:
            click.echo(f"Metrics at {settings.metrics_url}")
        click.echo(f"Gatepost listens on {settings.listening}, workers: {workers}")
        if workers == 1:
            app: Application | str = Application(settings, rereads_keys=True)
        else:
            _tell_workers(settings, workers, folder)
            app = "gatepost.cli.worker:create"
        listening.run(app, listener, workers=workers, farewell_seconds=FAREWELL_SECONDS)


def _folder_of(workers: int) -> AbstractContextManager[str]:
    """Where several workers meet; one alone needs no place that can be written to."""
    return TemporaryDirectory(prefix="gatepost-") if workers > 1 else nullcontext("")


def _tell_workers(settings: Settings, workers: int, folder: str) -> None:
    """Worker processes read their settings anew: they must find the same ones."""
    os.environ["GATEPOST_HOST"] = settings.host
    os.environ["GATEPOST_PORT"] = str(settings.port)
    if settings.metrics_port is not None:
        os.environ["GATEPOST_METRICS_PORT"] = str(settings.metrics_port)
    os.environ |= {worker.FOLDER: folder, worker.COUNT: str(workers)}


async def _look_around(settings: Settings) -> None:
    """Bring SQLite's schema up to date, make first keys, and find every mistake in the settings
    before any worker starts."""
    async with opened_to_serve(settings):
        pass
